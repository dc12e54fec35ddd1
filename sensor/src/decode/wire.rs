//! Taking a record apart: payload, tail, and the slices that point into it.

use sensor_common::event::Payload;
use sensor_common::header::Header;
use sensor_common::tail::{Path, Slice};

use super::{Call, DecodeError, FilePath, What};

/// The bytes that a record's slices point into.
pub(super) struct Tail<'a> {
    bytes: &'a [u8],
}

/// Splits what follows the header into payload and tail.
pub(super) fn split<'a, P: Payload>(header: &Header, rest: &'a [u8]) -> Result<(P, Tail<'a>), DecodeError> {
    let (payload, behind) = P::read_from_prefix(rest).ok().ok_or_else(|| DecodeError::Short {
        len: size_of::<Header>().saturating_add(rest.len()),
        needed: size_of::<Header>().saturating_add(size_of::<P>()),
    })?;
    let bytes = usize::try_from(header.tail_len).ok().and_then(|len| behind.get(..len));
    let bad = DecodeError::BadTail { tail_len: header.tail_len, available: behind.len() };
    Ok((payload, Tail { bytes: bytes.ok_or(bad)? }))
}

/// A call whose payload says everything.
pub(super) fn call<P: Payload>(
    header: &Header,
    rest: &[u8],
    result: impl FnOnce(&P) -> i64,
    what: impl FnOnce(P) -> What,
) -> Result<Call, DecodeError> {
    let (payload, _) = split::<P>(header, rest)?;
    Ok(Call { kind: P::KIND, result: result(&payload), what: what(payload) })
}

impl<'a> Tail<'a> {
    /// The bytes of a slice, NULs included.
    pub(super) fn bytes(&self, slice: Slice, what: &'static str) -> Result<&'a [u8], DecodeError> {
        slice.of(self.bytes).ok_or(DecodeError::BadSlice(what))
    }

    /// A string of the kernel's, which ends at its first NUL if it has one.
    pub(super) fn string(&self, slice: Slice, what: &'static str) -> Result<Box<[u8]>, DecodeError> {
        let bytes = self.bytes(slice, what)?;
        Ok(bytes.split(|byte| *byte == 0).next().unwrap_or_default().into())
    }

    /// A path; no components at all if it is not known.
    pub(super) fn path(&self, path: Path, what: &'static str) -> Result<FilePath, DecodeError> {
        Ok(FilePath::from_components(self.bytes(path.components, what)?, path.flags))
    }
}
