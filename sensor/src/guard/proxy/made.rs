//! The engine's answer that it has made a container, read whole: it says which.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::MapErr;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::http::response::Parts;
use hyper::{Response, StatusCode};

use super::upstream::UpstreamError;
use crate::guard::Json;

/// Most bytes of such an answer: an id, and warnings.
const MAX_ANSWER: usize = 64 * 1024;

/// The answer, and the container that it names.
#[derive(Debug)]
pub(super) struct Made {
    parts: Parts,
    body: Bytes,
    pub(super) id: String,
}

/// A body that is there.
type Whole = MapErr<Full<Bytes>, fn(Infallible) -> hyper::Error>;

/// Whether an answer to a create tells of a container that was made.
pub(super) fn is_made(response: &Response<Incoming>) -> bool {
    response.status() == StatusCode::CREATED
}

/// Reads the answer to its end.
pub(super) async fn read(response: Response<Incoming>) -> Result<Made, UpstreamError> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(UpstreamError::Answer)?.to_bytes();
    match id(&body) {
        Some(id) => Ok(Made { parts, body, id }),
        None => Err(UpstreamError::Nameless),
    }
}

fn id(body: &[u8]) -> Option<String> {
    let answer = Json::parse(body).ok()?;
    Some(answer.get("Id")?.as_text()?.to_owned()).filter(|id| !id.is_empty())
}

impl Made {
    /// The answer as it came.
    pub(super) fn response(self) -> Response<Whole> {
        let never: fn(Infallible) -> hyper::Error = |never| match never {};
        Response::from_parts(self.parts, Full::new(self.body).map_err(never))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_one_container() {
        assert_eq!(id(br#"{"Id":"abc","Warnings":[]}"#).as_deref(), Some("abc"));
        for other in [&br#"{"Warnings":[]}"#[..], br#"{"Id":""}"#, br#"{"Id":"a","Id":"b"}"#, b"", b"[]"] {
            assert_eq!(id(other), None, "{}", other.escape_ascii());
        }
    }
}
