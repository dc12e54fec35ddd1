//! Users and groups of the host or of a container: its passwd and group files, and which of its ids stands for which
//! of the kernel's.

use std::collections::HashMap;

use crate::process::ProcessKey;

use super::root::{ProcessDirectory, Refusal, Root};

/// Largest passwd or group file that is read, in bytes.
pub const MAX_FILE: u64 = 1 << 20;
/// Most users, and most groups, kept of a container; of the host as many as its files have.
const MAX_CONTAINER: usize = 256;
/// Longest text kept of an account, in bytes.
const MAX_TEXT: usize = 256;

/// A user or a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: Box<[u8]>,
    /// The home directory; a group has none.
    pub home: Box<[u8]>,
    /// The login shell; a group has none.
    pub shell: Box<[u8]>,
}

/// All users and groups of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    users: HashMap<u32, Account>,
    groups: HashMap<u32, Account>,
    uids: IdMap,
    gids: IdMap,
}

/// Where accounts are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The host's own files.
    Host,
    /// Those that the first of these processes that still lives sees.
    Container {
        /// Processes in the container.
        processes: Vec<ProcessKey>,
        /// Inode number of the mount namespace they have to be in.
        mnt_ns: u32,
        /// Inode number of the user namespace whose ids are asked for.
        user_ns: u32,
    },
}

impl Accounts {
    /// Reads them.
    pub fn read(place: &Place) -> Result<Self, Refusal> {
        match place {
            Place::Host => Self::in_root(&Root::of_host()?, usize::MAX),
            Place::Container { processes, mnt_ns, user_ns } => {
                let (root, process) = Root::of_any(processes, *mnt_ns)?;
                let mut accounts = Self::in_root(&root, MAX_CONTAINER)?;
                if process.namespace("user")? == *user_ns {
                    accounts.uids = IdMap::of(&process, "uid_map")?;
                    accounts.gids = IdMap::of(&process, "gid_map")?;
                }
                Ok(accounts)
            }
        }
    }

    /// A place without groups is one; a place without users is not.
    fn in_root(root: &Root, most: usize) -> Result<Self, Refusal> {
        let users = parse(&root.read(b"/etc/passwd", MAX_FILE)?, most);
        let groups = root.read(b"/etc/group", MAX_FILE).map(|file| parse(&file, most)).unwrap_or_default();
        Ok(Self { users, groups, ..Self::default() })
    }

    /// The user to whom this id of the kernel's belongs in there.
    pub fn user(&self, uid: u32) -> Option<&Account> {
        self.users.get(&self.uids.inside(uid)?)
    }

    /// The group to which this id of the kernel's belongs in there.
    pub fn group(&self, gid: u32) -> Option<&Account> {
        self.groups.get(&self.gids.inside(gid)?)
    }

    /// The id of the group of this name, if there is one.
    pub fn group_id(&self, name: &[u8]) -> Option<u32> {
        self.groups.iter().filter(|(_, group)| *group.name == *name).map(|(id, _)| *id).min()
    }

    /// The user id that this one of the kernel's is in there.
    pub fn inner_uid(&self, uid: u32) -> Option<u32> {
        self.uids.inside(uid)
    }
}

/// Lines of `name:password:number:...`; of several with one number the first counts, as for the C library.
fn parse(file: &[u8], most: usize) -> HashMap<u32, Account> {
    let mut accounts = HashMap::new();
    for line in file.split(|byte| *byte == b'\n') {
        if accounts.len() >= most {
            break;
        }
        if let Some((number, account)) = account(line) {
            accounts.entry(number).or_insert(account);
        }
    }
    accounts
}

fn account(line: &[u8]) -> Option<(u32, Account)> {
    let mut fields = line.split(|byte| *byte == b':');
    let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    // Of a user the group and the comment follow; of a group nothing that is wanted.
    let [home, shell] = [fields.nth(2), fields.next()].map(Option::unwrap_or_default);
    let text = |bytes: &[u8]| bytes.get(..bytes.len().min(MAX_TEXT)).unwrap_or_default().into();
    Some((number, Account { name: text(name), home: text(home), shell: text(shell) }))
}

/// What `uid_map` or `gid_map` of a process says, read from the initial user namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct IdMap(Option<Vec<Range>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    inside: u32,
    outside: u32,
    count: u32,
}

impl IdMap {
    fn of(process: &ProcessDirectory, name: &str) -> Result<Self, Refusal> {
        Ok(Self::parse(&process.file(name)?))
    }

    /// Lines of `inside outside count`; the kernel writes at most 340.
    fn parse(file: &[u8]) -> Self {
        let text = std::str::from_utf8(file).unwrap_or_default();
        Self(Some(text.lines().filter_map(Range::parse).collect()))
    }

    /// The id inside that this one outside is; without a map the same.
    fn inside(&self, outside: u32) -> Option<u32> {
        let Some(ranges) = &self.0 else { return Some(outside) };
        ranges.iter().find_map(|range| range.inside(outside))
    }
}

impl Range {
    fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.split_ascii_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { inside: next()?, outside: next()?, count: next()? })
    }

    fn inside(self, outside: u32) -> Option<u32> {
        let distance = outside.checked_sub(self.outside).filter(|distance| *distance < self.count)?;
        self.inside.checked_add(distance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_counts_and_broken_lines_do_not() {
        let users = parse(b"root:x:0:0:r:/root:/bin/sh\ntoor:x:0:0:::\nbroken\nx:y:z\n\xff:x:7:\n", 9);
        let root = Account { name: (*b"root").into(), home: (*b"/root").into(), shell: (*b"/bin/sh").into() };
        assert_eq!(users.get(&0), Some(&root));
        assert_eq!(users.get(&7).map(|user| &*user.name), Some(&b"\xff"[..]));
        assert_eq!(users.len(), 2);
        assert_eq!(parse(b"a:x:1:\nb:x:2:\nc:x:3:\n", 2).len(), 2, "bounded");
    }

    #[test]
    fn ids_are_those_of_the_user_namespace() {
        let map = IdMap::parse(b"         0     100000      65536\n     65536       1000          1\n");
        assert_eq!(map.inside(100_000), Some(0));
        assert_eq!(map.inside(165_535), Some(65_535));
        assert_eq!(map.inside(165_536), None);
        assert_eq!(map.inside(1000), Some(65_536));
        assert_eq!(map.inside(0), None, "root of the host is nobody in there");
        assert_eq!(IdMap::parse(b"0 0 4294967295\n").inside(5), Some(5));
        assert_eq!(IdMap::default().inside(5), Some(5));
        assert_eq!(IdMap::parse(b"garbage\n1 2\n").inside(5), None);
    }

    #[test]
    fn a_place_has_users_or_is_none() {
        let place = tempfile::tempdir().unwrap();
        let root = Root::at(place.path()).unwrap();
        assert_eq!(Accounts::in_root(&root, 9), Err(Refusal::Gone));
        std::fs::create_dir(place.path().join("etc")).unwrap();
        std::fs::write(place.path().join("etc/passwd"), "alice:x:1000:1000::/home/alice:/bin/sh\n").unwrap();
        let accounts = Accounts::in_root(&root, 9).unwrap();
        assert_eq!(accounts.user(1000).map(|user| &*user.name), Some(&b"alice"[..]));
        assert_eq!(accounts.group(1000), None);
    }

    #[test]
    fn the_hosts_accounts_have_root() {
        let accounts = Accounts::read(&Place::Host).unwrap();
        assert_eq!(accounts.user(0).map(|user| &*user.name), Some(&b"root"[..]));
        assert_eq!(accounts.inner_uid(12), Some(12));
        assert_eq!((accounts.group_id(b"root"), accounts.group_id(b"no such group")), (Some(0), None));
    }
}
