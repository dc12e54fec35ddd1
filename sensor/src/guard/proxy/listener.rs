//! The socket that clients connect to.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// Who may connect: the owner and the group.
const MODE: u32 = 0o660;
/// How many connections may wait to be taken; the kernel may allow fewer.
const BACKLOG: u32 = 4096;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else serves there.
    #[error("{path}: another process listens there already; stop it, or listen elsewhere", path = .0.display())]
    InUse(PathBuf),
    /// What is there is not a socket.
    #[error("{path}: this is not a socket; remove it, or listen elsewhere", path = .0.display())]
    NotASocket(PathBuf),
    /// The kernel refuses.
    #[error("{path}: cannot listen there: {source}", path = path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
}

/// A listening socket.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    /// The file that was made for it; removed when this is dropped.
    _file: Option<Made>,
}

/// A socket's file; removed when it is dropped, if it still is this one.
#[derive(Debug)]
struct Made {
    path: PathBuf,
    /// Device and inode.
    file: (u64, u64),
}

impl Listener {
    /// Listens at `path`, for root and for this group. A file that a guard left there when it was killed is replaced.
    pub fn bind(path: &Path, group: Option<u32>) -> Result<Self, ListenError> {
        let failed = |source| ListenError::Io { path: path.to_owned(), source };
        clear(path)?;
        let socket = UnixSocket::new_stream().map_err(failed)?;
        socket.bind(path).map_err(failed)?;
        let file = fs::symlink_metadata(path).map_err(failed)?;
        let own = || {
            lchown(path, None, group).and_then(|()| fs::set_permissions(path, Permissions::from_mode(MODE)))
        };
        // Nobody can connect before it listens, and by then it belongs to whom it should.
        let socket = own().and_then(|()| socket.listen(BACKLOG)).map_err(failed)?;
        Ok(Self { socket, _file: Some(Made { path: path.to_owned(), file: (file.dev(), file.ino()) }) })
    }

    /// Takes a socket that listens already; whoever made it removes its file. To be called within a runtime.
    pub fn given(socket: std::os::unix::net::UnixListener) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket: UnixListener::from_std(socket)?, _file: None })
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let still = fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == self.file);
        if still && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("{}: cannot be removed: {error}", self.path.display());
        }
    }
}

/// Removes a socket that nobody listens at.
fn clear(path: &Path) -> Result<(), ListenError> {
    let failed = |source| ListenError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(file) if !file.file_type().is_socket() => return Err(ListenError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
        Ok(_) => Err(ListenError::InUse(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_for_its_group_and_gone_when_it_is_dropped() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("guard.sock");
        let listener = Listener::bind(&path, None).unwrap();
        let file = fs::symlink_metadata(&path).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, MODE);
        let (client, taken) = tokio::join!(UnixStream::connect(&path), listener.accept());
        assert!(client.is_ok() && taken.is_ok());
        assert!(matches!(Listener::bind(&path, None), Err(ListenError::InUse(_))));
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn only_a_socket_that_nobody_serves_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("guard.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let first = Listener::bind(&path, None).unwrap();
        // Another one has taken the place.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "not a socket").unwrap();
        drop(first);
        assert!(path.exists());
        assert!(matches!(Listener::bind(&path, None), Err(ListenError::NotASocket(_))));
    }
}
