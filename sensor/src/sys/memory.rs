//! What the C library does with memory that is not used any more.

use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, mallopt};

/// Keeps up to `bytes` that were freed for what is allocated next, and takes blocks up to that size from there. By itself
/// the library gives a large block back to the kernel at once, and gets the next one page by page.
pub fn keep_freed(bytes: u32) {
    let bytes = c_int::try_from(bytes).unwrap_or(c_int::MAX);
    for parameter in [M_TRIM_THRESHOLD, M_MMAP_THRESHOLD] {
        // SAFETY: it takes two numbers and locks what it changes; what it refuses stays as it is.
        unsafe { mallopt(parameter, bytes) };
    }
}
