//! Bytes as hexadecimal digits.

/// Two lower-case digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map(char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).flatten().collect()
}

#[test]
fn each_byte_has_two_digits() {
    assert_eq!(hex(&[0, 0x0a, 0xf0, 0xff]), "000af0ff");
    assert_eq!(hex(&[]), "");
}
