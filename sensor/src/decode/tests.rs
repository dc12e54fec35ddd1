//! Whole records: what the kernel sends comes out as it went in, and nothing it could send is a panic.

use sensor_common::event::container as cgroup;
use sensor_common::event::file::{FileOpen, file_flags};
use sensor_common::event::process::{ProcessExec, ProcessExit, ProcessFork};
use sensor_common::event::{Kind, Payload};
use sensor_common::header::Header;
use sensor_common::tail::{Path, Slice, path_flags};

use zerocopy::IntoBytes;

use super::record::Tail;
use super::{Body, DecodeError, Event, Exec, Open, decode};

fn header() -> Header {
    Header { time: 7, pid: 42, start: 5, uid: 1000, ..Header::default() }
}

fn exec_record() -> Vec<u8> {
    let mut tail = Tail::default();
    let payload = ProcessExec {
        argc: 3,
        argv_len: 10,
        exe_ino: 99,
        exe_nlink: 1,
        argv: tail.slice(b"sh\0-c\0\n\x1b\xff\0"),
        filename: tail.slice(b"./sh\0"),
        exe: tail.path(b"/usr/bin/dash"),
        cwd: tail.path(b"/home/a\nb"),
        ..ProcessExec::default()
    };
    tail.record(header(), &payload)
}

fn open_record() -> Vec<u8> {
    let mut tail = Tail::default();
    let name = tail.slice(b"../etc/shadow\0");
    let path = tail.path(b"/etc/shadow");
    tail.record(header(), &FileOpen { ino: 3, name, path, ..FileOpen::default() })
}

/// A record of every kind.
fn records() -> Vec<(Kind, Vec<u8>)> {
    let mut tail = Tail::default();
    let path = tail.slice(b"/docker/a\0");
    let none = Tail::default();
    let mut records = vec![
        (Kind::ProcessFork, none.record(header(), &ProcessFork { child_pid: 43, ..ProcessFork::default() })),
        (Kind::ProcessExec, exec_record()),
        (Kind::ProcessExit, none.record(header(), &ProcessExit { status: 256, reserved: 0 })),
        (Kind::FileOpen, open_record()),
        (Kind::CgroupMkdir, tail.record(header(), &cgroup::CgroupMkdir { id: 9, hierarchy: 0, path })),
        (
            Kind::CgroupAttachTask,
            tail.record(header(), &cgroup::CgroupAttachTask { id: 9, path, ..Default::default() }),
        ),
        (Kind::CgroupRmdir, tail.record(header(), &cgroup::CgroupRmdir { id: 9, hierarchy: 0, path })),
    ];
    for kind in Kind::ALL {
        if records.iter().all(|(known, _)| known != kind) {
            records.push((*kind, empty_record(*kind)));
        }
    }
    records
}

/// Nothing but zeroes, as long as the kind's records are without a tail.
fn empty_record(kind: Kind) -> Vec<u8> {
    let header = Header { kind: kind as u16, ..header() };
    [header.as_bytes(), &vec![0; kind.payload_size()]].concat()
}

fn exec(record: &[u8]) -> Exec {
    let Body::Exec(exec) = decode(record).unwrap().body else { panic!("not an exec") };
    (*exec).clone()
}

fn open(record: &[u8]) -> Open {
    let Body::Open(open) = decode(record).unwrap().body else { panic!("not an open") };
    *open
}

#[test]
fn every_kind_is_decoded_as_itself() {
    for (kind, record) in records() {
        let event = decode(&record).unwrap();
        assert_eq!(event.kind(), kind);
        assert_eq!((event.header.pid, event.header.start, event.header.time), (42, 5, 7));
    }
}

#[test]
fn every_truncation_is_a_classified_error() {
    for (kind, record) in records() {
        for len in 0..record.len() {
            let fixed = size_of::<Header>() + kind.payload_size();
            match decode(&record[..len]) {
                Err(DecodeError::Short { len: seen, needed }) => {
                    assert!(len < fixed && seen == len && needed <= fixed, "{} at {len}", kind.name());
                }
                Err(DecodeError::BadTail { tail_len: _, available }) => assert_eq!(available, len - fixed),
                other => panic!("{} at {len}: {other:?}", kind.name()),
            }
        }
    }
}

#[test]
fn slack_behind_the_tail_changes_nothing() {
    for (_, mut record) in records() {
        let event = decode(&record).unwrap();
        record.extend_from_slice(&[0xaa; 100]);
        assert_eq!(decode(&record), Ok(event));
    }
}

#[test]
fn records_may_begin_at_any_address() {
    for (_, record) in records() {
        let event = decode(&record).unwrap();
        for shift in 1..8 {
            let shifted = [&vec![0; shift], &record[..]].concat();
            assert_eq!(decode(&shifted[shift..]).as_ref(), Ok(&event));
        }
    }
}

#[test]
fn unknown_kinds_are_told_by_their_id() {
    let mut record = exec_record();
    for id in [0_u16, 0x0100, 0x01ff, 0x06ff, u16::MAX] {
        record[..2].copy_from_slice(&id.to_ne_bytes());
        assert_eq!(decode(&record), Err(DecodeError::UnknownKind(id)));
    }
}

#[test]
fn slices_out_of_the_tail_are_told_by_their_name() {
    let beyond =
        [Slice { start: 0, len: 1 }, Slice { start: u16::MAX, len: u16::MAX }, Slice { start: 1, len: 0 }];
    for slice in beyond {
        let none = Tail::default();
        let path = Path { components: slice, flags: 0 };
        let cases = [
            ("argv", none.record(header(), &ProcessExec { argv: slice, ..Default::default() })),
            ("argv_tail", none.record(header(), &ProcessExec { argv_tail: slice, ..Default::default() })),
            ("filename", none.record(header(), &ProcessExec { filename: slice, ..Default::default() })),
            ("exe", none.record(header(), &ProcessExec { exe: path, ..Default::default() })),
            ("cwd", none.record(header(), &ProcessExec { cwd: path, ..Default::default() })),
            ("name", none.record(header(), &FileOpen { name: slice, ..Default::default() })),
            ("path", none.record(header(), &FileOpen { path, ..Default::default() })),
            ("path", none.record(header(), &cgroup::CgroupMkdir { path: slice, ..Default::default() })),
            ("path", none.record(header(), &cgroup::CgroupAttachTask { path: slice, ..Default::default() })),
            ("path", none.record(header(), &cgroup::CgroupRmdir { path: slice, ..Default::default() })),
        ];
        for (what, record) in cases {
            assert_eq!(decode(&record), Err(DecodeError::BadSlice(what)), "{slice:?}");
        }
    }
}

#[test]
fn every_error_is_counted_under_a_listed_name() {
    let errors = [
        DecodeError::Short { len: 0, needed: 64 },
        DecodeError::UnknownKind(0),
        DecodeError::BadTail { tail_len: 1, available: 0 },
        DecodeError::BadSlice("argv"),
    ];
    assert_eq!(errors.map(|error| error.name()), DecodeError::NAMES);
}

#[test]
fn random_bytes_never_panic() {
    // SplitMix64: the same 100,000 records on every run.
    let mut state = 0x5eed_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut decoded = 0;
    for round in 0..100_000_usize {
        let words = usize::try_from(next() % 80).unwrap();
        let mut record: Vec<u8> = (0..words).flat_map(|_| next().to_ne_bytes()).collect();
        // Most rounds get past the kind, half of those past the length, and some have short slices.
        if round % 8 != 0 && record.len() > 8 {
            let kind = Kind::ALL[round % Kind::ALL.len()];
            record[..2].copy_from_slice(&(kind as u16).to_ne_bytes());
            let fixed = size_of::<Header>() + kind.payload_size();
            if round % 2 == 0 && record.len() >= fixed {
                let tail = u32::try_from(record.len() - fixed).unwrap();
                record[4..8].copy_from_slice(&tail.to_ne_bytes());
                for byte in record[64..fixed].iter_mut().skip(1).step_by(2) {
                    *byte = 0;
                }
            }
        }
        decoded += usize::from(decode(&record).is_ok());
    }
    assert!(decoded > 1_000, "only {decoded} records got as far as an event");
}

#[test]
fn an_exec_comes_out_as_it_went_in() {
    let exec = exec(&exec_record());
    assert_eq!(exec.argv.args().collect::<Vec<_>>(), [&b"sh"[..], b"-c", b"\n\x1b\xff"]);
    assert_eq!(&*exec.filename, b"./sh");
    assert_eq!(exec.exe.as_bytes(), b"/usr/bin/dash");
    assert_eq!(exec.cwd.as_bytes(), b"/home/a\nb");
    assert!(!exec.is_deleted() && !exec.is_memfd() && !exec.is_upper_layer());
}

#[test]
fn an_exec_without_arguments_has_none() {
    let exec = exec(&Tail::default().record(header(), &ProcessExec::default()));
    assert_eq!(exec.argv.args().count(), 0);
    assert_eq!(exec.argv.argc(), 0);
    assert!(!exec.argv.is_truncated());
}

#[test]
fn a_long_argument_area_keeps_head_tail_and_length() {
    let mut tail = Tail::default();
    let payload = ProcessExec {
        argc: 2,
        argv_len: 200_000,
        argv: tail.slice(&[b'a'; 4096]),
        argv_tail: tail.slice(&[&[b'b'; 1023][..], b"\0"].concat()),
        ..ProcessExec::default()
    };
    let argv = exec(&tail.record(header(), &payload)).argv;
    assert!(argv.is_truncated());
    assert_eq!(
        (argv.head().len(), argv.tail().len(), argv.total_len(), argv.argc()),
        (4096, 1024, 200_000, 2)
    );
}

#[test]
fn a_deleted_executable_is_flagged_and_keeps_its_path() {
    let mut tail = Tail::default();
    let gone = ProcessExec { exe_ino: 9, exe: tail.path(b"/tmp/x"), ..ProcessExec::default() };
    let exec = exec(&tail.record(header(), &gone));
    assert!(exec.is_deleted());
    assert_eq!(exec.exe.as_bytes(), b"/tmp/x");
}

#[test]
fn a_memfd_is_called_as_the_kernel_calls_it_and_is_not_deleted() {
    let mut tail = Tail::default();
    let components = tail.slice(b"memfd:a/b\n\0");
    let payload = ProcessExec {
        exe_ino: 9,
        exe_flags: file_flags::MEMFD | file_flags::DELETED,
        exe: Path { components, flags: path_flags::DETACHED },
        ..ProcessExec::default()
    };
    let exec = exec(&tail.record(header(), &payload));
    assert_eq!(exec.exe.as_bytes(), b"memfd:a/b\n");
    assert!(exec.is_memfd() && !exec.is_deleted());
}

#[test]
fn the_root_as_working_directory_is_told_from_an_unknown_one() {
    let mut tail = Tail::default();
    let root = Path { components: tail.slice(b"\0"), flags: 0 };
    let payload = ProcessExec { cwd: root, ..ProcessExec::default() };
    assert_eq!(exec(&tail.record(header(), &payload)).cwd.as_bytes(), b"/");
    assert!(exec(&Tail::default().record(header(), &ProcessExec::default())).cwd.is_empty());
}

#[test]
fn an_open_comes_out_as_it_went_in() {
    let open = open(&open_record());
    assert_eq!(&*open.name, b"../etc/shadow");
    assert_eq!(open.path.as_bytes(), b"/etc/shadow");
    assert!(!open.is_failed());
}

#[test]
fn the_longest_names_are_kept_whole() {
    let mut tail = Tail::default();
    let long: Vec<u8> = (0..4095).map(|i| if i % 2 == 0 { b'/' } else { 0xfe }).collect();
    let payload = FileOpen { ino: 1, name: tail.slice(&long), path: tail.path(&long), ..FileOpen::default() };
    let open = open(&tail.record(header(), &payload));
    assert_eq!(&*open.name, &long[..]);
    // Each of the 2,047 components is named; the last slash of the name leads nowhere.
    assert_eq!(open.path.as_bytes(), &long[..4094]);
}

#[test]
fn a_failed_open_has_no_path_and_an_opened_root_has_one() {
    let none = Tail::default();
    let failed = FileOpen { error: -2, ..FileOpen::default() };
    assert!(open(&none.record(header(), &failed)).path.is_empty());
    let mut tail = Tail::default();
    let path = Path { components: tail.slice(b"\0"), flags: 0 };
    let root = FileOpen { ino: 2, inode_mode: 0o040_755, path, ..FileOpen::default() };
    assert_eq!(open(&tail.record(header(), &root)).path.as_bytes(), b"/");
}

#[test]
fn a_pipe_without_a_name_is_called_by_its_inode() {
    let mut tail = Tail::default();
    let path = Path { components: tail.slice(b"\0"), flags: path_flags::DETACHED };
    let payload = FileOpen { ino: 77, inode_mode: 0o010_600, path, ..FileOpen::default() };
    assert_eq!(open(&tail.record(header(), &payload)).path.as_bytes(), b"pipe:[77]");
}

#[test]
fn cgroup_paths_lose_only_their_nul() {
    let mut tail = Tail::default();
    let path = tail.slice(b"/a\nb:/init.scope\0");
    let sent =
        cgroup::CgroupAttachTask { id: 5, target_start: 6, target_pid: 7, hierarchy: 1, path, reserved: 0 };
    let event = decode(&tail.record(header(), &sent)).unwrap();
    let Event { body: Body::CgroupAttachTask(attach), .. } = event else { panic!("{event:?}") };
    assert_eq!(&*attach.path, b"/a\nb:/init.scope");
    assert_eq!((attach.id, attach.target_start, attach.target_pid, attach.hierarchy), (5, 6, 7, 1));
    assert_eq!(cgroup::CgroupAttachTask::KIND, Kind::CgroupAttachTask);
}
