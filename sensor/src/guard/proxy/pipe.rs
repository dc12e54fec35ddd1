//! A connection that has become a stream: bytes both ways, until either side is gone.

use bytes::Bytes;
use tokio::io::{self, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use crate::sys::hangup::Watch;

/// Bytes on their way, in each direction.
const BUFFER: usize = 32 * 1024;

/// One end: what was read of it already, its two halves, and a watch on it.
#[derive(Debug)]
pub(super) struct End<R, W> {
    pub(super) early: Bytes,
    pub(super) read: R,
    pub(super) write: W,
    pub(super) watch: Watch,
}

/// Passes on what either end sends, and that it has stopped sending. When one is gone, what it sent before is passed on,
/// and nobody waits for the other.
pub(super) async fn pipe<R, W, S, V>(client: End<R, W>, engine: End<S, V>)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
    S: AsyncRead + Unpin,
    V: AsyncWrite + Unpin,
{
    let to_engine = one_way(client.early, client.read, engine.write, &client.watch);
    let to_client = one_way(engine.early, engine.read, client.write, &engine.watch);
    tokio::select! {
        () = to_engine => {}
        () = to_client => {}
    }
}

/// Comes back when the end that it reads from is gone. If it cannot write, the other end is, and the other direction
/// has still to bring what that one sent last.
async fn one_way<R, W>(early: Bytes, read: R, mut write: W, watch: &Watch)
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    if copy(early, read, &mut write).await.is_ok() {
        // What cannot be shut down is closed.
        write.shutdown().await.unwrap_or_default();
    }
    watch.closed().await;
}

async fn copy<R, W>(early: Bytes, read: R, write: &mut W) -> io::Result<()>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    write.write_all(&early).await?;
    io::copy_buf(&mut BufReader::with_capacity(BUFFER, read), write).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::UnixStream;
    use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

    use super::*;

    fn end(early: &'static [u8]) -> (UnixStream, End<OwnedReadHalf, OwnedWriteHalf>) {
        let (outside, inside) = UnixStream::pair().unwrap();
        let watch = Watch::new(&inside).unwrap();
        let (read, write) = inside.into_split();
        (outside, End { early: Bytes::from_static(early), read, write, watch })
    }

    #[tokio::test]
    async fn each_direction_ends_for_itself() {
        let ((mut client, here), (mut engine, there)) = (end(b"early "), end(b"first "));
        let piping = tokio::spawn(pipe(here, there));
        client.write_all(b"in").await.unwrap();
        client.shutdown().await.unwrap();
        let mut text = String::new();
        engine.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "early in");
        engine.write_all(b"out").await.unwrap();
        drop(engine);
        text.clear();
        client.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "first out");
        piping.await.unwrap();
    }

    #[tokio::test]
    async fn an_engine_that_is_gone_ends_it_for_a_client_that_says_nothing() {
        let ((mut client, here), (mut engine, there)) = (end(b""), end(b""));
        let piping = tokio::spawn(pipe(here, there));
        // More than fits anywhere on the way, so that it is on its way when the engine goes.
        let output = vec![b'x'; 1 << 20];
        let (written, read) = tokio::join!(
            async move {
                engine.write_all(&output).await.unwrap();
                drop(engine);
            },
            async {
                let mut seen = Vec::new();
                client.read_to_end(&mut seen).await.unwrap();
                seen.len()
            }
        );
        assert_eq!((written, read), ((), 1 << 20));
        piping.await.unwrap();
    }

    #[tokio::test]
    async fn a_client_that_is_gone_ends_it_for_an_engine_that_says_nothing() {
        let ((client, here), (mut engine, there)) = (end(b""), end(b""));
        let piping = tokio::spawn(pipe(here, there));
        drop(client);
        assert_eq!(engine.read(&mut [0]).await.unwrap(), 0);
        piping.await.unwrap();
    }
}
