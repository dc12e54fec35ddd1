//! What a client may not send, and how it is answered.

use hyper::StatusCode;

use super::{MAX_HEAD, MAX_HEADERS, MAX_TARGET};

/// Why bytes of a client are refused: they have more than one reading, or none, or there are too many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not a method, a path and a version with one space between them.
    #[error("the request line is not a method, a path and a version")]
    RequestLine,
    /// Something else than a few capital letters.
    #[error("the method is not written in capital letters")]
    Method,
    /// `http://host/path`, `*`, `host:port`.
    #[error("the target is not a path")]
    Target,
    /// Longer than [`MAX_TARGET`].
    #[error("the target is longer than {MAX_TARGET} bytes")]
    TargetTooLong,
    /// Another version of HTTP.
    #[error("the version of HTTP is neither 1.1 nor 1.0")]
    Version,
    /// A line feed without a carriage return.
    #[error("a line ends in a bare line feed")]
    BareLineFeed,
    /// A carriage return without a line feed.
    #[error("a carriage return is not followed by a line feed")]
    BareCarriageReturn,
    /// NUL and its like.
    #[error("there is a control character in the headers")]
    Control,
    /// A header that goes on on the next line.
    #[error("a header is folded over lines")]
    Folding,
    /// No colon, an empty name, or a name with a space or the like in it.
    #[error("a header has no proper name")]
    HeaderName,
    /// More than [`MAX_HEAD`].
    #[error("request line and headers are longer than {MAX_HEAD} bytes")]
    HeadTooLong,
    /// More than [`MAX_HEADERS`].
    #[error("there are more than {MAX_HEADERS} headers")]
    TooManyHeaders,
    /// A header of which only one can be meant.
    #[error("the header {0} is there more than once")]
    Repeated(&'static str),
    /// HTTP/1.1 demands it.
    #[error("there is no Host header")]
    NoHost,
    /// Not a host.
    #[error("the Host header is not a host")]
    Host,
    /// Something else than digits, or too many of them.
    #[error("the Content-Length is not a number")]
    ContentLength,
    /// Two lengths for one body.
    #[error("there is a Content-Length beside a Transfer-Encoding")]
    TwoLengths,
    /// Something else than `chunked`, or in HTTP/1.0.
    #[error("the Transfer-Encoding is not exactly `chunked`")]
    TransferEncoding,
    /// A header is declared to be for this connection only.
    #[error("the Connection header names something else than close, keep-alive or upgrade")]
    Connection,
    /// Something else than `100-continue`.
    #[error("the expectation is not 100-continue")]
    Expectation,
    /// Not a hexadecimal number, or too large a one.
    #[error("the size of a chunk is not a hexadecimal number of at most 8 digits")]
    ChunkSize,
    /// Something behind the size of a chunk.
    #[error("a chunk has an extension")]
    ChunkExtension,
    /// A chunk is longer than it says.
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    /// Headers behind the last chunk.
    #[error("there are trailers behind the last chunk")]
    Trailers,
}

impl Violation {
    /// The status that tells the client.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLong | Self::TooManyHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::RequestLine
            | Self::Method
            | Self::Target
            | Self::BareLineFeed
            | Self::BareCarriageReturn
            | Self::Control
            | Self::Folding
            | Self::HeaderName
            | Self::Repeated(_)
            | Self::NoHost
            | Self::Host
            | Self::ContentLength
            | Self::TwoLengths
            | Self::TransferEncoding
            | Self::Connection
            | Self::ChunkSize
            | Self::ChunkExtension
            | Self::ChunkEnd
            | Self::Trailers => StatusCode::BAD_REQUEST,
        }
    }
}
