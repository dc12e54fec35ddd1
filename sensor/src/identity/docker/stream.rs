//! The engine's stream of events: a JSON object per line, for as long as the connection lasts.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use jiff::Timestamp;

use super::http::{Connection, Engine, RequestError};
use super::model::Event;

/// `{"type":["container"],"event":["create","start","rename","die","destroy"]}`, escaped for a URL.
const FILTERS: &str = "%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22create%22%2C%22start%22%2C\
                       %22rename%22%2C%22die%22%2C%22destroy%22%5D%7D";

/// One thing read from the stream.
#[derive(Debug)]
pub enum Line {
    /// An event.
    Event(Box<Event>),
    /// A line that is no event.
    Garbage,
    /// A line longer than [`super::http::Limits::line`].
    TooLong,
}

/// An open stream.
#[derive(Debug)]
pub struct Stream {
    body: Incoming,
    lines: Lines,
    _connection: Connection,
}

impl Stream {
    /// Opens the stream of container events. The engine first repeats what it remembers (some 256 events)
    /// from `since` on.
    pub async fn open(engine: &Engine, since: Option<Timestamp>) -> Result<Self, RequestError> {
        let since = since.map(|time| format!("&since={}", seconds(time))).unwrap_or_default();
        let (body, connection) = engine.open(&format!("/events?filters={FILTERS}{since}")).await?;
        Ok(Self { body, lines: Lines::new(engine.limits().line), _connection: connection })
    }

    /// The next line; `None` at the end of the stream, whatever ended it. Losing a call half-way loses nothing.
    pub async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(line) = self.lines.next() {
                return Some(line);
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.lines.push(&data);
            }
        }
    }
}

/// The past events of one container that the engine remembers, oldest first. `id` must be a hex id.
pub async fn history(engine: &Engine, id: &str, until: Timestamp) -> Result<Vec<Event>, RequestError> {
    let filters = format!("%7B%22type%22%3A%5B%22container%22%5D%2C%22container%22%3A%5B%22{id}%22%5D%7D");
    let path = format!("/events?since=1&until={}&filters={filters}", seconds(until));
    let body: Bytes = engine.get_bytes(&path).await?;
    let events = body.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice::<Event>(line).ok());
    Ok(events.filter(|event| event.kind == "container" && event.actor.id == id).collect())
}

/// A time as the engine's query parameters want it.
fn seconds(time: Timestamp) -> String {
    format!("{}.{:09}", time.as_second(), time.subsec_nanosecond())
}

/// Cuts bytes into lines.
#[derive(Debug)]
struct Lines {
    buffer: Vec<u8>,
    limit: usize,
    skipping: bool,
}

impl Lines {
    const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit, skipping: false }
    }

    fn push(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// The next line, if it is whole; of one that is too long, what has come is let go at once.
    fn next(&mut self) -> Option<Line> {
        loop {
            let Some(end) = self.buffer.iter().position(|&b| b == b'\n') else {
                return self.spill();
            };
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            if std::mem::take(&mut self.skipping) || line.trim_ascii().is_empty() {
                continue;
            }
            return Some(if line.len() > self.limit { Line::TooLong } else { parse(&line) });
        }
    }

    fn spill(&mut self) -> Option<Line> {
        if self.buffer.len() <= self.limit {
            return None;
        }
        self.buffer.clear();
        let known = std::mem::replace(&mut self.skipping, true);
        (!known).then_some(Line::TooLong)
    }
}

fn parse(line: &[u8]) -> Line {
    serde_json::from_slice(line).map_or(Line::Garbage, |event| Line::Event(Box::new(event)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &mut Lines) -> Vec<String> {
        std::iter::from_fn(|| lines.next())
            .map(|line| match line {
                Line::Event(event) => event.action,
                Line::Garbage => "garbage".to_owned(),
                Line::TooLong => "too long".to_owned(),
            })
            .collect()
    }

    #[test]
    fn lines_are_cut_wherever_the_chunks_end() {
        let text = b"{\"Action\":\"create\"}\n\n{\"Action\":\"start\"}\r\nnonsense\n{\"Action\":\"die\"}\n";
        for cut in 0..=text.len() {
            let mut lines = Lines::new(100);
            lines.push(&text[..cut]);
            let mut seen = read(&mut lines);
            lines.push(&text[cut..]);
            seen.extend(read(&mut lines));
            assert_eq!(seen, ["create", "start", "garbage", "die"], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_skipped_in_bounded_space() {
        let mut lines = Lines::new(100);
        let mut seen = Vec::new();
        for _ in 0..1000 {
            lines.push(&[b'x'; 64]);
            seen.extend(read(&mut lines));
            assert!(lines.buffer.len() <= 164);
        }
        lines.push(b"\n{\"Action\":\"die\"}\n");
        seen.extend(read(&mut lines));
        assert_eq!(seen, ["too long", "die"]);
        lines.push(&[&[b' '; 200], b"{}\n".as_slice()].concat());
        assert_eq!(read(&mut lines), ["too long"]);
    }

    #[test]
    fn times_have_nine_decimals() {
        let time = Timestamp::from_nanosecond(1_795_211_988_000_000_047).unwrap();
        assert_eq!(seconds(time), "1795211988.000000047");
    }
}
