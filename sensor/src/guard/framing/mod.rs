//! What a client sends over HTTP/1.1, in its only reading: anything that two servers might read in two ways is refused.
//!
//! Bytes go in as they come, in pieces of any size; out come the parts of one request after the other. Nothing is read,
//! nothing waits, and what is kept between two calls is never more than [`MAX_HEAD`] bytes.

mod body;
mod head;
mod header;
mod scan;
mod violation;

use bytes::{Bytes, BytesMut};

use body::Body;
pub use head::{Head, Length};
use scan::Scan;
pub use violation::Violation;

/// Most bytes of a request line and its headers.
pub const MAX_HEAD: usize = 32 * 1024;
/// Most bytes of a target.
pub const MAX_TARGET: usize = 16 * 1024;
/// Most headers of a request.
pub const MAX_HEADERS: usize = 100;

/// A part of a request: each is one head, any number of data, one end.
#[derive(Debug)]
pub enum Part {
    /// Request line and headers.
    Head(Box<Head>),
    /// A piece of the body, without what framed it; never empty.
    Data(Bytes),
    /// The body is over; the next byte is of another request, or of none.
    End,
}

/// Where in a connection the next byte is.
#[derive(Debug)]
pub struct Framing(State);

#[derive(Debug)]
enum State {
    Head(Scan),
    Body(Body),
    /// Nothing behind it has a meaning.
    Refused(Violation),
}

impl Default for Framing {
    fn default() -> Self {
        Self(State::Head(Scan::default()))
    }
}

impl Framing {
    /// Takes the next part from the front of `buffer`; `None` if that takes more bytes, to be added behind those that
    /// are left in it. After a violation there is nothing but that violation.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Part>, Violation> {
        let part = self.step(buffer);
        if let Err(violation) = part {
            self.0 = State::Refused(violation);
        }
        part
    }

    /// Whether the next byte is the first of a request.
    pub fn is_between_requests(&self) -> bool {
        matches!(&self.0, State::Head(scan) if scan.is_at_start())
    }

    fn step(&mut self, buffer: &mut BytesMut) -> Result<Option<Part>, Violation> {
        match &mut self.0 {
            State::Head(scan) => {
                let Some(end) = scan.scan(buffer)? else { return Ok(None) };
                let head = Head::parse(&buffer.split_to(end))?;
                self.0 = State::Body(Body::new(head.length));
                Ok(Some(Part::Head(Box::new(head))))
            }
            State::Body(body) => {
                let part = body.next(buffer)?;
                if matches!(part, Some(Part::End)) {
                    *self = Self::default();
                }
                Ok(part)
            }
            State::Refused(violation) => Err(*violation),
        }
    }
}

#[cfg(test)]
mod tests;
