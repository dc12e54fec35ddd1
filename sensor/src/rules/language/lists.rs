//! Lists, and their textual expansion in conditions before those are parsed.
//!
//! A list name between delimiters is replaced by the list's items. Two things keep this from running away: a
//! budget for everything a load expands, and a limit to nesting. Unlike in Falco, a name inside a quoted text
//! is left alone: what is quoted is a value.

use std::collections::{HashMap, HashSet};

use crate::rules::problem::Problem;
use crate::rules::source::Place;

/// Most bytes and steps that all expansions of one load may take.
pub const MAX_EXPANSION: usize = 8 << 20;
/// Deepest nesting of lists within lists.
pub const MAX_NESTING: usize = 100;

/// One list.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name.
    pub name: String,
    /// Its items as written.
    pub items: Vec<String>,
    /// Where it was last defined.
    pub place: Place,
    /// Number of definitions of any list before its last one or what was last appended: the lists it can name.
    visible: usize,
    /// Number of definitions of any list before its first one.
    first: usize,
}

/// All lists, in the order of their first definition.
#[derive(Debug, Default)]
pub struct Lists {
    all: Vec<List>,
    by_name: HashMap<String, usize>,
    defined: usize,
    used: HashSet<usize>,
    spent: usize,
}

/// A text after expansion, and the way back to the text before.
#[derive(Debug, Default)]
pub struct Expanded {
    /// The text.
    pub text: String,
    pieces: Vec<Piece>,
}

/// A stretch of an expanded text.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it starts in the expanded text.
    at: usize,
    /// Where it comes from in the text before.
    origin: usize,
    /// Whether it was copied, and not put in the place of a name.
    copied: bool,
}

impl Expanded {
    /// The byte before expansion that a byte of the expanded text comes from.
    pub fn origin(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        match index.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            Some(piece) if piece.copied => piece.origin + (at - piece.at),
            Some(piece) => piece.origin,
            None => at,
        }
    }

    fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        self.pieces.retain(|piece| piece.at < length);
    }

    fn copy(&mut self, text: &str, origin: Origin) {
        let (origin, copied) = match origin {
            Origin::Copied(origin) => (origin, true),
            Origin::Name(origin) => (origin, false),
        };
        let joined = self.pieces.last().is_some_and(|last| {
            last.copied == copied
                && if copied {
                    last.origin + (self.text.len() - last.at) == origin
                } else {
                    last.origin == origin
                }
        });
        if !joined {
            self.pieces.push(Piece { at: self.text.len(), origin, copied });
        }
        self.text.push_str(text);
    }
}

/// Where text that is being put into an expansion comes from.
#[derive(Clone, Copy)]
enum Origin {
    /// From this byte of the text before.
    Copied(usize),
    /// In place of a list's name at this byte.
    Name(usize),
}

impl Origin {
    fn advanced(self, bytes: usize) -> Self {
        match self {
            Self::Copied(origin) => Self::Copied(origin + bytes),
            Self::Name(origin) => Self::Name(origin),
        }
    }

    fn start(self) -> usize {
        match self {
            Self::Copied(origin) | Self::Name(origin) => origin,
        }
    }
}

impl Lists {
    /// Adds a list, or replaces the one of that name, which keeps its place in the order.
    pub fn define(&mut self, name: &str, items: Vec<String>, place: Place) {
        let (visible, first) = (self.defined, self.defined);
        self.defined += 1;
        if let Some(list) = self.by_name.get(name).and_then(|index| self.all.get_mut(*index)) {
            list.items = items;
            list.place = place;
            list.visible = visible;
            return;
        }
        self.by_name.insert(name.to_owned(), self.all.len());
        self.all.push(List { name: name.to_owned(), items, place, visible, first });
    }

    /// Adds items to a list, which from now on can name the lists that come before this.
    pub fn append(&mut self, name: &str, items: Vec<String>) {
        let visible = self.defined;
        self.defined += 1;
        if let Some(list) = self.by_name.get(name).and_then(|index| self.all.get_mut(*index)) {
            list.items.extend(items);
            list.visible = visible;
        }
    }

    /// Where the list of this name was defined.
    pub fn place(&self, name: &str) -> Option<&Place> {
        self.by_name.get(name).and_then(|index| self.all.get(*index)).map(|list| &list.place)
    }

    /// The names of all lists.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|list| list.name.as_str())
    }

    /// The lists that nothing named.
    pub fn unused(&self) -> impl Iterator<Item = &List> {
        self.all.iter().enumerate().filter(|(index, _)| !self.used.contains(index)).map(|(_, list)| list)
    }

    /// Replaces every list name in `text`. An error comes with its place in `text`.
    pub fn expand(&mut self, text: &str) -> Result<Expanded, (usize, Problem)> {
        let mut out = Expanded::default();
        let mut used = HashSet::new();
        let mut walk = Walk { lists: self, used: &mut used, spent: self.spent };
        walk.text(text, Origin::Copied(0), Nesting::default(), &mut out)?;
        self.spent = walk.spent;
        self.used.extend(used);
        Ok(out)
    }
}

/// How far inside of lists a text stands.
#[derive(Clone, Copy, Default)]
struct Nesting {
    /// The lists before this one are no longer expanded: every list has had its turn once.
    from: usize,
    depth: usize,
    /// Length of the output before this text: what is there belongs to others.
    floor: usize,
}

/// One expansion under way.
struct Walk<'l> {
    lists: &'l Lists,
    used: &'l mut HashSet<usize>,
    spent: usize,
}

impl Walk<'_> {
    fn spend(&mut self, amount: usize, origin: Origin) -> Result<(), (usize, Problem)> {
        self.spent = self.spent.saturating_add(amount);
        if self.spent > MAX_EXPANSION {
            let problem = Problem::TooLarge { limit: MAX_EXPANSION, what: "bytes of list items" };
            return Err((origin.start(), problem));
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: &str,
        origin: Origin,
        nesting: Nesting,
        out: &mut Expanded,
    ) -> Result<(), (usize, Problem)> {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let here = origin.advanced(at);
            let token = first_token(rest);
            let list = self.list_named(token, text, at, nesting);
            self.spend(token.len().max(1), here)?;
            at += token.len();
            let Some(index) = list else {
                out.copy(token, here);
                continue;
            };
            let before = out.text.len();
            self.list(index, Origin::Name(here.start()), nesting, out)?;
            if out.text.len() == before && !drop_comma_before(out, nesting.floor) {
                at += comma_after(text.get(at..).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// The list that a token names, if it stands between delimiters.
    fn list_named(&self, token: &str, text: &str, at: usize, nesting: Nesting) -> Option<usize> {
        let index = *self.lists.by_name.get(token)?;
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + token.len()..).and_then(|after| after.chars().next());
        let alone = before.is_none_or(is_delimiter) && after.is_none_or(is_delimiter);
        (alone && index >= nesting.from).then_some(index)
    }

    /// Puts the items of a list in the place of its name.
    fn list(
        &mut self,
        index: usize,
        origin: Origin,
        nesting: Nesting,
        out: &mut Expanded,
    ) -> Result<(), (usize, Problem)> {
        if nesting.depth >= MAX_NESTING {
            return Err((origin.start(), Problem::TooDeep(MAX_NESTING)));
        }
        self.used.insert(index);
        let lists = self.lists;
        let Some(list) = lists.all.get(index) else { return Ok(()) };
        let inner = Nesting { from: index + 1, depth: nesting.depth + 1, floor: 0 };
        let start = out.text.len();
        for item in &list.items {
            match lists.earlier(list, item) {
                Some((named, other)) => {
                    self.used.insert(named);
                    for item in &other.items {
                        self.item(item, start, origin, inner, out)?;
                    }
                }
                None => self.item(item, start, origin, inner, out)?,
            }
        }
        Ok(())
    }

    /// Adds one item to those put in since `start`.
    fn item(
        &mut self,
        item: &str,
        start: usize,
        origin: Origin,
        nesting: Nesting,
        out: &mut Expanded,
    ) -> Result<(), (usize, Problem)> {
        self.spend(1, origin)?;
        let before = out.text.len();
        if before > start {
            out.copy(", ", origin);
        }
        let content = out.text.len();
        match quoted(item) {
            Some(quoted) => {
                self.spend(quoted.len(), origin)?;
                out.copy(&quoted, origin);
            }
            None => self.text(item, origin, Nesting { floor: content, ..nesting }, out)?,
        }
        if out.text.len() == content {
            out.truncate(before);
        }
        Ok(())
    }
}

impl Lists {
    /// The list that an item of `list` names, if it was defined before.
    fn earlier(&self, list: &List, item: &str) -> Option<(usize, &List)> {
        let index = *self.by_name.get(item)?;
        let other = self.all.get(index)?;
        (other.first < list.visible && other.name != list.name).then_some((index, other))
    }
}

/// The first token of a text, which is copied or replaced as a whole: a quoted text, a word, or one other
/// character.
fn first_token(text: &str) -> &str {
    let Some(first) = text.chars().next() else { return "" };
    let end = if first == '"' || first == '\'' {
        quoted_end(text, first)
    } else if is_delimiter(first) {
        first.len_utf8()
    } else {
        text.find(|c| is_delimiter(c) || c == '"' || c == '\'').unwrap_or(text.len())
    };
    text.get(..end).unwrap_or(text)
}

/// Where the quoted text that `text` begins with ends.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn is_delimiter(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '(' | ')' | ',' | '=')
}

/// The item as a quoted text, where a condition could not hold it bare.
pub(in crate::rules) fn quoted(item: &str) -> Option<String> {
    let is_quoted = item.starts_with('"') || item.starts_with('\'');
    let needs_quotes = item.is_empty() || item.contains([' ', '\t', '\n', '\r', '(', ')', '=', '"', '\'']);
    if is_quoted {
        return Some(item.to_owned());
    }
    needs_quotes.then(|| quote(item))
}

/// The item in quotes.
pub(in crate::rules) fn quote(item: &str) -> String {
    let mut quoted = String::with_capacity(item.len() + 2);
    quoted.push('"');
    let mut escaped = false;
    for c in item.chars() {
        if c == '"' && !escaped {
            quoted.push('\\');
        }
        escaped = c == '\\' && !escaped;
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// An empty list leaves no comma behind: takes away the one before it.
fn drop_comma_before(out: &mut Expanded, floor: usize) -> bool {
    let kept = out.text.trim_end_matches([' ', '\t', '\n', '\r']);
    let Some(kept) = kept.strip_suffix(',').map(str::len).filter(|kept| *kept >= floor) else { return false };
    out.truncate(kept);
    true
}

/// An empty list leaves no comma behind: the length up to and with the one after it, or 0.
fn comma_after(text: &str) -> usize {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r']);
    if trimmed.starts_with(',') { text.len() - trimmed.len() + 1 } else { 0 }
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;
