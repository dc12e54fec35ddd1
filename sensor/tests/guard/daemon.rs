//! An engine of the tests' own: it records every byte that it gets, and answers by the path.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;

/// How long a test waits for what has to come.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What came over one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) bytes: Vec<u8>,
    /// The other end has closed it.
    pub(crate) ended: bool,
}

impl Record {
    /// The first line.
    pub(crate) fn line(&self) -> String {
        let end = find(&self.bytes, b"\r\n").unwrap_or(self.bytes.len());
        String::from_utf8_lossy(&self.bytes[..end]).into_owned()
    }

    /// Request line and headers.
    pub(crate) fn head(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..find(&self.bytes, b"\r\n\r\n").unwrap()]).into_owned()
    }

    /// What is behind the head, if that is there.
    pub(crate) fn rest_or_nothing(&self) -> &[u8] {
        find(&self.bytes, b"\r\n\r\n").map_or(&[], |end| &self.bytes[end + 4..])
    }

    /// What is behind the head.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[find(&self.bytes, b"\r\n\r\n").unwrap() + 4..]
    }
}

/// Where a test sees what the daemon got.
#[derive(Debug)]
pub(crate) struct Daemon {
    records: Mutex<Vec<Record>>,
    changed: Condvar,
    /// Each permit lets an endless answer go on by one piece.
    pub(crate) go_on: Semaphore,
}

impl Daemon {
    /// Listens; needs a runtime.
    pub(crate) fn start(socket: &Path) -> Arc<Self> {
        let listener = UnixListener::bind(socket).unwrap();
        let daemon =
            Arc::new(Self { records: Mutex::default(), changed: Condvar::new(), go_on: Semaphore::new(0) });
        let served = Arc::clone(&daemon);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let index = served.begin();
                tokio::spawn(Arc::clone(&served).serve(stream, index));
            }
        });
        daemon
    }

    /// Everything so far, a record for each connection.
    pub(crate) fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    /// The first line of every connection so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().iter().map(Record::line).collect()
    }

    /// Waits until the records are as wanted.
    pub(crate) fn wait(&self, wanted: impl Fn(&[Record]) -> bool) -> Vec<Record> {
        let records = self.lock();
        let (records, patience) =
            self.changed.wait_timeout_while(records, PATIENCE, |records| !wanted(records)).unwrap();
        assert!(!patience.timed_out(), "{records:?}");
        records.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> usize {
        let mut records = self.lock();
        records.push(Record::default());
        records.len() - 1
    }

    fn note(&self, index: usize, change: impl FnOnce(&mut Record)) {
        change(&mut self.lock()[index]);
        self.changed.notify_all();
    }

    async fn serve(self: Arc<Self>, mut stream: UnixStream, index: usize) {
        let (mut answered, mut piece) = (false, vec![0; 65_536]);
        while let Ok(count @ 1..) = stream.read(&mut piece).await {
            self.note(index, |record| record.bytes.extend_from_slice(&piece[..count]));
            let bytes = self.lock()[index].bytes.clone();
            if answered {
                // What comes behind a request comes over a stream, and goes back.
                stream.write_all(&piece[..count]).await.unwrap_or_default();
            } else if is_whole(&bytes) {
                answered = true;
                if !self.answer(&mut stream, &bytes).await {
                    break;
                }
            }
        }
        self.note(index, |record| record.ended = true);
    }

    /// Whether the connection goes on.
    async fn answer(&self, stream: &mut UnixStream, request: &[u8]) -> bool {
        let line = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
        let path = line.split(['?', ' ']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = match path.as_str() {
            "/containers/x/attach" => {
                b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n\
                  Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello "
            }
            "/session" => b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            "/exec/rubbish/json" => b"\x16\x03\x01 this is not HTTP\r\n\r\n",
            "/exec/unasked/json" => b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
            "/exec/nothing/json" => return false,
            "/exec/failed/json" => {
                b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 17\r\n\r\n{\"message\":\"bad\"}"
            }
            "/exec/short/json" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort").await.unwrap();
                return false;
            }
            "/events" => return self.events(stream).await,
            "/_ping" => b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK",
            "/containers/json" => {
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n"
            }
            _ => b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        };
        let length =
            if line.starts_with("HEAD ") { find(answer, b"\r\n\r\n").unwrap() + 4 } else { answer.len() };
        stream.write_all(&answer[..length]).await.is_ok()
    }

    /// An answer of three pieces, each of which waits until it is allowed.
    async fn events(&self, stream: &mut UnixStream) -> bool {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        for piece in ["one\n", "two\n", "three\n"] {
            let mut byte = [0];
            tokio::select! {
                permit = self.go_on.acquire() => permit.unwrap().forget(),
                // The other end is gone.
                _ = stream.read(&mut byte) => return false,
            }
            let chunk = format!("{:x}\r\n{piece}\r\n", piece.len());
            stream.write_all(chunk.as_bytes()).await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.is_ok()
    }
}

/// Whether a request is there to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let body = &bytes[end + 4..];
    if head.contains("transfer-encoding: chunked") {
        return body.ends_with(b"0\r\n\r\n");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
