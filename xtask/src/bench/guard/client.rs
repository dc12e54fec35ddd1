//! A client that sends one request and reads one answer, with as little in between as can be.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

/// Longest time for an answer; an engine that needs more does not work.
const PATIENCE: Duration = Duration::from_mins(1);

/// A client of one socket.
#[derive(Debug)]
pub(super) struct Client {
    socket: PathBuf,
    connection: Option<BufReader<UnixStream>>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// From the first byte of the request, or from connecting if that was needed, to the last of the answer.
    pub(super) took: Duration,
}

impl Client {
    /// Connects with the first request.
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned(), connection: None }
    }

    /// Where it connects.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// The next request comes over a new connection.
    pub(super) fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Sends a request, and reads the answer.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Answer> {
        let length = body.len();
        let kind = if path.starts_with("/images") { "application/x-tar" } else { "application/json" };
        let describe = format!("Content-Type: {kind}\r\nContent-Length: {length}\r\n");
        let describe = if method == "GET" { "" } else { &describe };
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: docker\r\n{describe}\r\n").into_bytes();
        request.extend_from_slice(body);
        let start = Instant::now();
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(&self.socket)?,
        };
        let connection = self.connection.insert(connection);
        connection.get_mut().write_all(&request).context("sending a request")?;
        let (status, body) = read(connection)?;
        Ok(Answer { status, body, took: start.elapsed() })
    }

    /// The same, where another status means that nothing can be measured.
    pub(super) fn expect(&mut self, method: &str, path: &str, body: &[u8], status: u16) -> Result<Answer> {
        let answer = self.ask(method, path, body)?;
        let said = answer.body.escape_ascii();
        ensure!(answer.status == status, "{method} {path} is answered with {}: {said}", answer.status);
        Ok(answer)
    }
}

fn connect(socket: &Path) -> Result<BufReader<UnixStream>> {
    let stream =
        UnixStream::connect(socket).with_context(|| format!("connecting to {}", socket.display()))?;
    stream.set_read_timeout(Some(PATIENCE)).context("limiting the time of an answer")?;
    Ok(BufReader::with_capacity(1 << 16, stream))
}

/// Reads an answer to its end.
fn read(connection: &mut impl BufRead) -> Result<(u16, Vec<u8>)> {
    let status = line(connection)?;
    let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(connection)?.to_ascii_lowercase();
        match header.split_once(": ") {
            None => break,
            Some(("content-length", value)) => length = value.parse().context("the length of an answer")?,
            Some(("transfer-encoding", _)) => chunked = true,
            Some(_) => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        while let size @ 1.. = u64::from_str_radix(&line(connection)?, 16).context("the size of a chunk")? {
            take(connection, size, &mut body)?;
            line(connection)?;
        }
        line(connection)?;
    } else {
        take(connection, length, &mut body)?;
    }
    Ok((status, body))
}

fn take(connection: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> Result<()> {
    let wanted = usize::try_from(length).context("the length of an answer")?.saturating_add(body.len());
    connection.by_ref().take(length).read_to_end(body).context("reading an answer")?;
    ensure!(body.len() == wanted, "an answer broke off");
    Ok(())
}

fn line(connection: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(connection.read_line(&mut line).context("reading an answer")? > 0, "no answer");
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end_and_no_further() {
        let mut answers: &[u8] =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n\
            HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(read(&mut answers).unwrap(), (200, b"abcd".to_vec()));
        assert_eq!(read(&mut answers).unwrap(), (201, b"{}".to_vec()));
        assert_eq!(read(&mut answers).unwrap(), (204, Vec::new()));
        assert!(read(&mut answers).is_err());
        let mut short: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc";
        assert!(read(&mut short).is_err());
    }
}
