//! Noticing that the other end of a connection is gone while nothing is read from it.

use std::os::fd::{AsFd, OwnedFd};

use tokio::io::unix::AsyncFd;
use tokio::io::{self, Interest};
use tokio::net::UnixStream;

/// Watches a connection without reading from it.
#[derive(Debug)]
pub struct Watch(AsyncFd<OwnedFd>);

impl Watch {
    /// Watches this one. It stays open as long as this lives.
    pub fn new(stream: &UnixStream) -> io::Result<Self> {
        let descriptor = stream.as_fd().try_clone_to_owned()?;
        // Of urgent data alone, so that only it and a hang-up wake.
        // SAFETY: the descriptor is open, it is owned by what is registered and nothing takes it out of there, and an
        // `OwnedFd` is the same descriptor until it is dropped.
        let registered = unsafe { AsyncFd::register_with_interest(descriptor, Interest::PRIORITY) };
        Ok(Self(registered?))
    }

    /// Waits until nothing can go either way any more: the other end is closed, or both have stopped sending. An end
    /// that has only stopped sending still reads.
    pub async fn closed(&self) {
        while let Ok(mut ready) = self.0.ready(Interest::PRIORITY).await {
            if ready.ready().is_read_closed() {
                return;
            }
            ready.clear_ready();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[tokio::test]
    async fn an_end_that_only_stops_sending_is_not_gone() {
        let (here, mut there) = UnixStream::pair().unwrap();
        let watch = Watch::new(&here).unwrap();
        there.write_all(b"unread").await.unwrap();
        there.shutdown().await.unwrap();
        let mut closed = std::pin::pin!(watch.closed());
        // Readable and at its end: that is seen before this returns, and the watch does not mind.
        here.readable().await.unwrap();
        tokio::select! {
            biased;
            () = &mut closed => panic!("it still reads"),
            () = tokio::task::yield_now() => {}
        }
        drop(there);
        closed.await;
    }
}
