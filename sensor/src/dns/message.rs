//! Reading a DNS message (RFC 1035). The reader is our own because the kernel sends the first bytes of a message
//! only: what is whole in them is taken, where a general reader would refuse all of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

/// Longest name, with its dots.
const MAX_NAME: usize = 255;
/// Longest label.
const MAX_LABEL: usize = 63;
/// Most pointers followed in one name.
const MAX_POINTERS: usize = 16;
/// Most answers taken from one message.
const MAX_ANSWERS: usize = 32;
/// Length of the header.
const HEADER: usize = 12;

/// A message with one question, as all have in practice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which an answer finds its question.
    pub id: u16,
    /// Whether it is an answer.
    pub is_answer: bool,
    /// How the server fared (`RCODE`): 0 well, 3 there is no such name.
    pub code: u8,
    /// The name asked for, in lower case and without the last dot; the root is `.`.
    pub question: Box<[u8]>,
    /// Type of records asked for (`QTYPE`).
    pub kind: u16,
    /// Class of records asked for (`QCLASS`).
    pub class: u16,
    /// The answers that were captured.
    pub answers: Vec<Answer>,
}

/// A record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Seconds for which it holds, as the server says.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// An address.
    Address(IpAddr),
    /// Another name (`CNAME`, `PTR`, `NS`).
    Name(Box<[u8]>),
    /// Something else, of this type.
    Other(u16),
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// They end before the question does.
    #[error("it ends before its question does")]
    Short,
    /// It does not ask one question.
    #[error("it has {0} questions")]
    Questions(u16),
    /// A name is too long, loops, or is written in a way that does not exist.
    #[error("a name is malformed")]
    Name,
}

/// Where reading has come to.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Message {
    /// Reads a message, of which the end may be missing.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        let mut cursor = Cursor { bytes, at: 0 };
        let (id, flags) = (cursor.word()?, cursor.word()?);
        let (questions, answers) = (cursor.word()?, cursor.word()?);
        if questions != 1 {
            return Err(MessageError::Questions(questions));
        }
        cursor.at = HEADER;
        let question = cursor.name()?;
        let (kind, class) = (cursor.word()?, cursor.word()?);
        let wanted = usize::from(answers).min(MAX_ANSWERS);
        // A record that is cut short or malformed ends the list.
        let answers = std::iter::from_fn(|| cursor.answer().ok()).take(wanted).collect();
        let [code, _] = flags.to_le_bytes();
        Ok(Self { id, is_answer: flags >> 15 == 1, code: code & 0xf, question, kind, class, answers })
    }

    /// The addresses that it gives, each with the seconds for which it holds.
    pub fn addresses(&self) -> impl Iterator<Item = (IpAddr, u32)> {
        self.answers.iter().filter_map(|answer| match answer.data {
            Data::Address(address) => Some((address, answer.ttl)),
            Data::Name(_) | Data::Other(_) => None,
        })
    }
}

impl Cursor<'_> {
    fn byte(&mut self) -> Result<u8, MessageError> {
        let byte = self.bytes.get(self.at).copied().ok_or(MessageError::Short)?;
        self.at = self.at.saturating_add(1);
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MessageError> {
        let rest = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk);
        self.at = self.at.saturating_add(N);
        rest.copied().ok_or(MessageError::Short)
    }

    fn word(&mut self) -> Result<u16, MessageError> {
        self.array().map(u16::from_be_bytes)
    }

    fn answer(&mut self) -> Result<Answer, MessageError> {
        self.name()?;
        let (kind, _class) = (self.word()?, self.word()?);
        let ttl = self.array().map(u32::from_be_bytes)?;
        let end = usize::from(self.word()?).saturating_add(self.at);
        let data = match kind {
            1 => Data::Address(Ipv4Addr::from(self.array::<4>()?).into()),
            28 => Data::Address(Ipv6Addr::from(self.array::<16>()?).into()),
            2 | 5 | 12 => Data::Name(self.name()?),
            other => Data::Other(other),
        };
        if end > self.bytes.len() || self.at > end {
            return Err(MessageError::Short);
        }
        self.at = end;
        Ok(Answer { ttl, data })
    }

    /// A name; what a pointer leads to lies before the pointer, so a chain of them ends.
    fn name(&mut self) -> Result<Box<[u8]>, MessageError> {
        let mut name = Vec::new();
        let mut reading = *self;
        let mut behind = None;
        for _ in 0..MAX_POINTERS {
            match reading.labels(&mut name)? {
                None => {
                    self.at = behind.unwrap_or(reading.at);
                    return Ok(if name.is_empty() { Box::from(*b".") } else { name.into() });
                }
                Some(target) => {
                    let pointer = reading.at.saturating_sub(size_of::<u16>());
                    behind.get_or_insert(reading.at);
                    if target >= pointer {
                        return Err(MessageError::Name);
                    }
                    reading.at = target;
                }
            }
        }
        Err(MessageError::Name)
    }

    /// Labels up to the end of the name, or up to a pointer, which is given.
    fn labels(&mut self, name: &mut Vec<u8>) -> Result<Option<usize>, MessageError> {
        loop {
            let len = self.byte()?;
            match usize::from(len) {
                0 => return Ok(None),
                len @ 1..=MAX_LABEL => self.label(len, name)?,
                0xc0.. => return Ok(Some(usize::from(u16::from_be_bytes([len & 0x3f, self.byte()?])))),
                _ => return Err(MessageError::Name),
            }
        }
    }

    fn label(&mut self, len: usize, name: &mut Vec<u8>) -> Result<(), MessageError> {
        let end = self.at.saturating_add(len);
        let label = self.bytes.get(self.at..end).ok_or(MessageError::Short)?;
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend(label.iter().map(u8::to_ascii_lowercase));
        self.at = end;
        if name.len() > MAX_NAME { Err(MessageError::Name) } else { Ok(()) }
    }
}

/// Types of records by number.
const TYPES: [(u16, &str); 17] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (13, "HINFO"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (35, "NAPTR"),
    (43, "DS"),
    (48, "DNSKEY"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (252, "AXFR"),
    (255, "ANY"),
];

/// The name of a type of records; `TYPE123` for one without (RFC 3597).
pub fn type_name(kind: u16) -> String {
    let known = TYPES.iter().find(|(number, _)| *number == kind);
    known.map_or_else(|| format!("TYPE{kind}"), |(_, name)| (*name).to_owned())
}

/// The name of a response code; `RCODE12` for one without.
pub fn code_name(code: u8) -> String {
    const NAMES: [&str; 6] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
    let name = NAMES.get(usize::from(code));
    name.map_or_else(|| format!("RCODE{code}"), |name| (*name).to_owned())
}

/// The name of a class of records; `CLASS123` for one without.
pub fn class_name(class: u16) -> String {
    match class {
        1 => "IN".to_owned(),
        3 => "CH".to_owned(),
        255 => "ANY".to_owned(),
        other => format!("CLASS{other}"),
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
