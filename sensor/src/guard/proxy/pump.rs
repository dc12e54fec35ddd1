//! A body that is passed on as it comes.

use bytes::Bytes;
use http_body_util::channel::Sender;

use super::Limits;
use super::reader::{ReadError, Reader};
use super::upstream::BrokeOff;
use crate::sys::hangup::Watch;

/// Why a request that is under way ends before its answer does.
#[derive(Debug)]
pub(super) enum Cut {
    /// The client is gone.
    Gone,
    /// It does not send what it should.
    Broken(ReadError),
}

/// A body on its way. Unless it is finished it breaks off: dropped alone, it would look whole to the engine.
#[derive(Debug)]
pub(super) struct Feed(Option<Sender<Bytes, BrokeOff>>);

impl Feed {
    pub(super) fn new(sender: Sender<Bytes, BrokeOff>) -> Self {
        Self(Some(sender))
    }

    /// Whether the engine takes it.
    async fn send(&mut self, piece: Bytes) -> bool {
        match &mut self.0 {
            Some(sender) => sender.send_data(piece).await.is_ok(),
            None => false,
        }
    }

    /// That was all of it.
    fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.abort(BrokeOff);
        }
    }
}

/// Passes on what the client sends, and then looks that it stays. Comes back only if it does not.
pub(super) async fn pump(reader: &mut Reader, body: Option<Feed>, watch: &Watch, limits: &Limits) -> Cut {
    let Some(body) = body else {
        watch.closed().await;
        return Cut::Gone;
    };
    tokio::select! {
        cut = feed(reader, body, watch, limits) => cut,
        () = watch.closed() => Cut::Gone,
    }
}

async fn feed(reader: &mut Reader, mut body: Feed, watch: &Watch, limits: &Limits) -> Cut {
    loop {
        match reader.piece(limits).await {
            Ok(Some(piece)) => {
                if !body.send(piece).await {
                    // The engine does not want more of it, and has said or will say why.
                    watch.closed().await;
                    return Cut::Gone;
                }
            }
            Ok(None) => break,
            Err(error) => return Cut::Broken(error),
        }
    }
    body.finish();
    watch.closed().await;
    Cut::Gone
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use http_body_util::channel::Channel;

    use super::*;

    #[tokio::test]
    async fn only_a_body_that_is_finished_is_whole() {
        for finished in [true, false] {
            let (sender, body) = Channel::<Bytes, BrokeOff>::new(1);
            let mut feed = Feed::new(sender);
            assert!(feed.send(Bytes::from_static(b"a")).await);
            if finished {
                feed.finish();
            } else {
                drop(feed);
            }
            assert_eq!(body.collect().await.is_ok(), finished);
        }
    }
}
