//! The digest of a body: looked for only where somebody asks, since that takes about as long as judging a long one.

use std::sync::OnceLock;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::hex::hex;

/// SHA-256 of the body that is forwarded.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// None of a body that is passed on as it comes.
    body: Option<Bytes>,
    known: OnceLock<String>,
}

impl Digest {
    /// Of this body, which may be empty.
    pub fn of(body: Bytes) -> Self {
        Self { body: Some(body), known: OnceLock::new() }
    }

    /// In hexadecimal digits; of a stream there is none.
    pub fn as_hex(&self) -> Option<&str> {
        let body = self.body.as_ref()?;
        Some(self.known.get_or_init(|| hex(&Sha256::digest(body))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_body_and_a_stream_has_none() {
        let digest = Digest::of(Bytes::from_static(b"abc"));
        assert!(digest.as_hex().unwrap().starts_with("ba7816bf8f01cfea"));
        assert!(Digest::of(Bytes::new()).as_hex().unwrap().starts_with("e3b0c44298fc1c14"));
        assert_eq!(Digest::default().as_hex(), None);
    }
}
