//! From the bytes of a body to what is judged and forwarded.

use bytes::Bytes;

use super::json::JsonError;
use super::shape::{self, Canonical, ShapeError};
use super::{Json, Operation};

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not the JSON that all decoders read the same way.
    #[error("the body is not plain JSON: {0}")]
    Json(#[from] JsonError),
    /// It does not go with the structure that the engine reads it into.
    #[error("the body does not fit: {0}")]
    Shape(#[from] ShapeError),
    /// There is none, and the request means nothing without.
    #[error("the body is missing")]
    Missing,
    /// There is one, and the engine would read none.
    #[error("a body, where there must be none")]
    Unexpected,
}

/// Reads the body of a request for an operation that takes JSON; nothing but blanks is no body.
///
/// What comes of it is forwarded as [`Json::to_bytes`] writes it, with `Content-Type: application/json`.
pub fn read(operation: &Operation, bytes: impl Into<Bytes>) -> Result<Option<Canonical>, BodyError> {
    let bytes = bytes.into();
    let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
    match (operation.shape, is_empty) {
        (_, true) if operation.needs_body => Err(BodyError::Missing),
        (_, true) => Ok(None),
        (None, false) => Err(BodyError::Unexpected),
        (Some(shape), false) => {
            let read = shape::canonical(shape, Json::parse_shared(bytes)?)?;
            if operation.needs_body && read.json == Json::Null {
                Err(BodyError::Missing)
            } else {
                Ok(Some(read))
            }
        }
    }
}

/// Whether what is about to be judged is what [`read`] makes of it: in its only spelling, and there if it is needed.
pub fn is_canonical(operation: &Operation, body: Option<&Json>) -> bool {
    match (operation.shape, body) {
        (_, None) => !operation.needs_body,
        (None, Some(_)) => false,
        (Some(shape), Some(body)) => shape::is_canonical(shape, body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Target, operation};
    use hyper::Method;

    fn operation(method: &Method, path: &str) -> &'static Operation {
        let segments = path.split('/').skip(1).map(str::to_owned).collect();
        operation::find(method, &Target { segments, ..Target::default() }).unwrap()
    }

    #[test]
    fn a_body_is_there_where_it_is_needed_and_nowhere_else() {
        let create = operation(&Method::POST, "/containers/create");
        for none in ["", " \r\n", "null"] {
            assert_eq!(read(create, none), Err(BodyError::Missing));
        }
        let commit = operation(&Method::POST, "/commit");
        assert_eq!(read(commit, ""), Ok(None));
        let start = operation(&Method::POST, "/containers/a/start");
        assert_eq!(read(start, ""), Ok(None));
        assert_eq!(read(start, "{}"), Err(BodyError::Unexpected));
        let push = operation(&Method::POST, "/images/a/push");
        assert_eq!(read(push, "{\"x\":1}").unwrap().unwrap().json, Json::Object(Vec::new()));
    }

    #[test]
    fn only_what_was_read_is_canonical() {
        let create = operation(&Method::POST, "/containers/create");
        let parsed = |text: &str| Json::parse(text.as_bytes()).unwrap();
        assert!(is_canonical(create, Some(&parsed(r#"{"HostConfig":{"Privileged":true}}"#))));
        for other in [
            r#"{"hostConfig":{}}"#,
            r#"{"X":1}"#,
            r#"{"Cmd":"x"}"#,
            r#"{"HostConfig":1}"#,
            r#"{"Memory":0}"#,
            r#"{"Memory":null}"#,
        ] {
            assert!(!is_canonical(create, Some(&parsed(other))), "{other}");
        }
        assert!(!is_canonical(create, None));
        let start = operation(&Method::POST, "/containers/a/start");
        assert!(is_canonical(start, None));
        assert!(!is_canonical(start, Some(&Json::Null)));
    }
}
