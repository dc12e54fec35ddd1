//! Fake engines for tests: unix sockets that answer with whatever bytes a test wants.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// What a fake engine does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes over and over.
    Endless(Vec<u8>, Vec<u8>),
    /// Sends these bytes and keeps the connection open.
    Open(Vec<u8>),
}

impl Reply {
    /// A whole answer with a JSON body.
    pub(crate) fn json(body: &str) -> Self {
        let length = body.len();
        Self::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes())
    }

    /// An answer without a body.
    pub(crate) fn status(line: &str) -> Self {
        Self::Bytes(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes())
    }
}

/// Answers by the start of the request's path; the longest start wins.
pub(crate) type Script = BTreeMap<&'static str, Reply>;

/// A fake engine, gone when dropped.
#[derive(Debug)]
pub(crate) struct FakeEngine {
    directory: TempDir,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl FakeEngine {
    /// Listens and answers by `script`; must be called within a tokio runtime.
    pub(crate) fn start(script: Script) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("fake.sock")).unwrap();
        let script = Arc::new(Mutex::new(script));
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&shared)));
            }
        });
        Self { directory, script, task }
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("fake.sock")
    }

    /// Changes an answer.
    pub(crate) fn set(&self, path: &'static str, reply: Reply) {
        self.script.lock().unwrap().insert(path, reply);
    }
}

impl Drop for FakeEngine {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: UnixStream, script: Arc<Mutex<Script>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8(request).unwrap();
    let path = text.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
    let reply = {
        let script = script.lock().unwrap();
        script.iter().rev().find(|(start, _)| path.starts_with(**start)).map(|(_, reply)| reply.clone())
    };
    // A client that hangs up is its own business.
    drop(send(&mut stream, reply.unwrap_or_else(|| Reply::status("404 Not Found"))).await);
}

async fn send(stream: &mut UnixStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await,
        Reply::Endless(head, body) => {
            stream.write_all(&head).await?;
            loop {
                stream.write_all(&body).await?;
            }
        }
        Reply::Open(bytes) => {
            stream.write_all(&bytes).await?;
            let closed = stream.read_u8().await;
            closed.map(|_| ())
        }
    }
}
