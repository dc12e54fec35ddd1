//! Records for tests, laid out as the kernel programs lay them out.

use sensor_common::event::Payload;
use sensor_common::header::Header;
use sensor_common::tail::{Path, Slice};
use zerocopy::IntoBytes;

/// The tail of a record under construction.
#[derive(Default)]
pub(crate) struct Tail(Vec<u8>);

impl Tail {
    /// Adds a piece.
    pub(crate) fn slice(&mut self, bytes: &[u8]) -> Slice {
        let start = u16::try_from(self.0.len()).unwrap();
        self.0.extend_from_slice(bytes);
        Slice { start, len: u16::try_from(bytes.len()).unwrap() }
    }

    /// Adds the components of an absolute path, leaf first.
    pub(crate) fn path(&mut self, path: &[u8]) -> Path {
        let components: Vec<u8> = path
            .split(|byte| *byte == b'/')
            .rev()
            .filter(|name| !name.is_empty())
            .fold(Vec::new(), |mut all, name| {
                all.extend_from_slice(name);
                all.push(0);
                all
            });
        Path { components: self.slice(&components), flags: 0 }
    }

    /// The record.
    pub(crate) fn record<P: Payload>(&self, header: Header, payload: &P) -> Vec<u8> {
        let tail_len = u32::try_from(self.0.len()).unwrap();
        let header = Header { kind: P::KIND as u16, tail_len, ..header };
        [header.as_bytes(), payload.as_bytes(), &self.0].concat()
    }
}
