//! Request line and headers, read once their end is known.

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderValue, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{Method, Version};

use super::{MAX_TARGET, Violation, header};

/// Request line and headers of a request that has one reading.
#[derive(Debug)]
pub struct Head {
    /// The method, in capital letters.
    pub method: Method,
    /// The target: visible ASCII that begins with a slash.
    pub target: String,
    /// 1.1 or 1.0.
    pub version: Version,
    /// All headers. None of those that say something about the request is there twice.
    pub headers: HeaderMap,
    /// How long the body is.
    pub length: Length,
    /// Whether this is the last request of the connection.
    pub last: bool,
    /// Whether the client waits to be told before it sends the body.
    pub expects: bool,
    /// What the client wants to speak instead of HTTP, in small letters.
    pub upgrade: Option<String>,
}

/// How long a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Nothing is said, so there is none.
    None,
    /// So many bytes.
    Exactly(u64),
    /// As long as the chunks that come.
    Chunked,
}

/// Longest method.
const MAX_METHOD: usize = 16;
/// Most digits of a length: what they say fits into 64 bits.
const MAX_DIGITS: usize = 19;

impl Head {
    /// Reads a head: lines that end in CR LF, the last one empty.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Violation> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Violation::RequestLine)?;
        let (line, rest) = bytes.split_at(end);
        let (method, target, version) = request_line(line.strip_suffix(b"\r").unwrap_or(line))?;
        let headers = header::all(rest)?;
        check_host(&headers, version)?;
        let connection = Connection::of(&headers)?;
        Ok(Self {
            length: length(&headers, version)?,
            last: connection.close || version == Version::HTTP_10,
            expects: expects(&headers, version)?,
            upgrade: upgrade(&headers, version),
            method,
            target,
            version,
            headers,
        })
    }

    /// Whether the head says that a body follows.
    pub fn has_body(&self) -> bool {
        !matches!(self.length, Length::None | Length::Exactly(0))
    }
}

fn request_line(line: &[u8]) -> Result<(Method, String, Version), Violation> {
    let line = std::str::from_utf8(line).ok().filter(|line| line.is_ascii() && !line.contains('\t'));
    let mut words = line.ok_or(Violation::RequestLine)?.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Violation::RequestLine);
    };
    Ok((read_method(method)?, read_target(target)?, read_version(version)?))
}

fn read_method(word: &str) -> Result<Method, Violation> {
    let known = word.len() <= MAX_METHOD && word.bytes().all(|byte| byte.is_ascii_uppercase());
    known.then(|| Method::from_bytes(word.as_bytes()).ok()).flatten().ok_or(Violation::Method)
}

fn read_target(word: &str) -> Result<String, Violation> {
    match word {
        word if word.len() > MAX_TARGET => Err(Violation::TargetTooLong),
        word if word.starts_with('/') => Ok(word.to_owned()),
        _ => Err(Violation::Target),
    }
}

fn read_version(word: &str) -> Result<Version, Violation> {
    match word.as_bytes() {
        b"HTTP/1.1" => Ok(Version::HTTP_11),
        b"HTTP/1.0" => Ok(Version::HTTP_10),
        [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9'] => Err(Violation::Version),
        _ => Err(Violation::RequestLine),
    }
}

fn check_host(headers: &HeaderMap, version: Version) -> Result<(), Violation> {
    match headers.get(HOST) {
        None if version == Version::HTTP_11 => Err(Violation::NoHost),
        None => Ok(()),
        Some(host) if host.as_bytes().iter().all(|byte| is_of_host(*byte)) => Ok(()),
        Some(_) => Err(Violation::Host),
    }
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:[]%!$&'()*+,;=".contains(&byte)
}

fn length(headers: &HeaderMap, version: Version) -> Result<Length, Violation> {
    match (headers.get(CONTENT_LENGTH), headers.get(TRANSFER_ENCODING)) {
        (Some(_), Some(_)) => Err(Violation::TwoLengths),
        (Some(length), None) => content_length(length).map(Length::Exactly),
        (None, Some(encoding)) if encoding == "chunked" && version == Version::HTTP_11 => Ok(Length::Chunked),
        (None, Some(_)) => Err(Violation::TransferEncoding),
        (None, None) => Ok(Length::None),
    }
}

fn content_length(value: &HeaderValue) -> Result<u64, Violation> {
    let digits = value.to_str().unwrap_or_default();
    let proper = (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    proper.then(|| digits.parse().ok()).flatten().ok_or(Violation::ContentLength)
}

fn expects(headers: &HeaderMap, version: Version) -> Result<bool, Violation> {
    match headers.get(EXPECT) {
        None => Ok(false),
        Some(value) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Ok(version == Version::HTTP_11)
        }
        Some(_) => Err(Violation::Expectation),
    }
}

fn upgrade(headers: &HeaderMap, version: Version) -> Option<String> {
    let protocol = headers.get(UPGRADE).filter(|_| version == Version::HTTP_11)?;
    Some(protocol.to_str().unwrap_or_default().to_ascii_lowercase())
}

/// What the `Connection` header says.
#[derive(Debug, Default)]
struct Connection {
    close: bool,
}

impl Connection {
    /// A name of another header would take that header out of the request, for some readers.
    fn of(headers: &HeaderMap) -> Result<Self, Violation> {
        let mut connection = Self::default();
        let Some(value) = headers.get(CONNECTION) else { return Ok(connection) };
        let words = value.to_str().ok().ok_or(Violation::Connection)?;
        for word in words.split(',').map(|word| word.trim_matches([' ', '\t'])) {
            match word.to_ascii_lowercase().as_str() {
                "close" => connection.close = true,
                // The last two come with `Upgrade: h2c`; neither header is ever passed on.
                "keep-alive" | "upgrade" | "" | "te" | "http2-settings" => {}
                _ => return Err(Violation::Connection),
            }
        }
        Ok(connection)
    }
}
