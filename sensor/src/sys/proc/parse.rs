//! The formats of /proc's files. Everything is bytes: a process chooses its own name.

/// `PF_KTHREAD` of `task_struct.flags`.
const KERNEL_THREAD: u32 = 0x0020_0000;

/// What `stat` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) comm: Vec<u8>,
    state: u8,
    pub(super) parent: u32,
    pub(super) group: u32,
    pub(super) session: u32,
    pub(super) tty: u32,
    flags: u32,
    threads: u64,
    /// Start since boot in clock ticks, rounded down.
    pub(super) start_ticks: u64,
    /// Where the parts of its memory are, which is drawn by lot for each program that it executes. Zeroes to whoever may
    /// not know.
    addresses: [u64; ADDRESSES.len()],
}

/// What of `stat` says that a process is what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mark {
    comm: Vec<u8>,
    parent: u32,
    group: u32,
    session: u32,
    tty: u32,
    start_ticks: u64,
    addresses: [u64; ADDRESSES.len()],
}

/// Numbers of the fields with addresses: code, stack, data, heap, arguments, environment.
const ADDRESSES: [usize; 10] = [26, 27, 28, 45, 46, 47, 48, 49, 50, 51];
/// The first that nothing needs any more.
const LAST: usize = 51;

/// What `status` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) uid: u32,
    pub(super) euid: u32,
    pub(super) gid: u32,
    pub(super) egid: u32,
    /// Thread-group id in the process's own pid namespace.
    pub(super) vpid: u32,
    pub(super) cap_permitted: u64,
    pub(super) cap_effective: u64,
    pub(super) cap_inheritable: u64,
}

impl Stat {
    /// Reads `pid (comm) state ppid ...`; only the last parenthesis ends the name.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let open = line.iter().position(|byte| *byte == b'(')?;
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let comm = line.get(open.checked_add(1)?..close)?.to_vec();
        let behind = line.get(close.checked_add(1)?..)?;
        let fields: Vec<&[u8]> =
            behind.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()).take(LAST - 2).collect();
        // The manual counts from 1, and the state is its field 3.
        let field = |number: usize| fields.get(number.checked_sub(3)?).copied();
        Some(Self {
            comm,
            state: *field(3)?.first()?,
            parent: number(field(4)?)?,
            group: number(field(5)?)?,
            session: number(field(6)?)?,
            tty: signed(field(7)?)?,
            flags: number(field(9)?)?,
            threads: number(field(20)?)?,
            start_ticks: number(field(22)?)?,
            addresses: ADDRESSES.map(|place| field(place).and_then(number).unwrap_or(0)),
        })
    }

    /// What is compared later.
    pub(super) fn mark(&self) -> Mark {
        let Self { comm, parent, group, session, tty, start_ticks, addresses, .. } = self;
        Mark {
            comm: comm.clone(),
            parent: *parent,
            group: *group,
            session: *session,
            tty: *tty,
            start_ticks: *start_ticks,
            addresses: *addresses,
        }
    }

    /// Whether it does not say to this process where the parts of its memory are, nor then what it runs.
    pub(super) fn hides_memory(&self) -> bool {
        !self.is_kernel_thread() && self.addresses.contains(&0)
    }

    /// Whether nothing of it runs any more. The first thread may have ended before the others.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') && self.threads <= 1
    }

    pub(super) fn is_kernel_thread(&self) -> bool {
        self.flags & KERNEL_THREAD != 0
    }
}

impl Status {
    /// Reads `Key:\tvalue...` lines; without user and group ids it is of no use.
    pub(super) fn parse(lines: &[u8]) -> Option<Self> {
        let mut status = Self::default();
        let (mut uids, mut gids) = (None, None);
        for line in lines.split(|byte| *byte == b'\n') {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (key, value) = line.split_at_checked(colon)?;
            let value = value.get(1..)?;
            match key {
                b"Uid" => uids = pair(value),
                b"Gid" => gids = pair(value),
                b"NStgid" => status.vpid = words(value).last().and_then(number).unwrap_or(0),
                b"CapInh" => status.cap_inheritable = hexadecimal(value),
                b"CapPrm" => status.cap_permitted = hexadecimal(value),
                b"CapEff" => status.cap_effective = hexadecimal(value),
                _ => {}
            }
        }
        (status.uid, status.euid) = uids?;
        (status.gid, status.egid) = gids?;
        Some(status)
    }
}

/// The path in the v2 hierarchy, from the line `0::/path`.
pub(super) fn cgroup(lines: &[u8]) -> Box<[u8]> {
    let path = lines.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"0::"));
    path.unwrap_or_default().into()
}

/// The inode number in `mnt:[4026531840]`.
pub(in crate::sys) fn namespace(link: &[u8]) -> Option<u32> {
    let open = link.iter().position(|byte| *byte == b'[')?;
    number(link.get(open.checked_add(1)?..)?.strip_suffix(b"]")?)
}

/// A terminal's device number, from the form that `stat` uses (minor's high bits, major, minor's low byte) to
/// `major << 20 | minor`.
pub(super) fn tty(encoded: u32) -> u32 {
    let major = (encoded >> 8) & 0xfff;
    let minor = (encoded & 0xff) | ((encoded >> 12) & 0x000f_ff00);
    major << 20 | minor
}

/// A decimal number and nothing else.
pub(super) fn number<N: std::str::FromStr>(digits: &[u8]) -> Option<N> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A number that the kernel prints signed although it is none.
fn signed(digits: &[u8]) -> Option<u32> {
    number::<i64>(digits).and_then(|value| u32::try_from(value & i64::from(u32::MAX)).ok())
}

fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// Real and effective id.
fn pair(value: &[u8]) -> Option<(u32, u32)> {
    let mut ids = words(value).map(number);
    Some((ids.next()??, ids.next()??))
}

fn hexadecimal(value: &[u8]) -> u64 {
    let digits = std::str::from_utf8(value.trim_ascii()).unwrap_or_default();
    u64::from_str_radix(digits, 16).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &[u8] = b" S 6909 6900 5311 34816 -1 4194304 99 0 0 0 0 0 0 0 20 0 3 0 115713 3133440 406\n";

    #[test]
    fn a_stat_line_is_read_whatever_the_process_calls_itself() {
        for name in [&b"cat"[..], b"a) R 1 (b", b")", b"", b"x\ny z\xff"] {
            let stat = Stat::parse(&[b"6917 (", name, b")", TAIL].concat()).unwrap();
            assert_eq!(stat.comm, name);
            assert_eq!((stat.parent, stat.group, stat.session, stat.tty), (6909, 6900, 5311, 34816));
            assert_eq!((stat.threads, stat.start_ticks), (3, 115_713));
            assert!(!stat.has_ended() && !stat.is_kernel_thread());
        }
    }

    #[test]
    fn a_stat_line_that_is_cut_is_refused() {
        let whole = [b"1 (a)", &TAIL[..TAIL.len() - b" 3133440 406\n".len()]].concat();
        assert!(Stat::parse(&whole).is_some());
        for len in 0..whole.len() - b"115713".len() {
            assert_eq!(Stat::parse(&whole[..len]), None, "{len}");
        }
    }

    #[test]
    fn only_a_process_without_other_threads_has_ended() {
        let line = |state: &str, threads: u32| {
            let line = format!("5 (a) {state} 1 5 5 0 -1 4 0 0 0 0 0 0 0 0 20 0 {threads} 0 77 0");
            Stat::parse(line.as_bytes()).unwrap().has_ended()
        };
        assert!(line("Z", 1) && line("X", 0));
        assert!(!line("Z", 2) && !line("S", 1));
    }

    #[test]
    fn status_gives_ids_namespaced_pid_and_capabilities() {
        let text = b"Name:\ta:b\nUid:\t1000\t0\t0\t0\nGid:\t7\t8\t8\t8\nNStgid:\t77\t5\t1\n\
            CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000400\n";
        let status = Status::parse(text).unwrap();
        let expected = Status {
            uid: 1000,
            euid: 0,
            gid: 7,
            egid: 8,
            vpid: 1,
            cap_permitted: 0x1ff_ffff_ffff,
            cap_effective: 0x400,
            cap_inheritable: 1,
        };
        assert_eq!(status, expected);
        assert_eq!(Status::parse(b"Name:\ta\nUid:\t1\n"), None);
        assert_eq!(Status::parse(b""), None);
    }

    #[test]
    fn only_the_v2_line_counts() {
        assert_eq!(&*cgroup(b"4:memory:/x\n1:name=systemd:/y\n0::/a:0::b\n"), b"/a:0::b");
        assert_eq!(&*cgroup(b"4:memory:/x\n"), b"");
    }

    #[test]
    fn namespaces_are_told_by_their_inode() {
        assert_eq!(namespace(b"mnt:[4026531840]"), Some(4_026_531_840));
        assert_eq!(namespace(b"mnt:[]"), None);
        assert_eq!(namespace(b"mnt:4026531840"), None);
    }

    #[test]
    fn terminals_get_the_kernels_own_number() {
        assert_eq!(tty(34_816), 136 << 20, "pts/0");
        assert_eq!(tty(0x0010_882c), 0x0880_012c, "pts/300");
        assert_eq!(tty(0), 0);
        let printed = 0x8010_8900_u32.cast_signed().to_string();
        assert_eq!(
            signed(printed.as_bytes()),
            Some(0x8010_8900),
            "a high minor is printed as a negative number"
        );
    }
}
