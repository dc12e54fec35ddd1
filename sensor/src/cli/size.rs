//! Sizes as people write them.

use crate::sys::bpf::MIN_RING;

/// A number of bytes, `K` and `M` understood.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.trim_end_matches(['k', 'K', 'm', 'M']) {
        digits if digits.len() == text.len() => (digits, 1),
        digits if text.ends_with(['k', 'K']) => (digits, 1024),
        digits => (digits, 1024 * 1024),
    };
    let number: usize = digits.parse().map_err(|error| format!("{error}; write bytes, 64K or 8M"))?;
    number.checked_mul(unit).ok_or_else(|| "that is too much".to_owned())
}

/// A ring's size: a power of two of at least [`MIN_RING`] bytes, `K` and `M` understood.
pub(super) fn ring_size(text: &str) -> Result<u32, String> {
    let size = u32::try_from(bytes(text)?).ok().ok_or("4 GiB and more are too much for a ring")?;
    if size.is_power_of_two() && size >= MIN_RING {
        return Ok(size);
    }
    let next = size.max(MIN_RING).checked_next_power_of_two().unwrap_or(1 << 31);
    Err(format!("the kernel takes powers of two of at least {MIN_RING} bytes; the next one is {next}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_and_odd_sizes_refused_with_the_remedy() {
        assert_eq!(ring_size("65536"), Ok(65_536));
        assert_eq!(ring_size("64k"), Ok(65_536));
        assert_eq!(ring_size("8M"), Ok(8 << 20));
        assert!(ring_size("65000").unwrap_err().contains("65536"));
        assert!(ring_size("1").unwrap_err().contains("4096"));
        assert!(ring_size("4096M").is_err());
        assert!(ring_size("K").is_err());
        assert_eq!(bytes("3M"), Ok(3 << 20));
        assert!(bytes("99999999999999999999").is_err() && bytes("18446744073709551615K").is_err());
    }
}
