//! A condition or output as it was written, and the way back from it to the file.

use super::source::{Place, Source};
use super::yaml::{Mark, Style};

/// The text of a YAML scalar and where it came from.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub source: Source,
    /// The text, as YAML gives it: unfolded and without quotes.
    pub text: String,
    /// Where it starts in the file.
    pub start: Mark,
    /// How it was written.
    pub style: Style,
}

impl Written {
    /// The place in the file of a byte of the text.
    ///
    /// YAML folds lines and drops indentation, but keeps every other character in order, so the two texts are
    /// walked side by side. An escape of double-quoted YAML may shift the answer within its line.
    pub fn place(&self, at: usize) -> Place {
        let origin = self.origin(at).unwrap_or_else(|| self.start_byte());
        self.source.place(origin)
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
        let written = Written { source, text, start: node.start, style };
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
}
