//! Unix sockets as files: which one a name stands for, who listens there, and giving names to others.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, RenameFlags, StatxFlags, renameat_with, statx};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use serde::{Deserialize, Serialize};

use super::peer::listener_pid;

/// Bits of a mode that are not its type.
const PERMISSIONS: u32 = 0o7777;

/// A file, whatever its name, with its owner and mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Device of its file system, major and minor number.
    pub dev: (u32, u32),
    /// Inode number.
    pub ino: u64,
    /// When it was made, where the file system says: inode numbers are used again.
    pub born: Option<(i64, u32)>,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permissions.
    pub mode: u32,
    /// Whether it is a socket.
    pub is_socket: bool,
}

impl Node {
    /// The file that has this name now; a symbolic link is one itself.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        let wanted = StatxFlags::BASIC_STATS | StatxFlags::BTIME;
        let stat = match statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, wanted) {
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            result => result?,
        };
        let has_birth = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
        let mode = u32::from(stat.stx_mode);
        Ok(Some(Self {
            dev: (stat.stx_dev_major, stat.stx_dev_minor),
            ino: stat.stx_ino,
            born: has_birth.then_some((stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec)),
            uid: stat.stx_uid,
            gid: stat.stx_gid,
            mode: mode & PERMISSIONS,
            is_socket: FileType::from_raw_mode(mode) == FileType::Socket,
        }))
    }

    /// Whether both are the same file, though owner and mode may have changed.
    pub fn is(&self, other: &Self) -> bool {
        (self.dev, self.ino, self.born) == (other.dev, other.ino, other.born)
    }
}

/// Who listens at a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// Nobody: the name is a leftover, or is none.
    Nobody,
    /// Somebody, of this process id where it can be told.
    Somebody(Option<u32>),
}

/// Asks who listens, without waiting for him to answer.
pub fn listening(path: &Path) -> io::Result<Listening> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) => Ok(Listening::Somebody(listener_pid(socket.as_fd())?)),
        // So many wait for him that he must be there.
        Err(rustix::io::Errno::AGAIN) => Ok(Listening::Somebody(None)),
        Err(rustix::io::Errno::CONNREFUSED | rustix::io::Errno::NOENT | rustix::io::Errno::NOTSOCK) => {
            Ok(Listening::Nobody)
        }
        Err(error) => Err(error.into()),
    }
}

/// Listens at a new name, with owner and mode of another socket. The directory should be closed to others: for a moment
/// the mode is the usual one.
pub fn listen_like(path: &Path, model: &Node) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(path)?;
    std::os::unix::fs::chown(path, Some(model.uid), Some(model.gid))?;
    std::fs::set_permissions(path, PermissionsExt::from_mode(model.mode))?;
    Ok(listener)
}

/// Lets two files have each other's name, at once: nobody ever sees one of the names missing.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// Gives a file a name that nobody has.
pub fn give_name(file: &Path, name: &Path) -> io::Result<()> {
    Ok(renameat_with(CWD, file, CWD, name, RenameFlags::NOREPLACE)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_keeps_its_identity_under_another_name() {
        let directory = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| directory.path().join(name));
        let _listener = UnixListener::bind(&one).unwrap();
        let first = Node::at(&one).unwrap().unwrap();
        assert!(first.is_socket);
        let copy = Node { mode: 0o640, ..first.clone() };
        let _second = listen_like(&other, &copy).unwrap();
        let second = Node::at(&other).unwrap().unwrap();
        assert_eq!((second.mode, second.uid, second.gid), (0o640, first.uid, first.gid));
        assert!(!first.is(&second));
        exchange(&one, &other).unwrap();
        assert!(
            Node::at(&one).unwrap().unwrap().is(&second) && Node::at(&other).unwrap().unwrap().is(&first)
        );
        assert!(give_name(&one, &other).is_err(), "a name that somebody has is not taken");
        give_name(&one, &directory.path().join("third")).unwrap();
        assert!(Node::at(&one).unwrap().is_none());
    }

    #[test]
    fn who_listens_is_known_and_a_leftover_is_nobodys() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        assert_eq!(listening(&path).unwrap(), Listening::Nobody);
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(listening(&path).unwrap(), Listening::Somebody(Some(std::process::id())));
        drop(listener);
        assert_eq!(listening(&path).unwrap(), Listening::Nobody);
    }
}
