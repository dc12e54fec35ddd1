//! The options of a command line, as getopt(3) would find them.

use std::borrow::Cow;

use crate::rules::value::Value;

/// The options that a program knows, as getopt(3) takes them: `ab:c` is `-a`, `-b ARGUMENT` and `-c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptString {
    /// By character: whether it is an option, and then whether that takes an argument.
    known: Box<[Option<bool>; 256]>,
}

impl OptString {
    /// Reads the options. A leading colon changes what getopt(3) reports of a missing argument, which is an empty
    /// text here in either case.
    pub fn new(text: &[u8]) -> Self {
        let mut known = Box::new([None; 256]);
        for (index, option) in text.iter().enumerate().filter(|(_, option)| **option != b':') {
            let takes_argument = text.get(index + 1) == Some(&b':');
            if let Some(slot) = known.get_mut(usize::from(*option)) {
                *slot = Some(takes_argument);
            }
        }
        Self { known }
    }

    /// Every option and argument in order, `?` for an unknown one; with a key the argument of the last such
    /// option, or its name if it takes none.
    ///
    /// It ends at `--` and at the first word that is no option; long options are passed over.
    pub fn parse<'v>(&self, arguments: &[Value<'v>], key: Option<u8>) -> Value<'v> {
        let mut found = Found { key, list: Vec::new(), last: Value::Missing };
        let mut words = arguments.iter().map(bytes);
        while let Some(word) = words.next() {
            match word.split_first() {
                Some((b'-', [b'-'])) => break,
                Some((b'-', [b'-', ..])) => {}
                Some((b'-', cluster)) if !cluster.is_empty() => self.cluster(cluster, &mut words, &mut found),
                Some(_) | None => break,
            }
        }
        if key.is_some() { found.last } else { Value::List(found.list) }
    }

    #[expect(single_use_lifetimes, reason = "it cannot be left out of `impl Iterator`")]
    /// Takes the options of one word such as `-ntvalue` apart.
    fn cluster<'w>(&self, cluster: &[u8], words: &mut impl Iterator<Item = &'w [u8]>, found: &mut Found<'_>) {
        for (index, option) in cluster.iter().enumerate() {
            match self.known.get(usize::from(*option)).copied().flatten() {
                None => found.unknown(),
                Some(false) => found.option(*option, None),
                Some(true) => {
                    let rest = cluster.get(index + 1..).filter(|rest| !rest.is_empty());
                    match rest.or_else(|| words.next()) {
                        Some(argument) => found.option(*option, Some(argument)),
                        None => found.without_argument(*option),
                    }
                    return;
                }
            }
        }
    }
}

/// What was found so far.
struct Found<'v> {
    key: Option<u8>,
    list: Vec<Value<'v>>,
    last: Value<'v>,
}

impl Found<'_> {
    fn unknown(&mut self) {
        self.list.push(Value::from("?"));
    }

    fn option(&mut self, option: u8, argument: Option<&[u8]>) {
        if self.key == Some(option) {
            self.last = owned(argument.unwrap_or(&[option]));
        }
        self.list.push(owned(&[option]));
        self.list.extend(argument.map(owned));
    }

    fn without_argument(&mut self, option: u8) {
        if self.key == Some(option) {
            self.last = Value::from("");
        }
        self.list.push(Value::from(""));
    }
}

fn owned(text: &[u8]) -> Value<'static> {
    Value::Text(Cow::Owned(text.to_vec()))
}

fn bytes<'v>(value: &'v Value<'_>) -> &'v [u8] {
    value.as_text().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(options: &str, line: &str, key: Option<u8>) -> String {
        let words: Vec<_> = line.split(' ').map(Value::from).collect();
        let mut out = Vec::new();
        OptString::new(options.as_bytes()).parse(&words, key).print(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn clusters_arguments_and_ends_are_found() {
        assert_eq!(parsed("nt:v", "-nv -t 5 -t6 rest -n", None), "(n,v,t,5,t,6)");
        assert_eq!(parsed("nt:", "-n -- -t 5", None), "(n)");
        assert_eq!(parsed("nt:", "--long -n - -t 5", None), "(n)");
        assert_eq!(parsed("n", "-nx", None), "(n,?)");
        assert_eq!(parsed("t:", "-t", None), "()");
        assert_eq!(parsed(":n", "-:n", None), "(?,n)");
    }

    #[test]
    fn a_key_asks_for_the_last_argument() {
        assert_eq!(parsed("nt:", "-t 5 -t6", Some(b't')), "6");
        assert_eq!(parsed("nt:", "-n", Some(b'n')), "n");
        assert_eq!(parsed("nt:", "-n", Some(b't')), "<NA>");
        assert_eq!(parsed("nt:", "-n -t", Some(b't')), "");
    }
}
