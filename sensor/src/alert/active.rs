//! Characters that do more than be seen.

/// Whether a terminal or an editor may do something else than show it.
pub(super) fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
