//! What clients do to bodies that nobody means.

use super::dice::Dice;
use super::node::Node;
use super::values::{STRANGE, STRANGERS};

/// Changes something in a body that is still JSON.
pub(super) fn twist(body: &mut Node, dice: &mut Dice) {
    match dice.below(8) {
        0 => outside(body, dice),
        1 => respell_host(body, dice),
        other => anywhere(body, dice, other),
    }
}

/// A member of some object.
fn anywhere(body: &mut Node, dice: &mut Dice, how: usize) {
    let mut index = dice.below(body.objects().max(1));
    let Some(members) = body.nth_object(&mut index) else { return };
    if how == 7 || members.is_empty() {
        let stranger = (dice.pick(STRANGERS).to_owned(), strange(dice));
        return members.insert(dice.below(members.len() + 1), stranger);
    }
    let at = dice.below(members.len());
    match how {
        2 | 3 => members[at].0 = respelled(&members[at].0, dice),
        4 => members[at].1 = strange(dice),
        5 => as_text(&mut members[at].1),
        _ => {
            let mut again = members[at].clone();
            if dice.once_in(2) {
                again.0 = respelled(&again.0, dice);
            }
            if dice.once_in(2) {
                again.1 = strange(dice);
            }
            members.insert(dice.below(members.len() + 1), again);
        }
    }
}

fn strange(dice: &mut Dice) -> Node {
    match dice.below(STRANGE.len() + 1) {
        0 => Node::Raw(nested(dice)),
        _ => Node::Raw(dice.pick(STRANGE).to_owned()),
    }
}

/// Lists in lists.
fn nested(dice: &mut Dice) -> String {
    let depth = dice.pick(&[3, 60, 70, 12_000]);
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// What is not a text becomes one.
fn as_text(value: &mut Node) {
    if let Node::Raw(text) = value
        && !text.starts_with('"')
    {
        *text = format!("\"{text}\"");
    }
}

/// Old engines read the host's configuration beside `HostConfig`, too.
fn outside(body: &mut Node, dice: &mut Dice) {
    let Some(Node::Object(host)) = body.get_mut("HostConfig") else { return };
    if host.is_empty() {
        return;
    }
    let at = dice.below(host.len());
    let (name, value) = if dice.once_in(2) { host.remove(at) } else { host[at].clone() };
    body.put(&name, value);
    if dice.once_in(3)
        && let Node::Object(members) = body
    {
        members.retain(|(name, _)| name != "HostConfig");
    }
}

fn respell_host(body: &mut Node, dice: &mut Dice) {
    if let Node::Object(members) = body
        && let Some((name, _)) = members.iter_mut().find(|(name, _)| name == "HostConfig")
    {
        *name = respelled(name, dice);
    }
}

/// The same name to Go, or nearly.
fn respelled(name: &str, dice: &mut Dice) -> String {
    let way = dice.below(6);
    match way {
        0 => return name.to_lowercase(),
        1 => return name.to_uppercase(),
        _ => {}
    }
    let letter = |letter: char| match (way, letter) {
        // A name may have escapes already.
        (_, '\\') => letter.to_string(),
        (2, 's' | 'S') => "\u{17f}".to_owned(),
        (2, 'k' | 'K') => "\u{212a}".to_owned(),
        (3, 's' | 'S') => "\\u017F".to_owned(),
        (3, 'k' | 'K') => "\\u212a".to_owned(),
        (4, letter) if letter.is_ascii_alphabetic() && !name.contains('\\') => {
            format!("\\u{:04x}", u32::from(letter))
        }
        (5, letter) if dice.once_in(2) => letter.to_ascii_uppercase().to_string(),
        (_, letter) => letter.to_string(),
    };
    name.chars().map(letter).collect()
}

/// Makes of a body what is not, or hardly, JSON.
pub(super) fn spoil(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = dice.below(bytes.len());
    match dice.below(9) {
        0 => bytes.extend(dice.pick(&[&b" x"[..], b"{}", b"\0", b"]", b"}", b",", b" {\"HostConfig\":{}}"])),
        1 => bytes.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
        2 => bytes.extend(b" \r\n\t"),
        3 => bytes.splice(0..0, *b"\n ").for_each(drop),
        4 => bytes.truncate(at),
        5 => bytes.insert(at, dice.pick(b"\xff\xc0\x00\x1f\x7f\"\\,:'/ ")),
        6 => bytes = [b"[", &*bytes, b"]"].concat(),
        7 => bytes = dice.pick(&[&b"null"[..], b"", b"\"\"", b"[]", b"1", b"{}", b"true"]).to_vec(),
        _ => drop(bytes.remove(at)),
    }
    bytes
}
