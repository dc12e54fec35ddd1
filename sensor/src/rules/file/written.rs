//! Conditions and outputs as they were written, and the way back from them to the file.

use std::sync::Arc;

use super::source::{Fault, Place, Source};
use super::yaml::{Mark, Style};
use crate::rules::problem::Problem;

/// The text of a YAML scalar and where it came from.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The file.
    pub source: Source,
    /// The text, as YAML gives it: unfolded and without quotes.
    pub text: String,
    /// Where it starts in the file.
    pub start: Mark,
    /// How it was written.
    pub style: Style,
}

/// A text put together from scalars, which may come from several files: a condition with what was appended to it.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// The text.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A stretch of a text that was put together.
#[derive(Clone, Debug)]
struct Piece {
    /// Where it starts in the text.
    at: usize,
    scalar: Arc<Scalar>,
    /// Whether it is the scalar's text, and not something that stands for the whole scalar.
    copied: bool,
}

impl From<Scalar> for Written {
    fn from(scalar: Scalar) -> Self {
        let mut written = Self::default();
        written.copy(Arc::new(scalar));
        written
    }
}

impl Written {
    /// Adds a blank and another text.
    pub fn append(&mut self, other: &Self) {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        self.text.push(' ');
        self.concat(other);
    }

    /// Adds another text.
    pub fn concat(&mut self, other: &Self) {
        let shift = self.text.len();
        self.text.push_str(&other.text);
        self.pieces.extend(other.pieces.iter().map(|piece| Piece { at: piece.at + shift, ..piece.clone() }));
    }

    /// Adds the text of a scalar.
    pub fn copy(&mut self, scalar: Arc<Scalar>) {
        let at = self.text.len();
        self.text.push_str(&scalar.text);
        self.pieces.push(Piece { at, scalar, copied: true });
    }

    /// Adds a text that stands for a scalar: every byte of it leads back to where the scalar starts.
    pub fn stand_in(&mut self, text: &str, scalar: Arc<Scalar>) {
        self.pieces.push(Piece { at: self.text.len(), scalar, copied: false });
        self.text.push_str(text);
    }

    /// Adds a text that no file holds; it belongs to what stands before it.
    pub fn glue(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The place in a file of a byte of the text.
    pub fn place(&self, at: usize) -> Place {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        match self.pieces.get(index.saturating_sub(1)) {
            Some(piece) if piece.copied => piece.scalar.place(at.saturating_sub(piece.at)),
            Some(piece) => piece.scalar.place(0),
            None => Place { file: "".into(), line: 1, column: 1 },
        }
    }
}

impl Scalar {
    /// The place in the file of a byte of the text.
    ///
    /// YAML folds lines and drops indentation, but keeps every other character in order, so the two texts are
    /// walked side by side. An escape of double-quoted YAML may shift the answer within its line.
    pub fn place(&self, at: usize) -> Place {
        let origin = self.origin(at).unwrap_or_else(|| self.start_byte());
        self.source.place(origin)
    }

    /// An error at a byte of the text.
    pub fn fault(&self, at: usize, problem: Problem) -> Fault {
        Fault { place: self.place(at), problem }
    }

    fn start_byte(&self) -> usize {
        self.source.byte(self.start.line, self.start.column)
    }

    fn origin(&self, at: usize) -> Option<usize> {
        let start = self.start_byte() + self.header();
        let raw = self.source.text.get(start..)?;
        let mut rest = raw.char_indices().filter(|(_, c)| !c.is_whitespace());
        let mut after = 0;
        for (offset, wanted) in self.text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            if offset >= at {
                let (found, _) = rest.find(|(_, c)| *c == wanted)?;
                return Some(start + found);
            }
            let (found, c) = rest.find(|(_, c)| *c == wanted)?;
            after = found + c.len_utf8();
        }
        Some(start + after)
    }

    /// Length of what comes before the text: a quote. A block is said to start behind its header line.
    fn header(&self) -> usize {
        usize::from(self.style == Style::Quoted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::yaml::{self, NodeKind};

    /// The place of `needle` in the scalar that is the whole document.
    fn place(document: &str, needle: &str) -> String {
        let source = Source::new("f", document).unwrap();
        let node = yaml::parse(&source).unwrap().remove(0);
        let NodeKind::Mapping(mut pairs) = node.kind else { panic!("{document}") };
        let node = pairs.remove(0).1;
        let NodeKind::Scalar { text, style } = node.kind else { panic!("{document}") };
        let written = Written::from(Scalar { source, text, start: node.start, style });
        written.place(written.text.find(needle).unwrap_or(written.text.len())).to_string()
    }

    #[test]
    fn every_style_leads_back_to_the_file() {
        assert_eq!(place("c: a and b\n", "b"), "f:1:10");
        assert_eq!(place("c: a and\n   b\n", "b"), "f:2:4");
        assert_eq!(place("c: 'it''s b'\n", "b"), "f:1:11");
        assert_eq!(place("c: \"x \\\"q\\\" b\"\n", "b"), "f:1:13");
        assert_eq!(place("c: >\n  a and\n  (b)\nd: 1\n", "b"), "f:3:4");
        assert_eq!(place("c: >-  # note with b\n\n    aä and\n    c or b\n", "b"), "f:4:10");
        assert_eq!(place("c: |\n  a\n    b\n", "b"), "f:3:5");
    }

    #[test]
    fn the_end_is_behind_the_last_character() {
        assert_eq!(place("c: >\n  a and\n  bc\n\nd: 1\n", "zz"), "f:3:5");
        assert_eq!(place("c: abc\n", "zz"), "f:1:7");
    }

    #[test]
    fn pieces_lead_back_to_their_own_scalars() {
        let scalar = |file: &str, text: &str| {
            let source = Source::new(file, text).unwrap();
            Scalar { source, text: text.to_owned(), start: Mark { line: 1, column: 1 }, style: Style::Plain }
        };
        let mut written = Written::default();
        written.glue("(");
        written.concat(&Written::from(scalar("a", "one \n")));
        written.append(&Written::from(scalar("b", "two")));
        written.glue(" not ");
        written.stand_in("\"x y\"", Arc::new(scalar("c", "x y")));
        assert_eq!(written.text, "(one two not \"x y\"");
        let places: Vec<_> = [0, 1, 2, 5, 7, 9, 14, 17].map(|at| written.place(at).to_string()).to_vec();
        assert_eq!(places, ["a:1:1", "a:1:1", "a:1:2", "b:1:1", "b:1:3", "b:1:4", "c:1:1", "c:1:1"]);
    }
}
