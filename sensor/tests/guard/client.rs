//! A client that writes bytes, and reads what comes back.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::daemon::{PATIENCE, find};

/// A connection to a guard.
#[derive(Debug)]
pub(crate) struct Client {
    stream: UnixStream,
    read: Vec<u8>,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in small letters.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// What the engine's clients print of it.
    pub(crate) fn message(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        json["message"].as_str().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Client {
    pub(crate) fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// Writes; a guard that has had enough may cut it off.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        match self.stream.write_all(bytes.as_ref()) {
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {}
            result => result.unwrap(),
        }
    }

    /// Sends nothing more.
    pub(crate) fn finish(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Sends a request without a body, and reads the answer.
    pub(crate) fn get(&mut self, line: &str) -> Answer {
        self.send(format!("{line} HTTP/1.1\r\nHost: d\r\n\r\n"));
        if line.starts_with("HEAD ") { self.head() } else { self.answer() }
    }

    /// Sends a request with a body of JSON, and reads the answer.
    pub(crate) fn post(mut self, path: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        self.answer()
    }

    /// The head of the next answer.
    pub(crate) fn head(&mut self) -> Answer {
        while find(&self.read, b"\r\n\r\n").is_none() {
            assert!(self.more() > 0, "the connection ended: {}", self.read.escape_ascii());
        }
        let end = find(&self.read, b"\r\n\r\n").unwrap() + 4;
        let head: Vec<u8> = self.read.drain(..end).collect();
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let status = head.strip_prefix("http/1.1 ").unwrap()[..3].parse().unwrap();
        Answer { status, head, body: String::new() }
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        let body = match answer.header("content-length") {
            Some(length) => self.exactly(length.parse().unwrap()),
            None if answer.header("transfer-encoding") == Some("chunked") => self.chunks(),
            None => self.all(),
        };
        answer.body = String::from_utf8(body).unwrap();
        answer
    }

    /// The next bytes, so many.
    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.read.len() < count {
            assert!(self.more() > 0, "the connection ended: {}", self.read.escape_ascii());
        }
        self.read.drain(..count).collect()
    }

    /// The next chunk; an empty one is the last.
    pub(crate) fn chunk(&mut self) -> Vec<u8> {
        while find(&self.read, b"\r\n").is_none() {
            assert!(self.more() > 0, "the connection ended: {}", self.read.escape_ascii());
        }
        let end = find(&self.read, b"\r\n").unwrap();
        let size = String::from_utf8(self.exactly(end)).unwrap();
        let size = usize::from_str_radix(&size, 16).unwrap();
        let chunk = self.exactly(size + 4);
        chunk[2..size + 2].to_vec()
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let chunk = self.chunk();
            if chunk.is_empty() {
                return body;
            }
            body.extend(chunk);
        }
    }

    /// Everything until the guard closes.
    pub(crate) fn all(&mut self) -> Vec<u8> {
        while self.more() > 0 {}
        std::mem::take(&mut self.read)
    }

    fn more(&mut self) -> usize {
        let mut piece = vec![0; 65_536];
        let count = match self.stream.read(&mut piece) {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            count => count.unwrap(),
        };
        self.read.extend_from_slice(&piece[..count]);
        count
    }
}
