//! Names of any bytes and any length.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Event, Place, Sensor, device_and_inode, run};

use super::{flag, is_of, only_open, open_of, opener};

/// Longest component of a path.
const NAME_MAX: usize = 255;
/// Longest path that a system call takes, without its NUL.
const PATH_MAX: usize = 4095;

#[test]
fn hostile_names_are_one_lossless_line() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let names: [&[u8]; 9] = [
        b"new\nline",
        b"\x1b[2J\x1b]0;title\x07",
        b"\xff\xfe\x80",
        b"\xe2\x82 cut short",
        "\u{202e}gnp.exe\u{9b}2J".as_bytes(),
        b"\",\"fd.name\":\"forged\"\\",
        b"\\xff\\n",
        b" (deleted)",
        &[b'\xfe'; NAME_MAX],
    ];
    for name in names {
        let path = place.file(OsStr::from_bytes(name), b"");
        let event =
            only_open(&mut sensor, &opener(&place, path.as_os_str().as_bytes(), flag::RDONLY, |_| {}));
        is_of(&event, &path, device_and_inode(&path));
        assert_eq!(event.bytes("fd.nameraw"), path.as_os_str().as_bytes());
    }
}

#[test]
fn hostile_names_that_do_not_exist_are_lossless_too() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    for name in [&b"\xff\n\x1b"[..], b"line\nbreak"] {
        let program = opener(&place, name, flag::RDONLY, |_| {});
        let ended = crate::support::ended(Command::new(program).current_dir(place.path()));
        let event = open_of(&mut sensor, &ended);
        assert_eq!(event.bytes("fd.name"), name, "{event}");
    }
}

/// Makes a directory for each name, the next in the one before, and a file in the last; gives that directory.
///
/// Each is made from within the one before: the whole path may be longer than any call takes.
fn nest(place: &Place, names: &[Vec<u8>]) -> PathBuf {
    let mut directory = place.path().to_owned();
    for name in names {
        directory.push(OsStr::from_bytes(name));
        std::fs::create_dir(&directory).unwrap();
    }
    directory
}

/// Opens a file in a directory by its name alone; gives the open and the file.
fn open_in(sensor: &mut Sensor, place: &Place, directory: &Path) -> (Event, PathBuf) {
    let file = directory.join("f");
    std::fs::write(&file, b"").unwrap();
    let program = opener(place, b"f", flag::RDONLY, |_| {});
    let ended = run(Command::new(program).current_dir(directory));
    (open_of(sensor, &ended), file)
}

#[test]
fn a_path_as_long_as_they_get_is_whole() {
    let place = Place::new();
    let mut names = vec![vec![b'n'; NAME_MAX]; 15];
    let room = PATH_MAX - place.path().as_os_str().len() - b"/f".len() - names.len() * (NAME_MAX + 1);
    if let Some(last) = room.checked_sub(1).filter(|last| *last > 0) {
        names.push(vec![b'l'; last]);
    }
    let mut sensor = Sensor::events(&[]);
    let (event, file) = open_in(&mut sensor, &place, &nest(&place, &names));
    assert_eq!(file.as_os_str().len(), PATH_MAX);
    is_of(&event, &file, device_and_inode(&file));
}

#[test]
fn a_path_of_many_components_is_whole() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let names = vec![b"d".to_vec(); 180];
    let (event, file) = open_in(&mut sensor, &place, &nest(&place, &names));
    is_of(&event, &file, device_and_inode(&file));
}

#[test]
fn of_a_path_of_too_many_components_the_end_is_kept() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let names: Vec<_> = (0..250).map(|number: u32| number.to_string().into_bytes()).collect();
    let (event, file) = open_in(&mut sensor, &place, &nest(&place, &names));
    let name = event.bytes("fd.name");
    let kept = name.strip_prefix(b"...").unwrap_or_else(|| panic!("it does not say that it is cut: {event}"));
    assert!(file.as_os_str().as_bytes().ends_with(kept), "{event}");
    assert!(kept.split(|byte| *byte == b'/').count() >= 190, "{event}");
    let (device, inode) = device_and_inode(&file);
    event.is(&crate::support::want! { "fd.ino" => inode, "fd.dev" => device });
}
