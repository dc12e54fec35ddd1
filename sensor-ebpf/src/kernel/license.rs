//! The licence, as the kernel wants it said before it lets a program call its GPL-only helpers.

/// Read by the loader from the section of this name.
// SAFETY: the section holds nothing else.
#[unsafe(link_section = "license")]
#[used]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
