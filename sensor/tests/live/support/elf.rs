//! Static x86-64 programs, put together from bytes: no loader, no library, nothing in their process but what a test
//! wrote.

/// Where the file is mapped, whole, to be read, written and run.
const BASE: u64 = 0x40_0000;
const HEADER_SIZE: u16 = 64;
const PROGRAM_HEADER_SIZE: u16 = 56;
/// File offset of the data; the code lies before it.
const DATA_OFFSET: usize = 0x2000;

/// Address of the first instruction.
pub(super) const CODE: u64 = BASE + HEADER_SIZE as u64 + PROGRAM_HEADER_SIZE as u64;
/// Address of the first byte of data.
pub(super) const DATA: u64 = BASE + DATA_OFFSET as u64;

/// The executable.
pub(super) fn executable(code: &[u8], data: &[u8]) -> Vec<u8> {
    let size = DATA_OFFSET + data.len();
    let mut file = header();
    file.extend(program_header(size as u64));
    file.extend(code);
    assert!(file.len() <= DATA_OFFSET, "the code is longer than the room before the data");
    file.resize(DATA_OFFSET, 0);
    file.extend(data);
    file
}

fn header() -> Vec<u8> {
    // 64-bit, little-endian, version 1, System V; padding; an executable for x86-64.
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    // Entry, program headers, section headers.
    header.extend([CODE, HEADER_SIZE.into(), 0].iter().flat_map(|word| word.to_le_bytes()));
    // Flags.
    header.extend([0; 4]);
    // This header's size, program headers' size and count, sections' size, count and names.
    header.extend([HEADER_SIZE, PROGRAM_HEADER_SIZE, 1, 0, 0, 0].iter().flat_map(|half| half.to_le_bytes()));
    header
}

fn program_header(size: u64) -> Vec<u8> {
    // To be loaded; readable, writable, executable.
    let mut header = b"\x01\0\0\0\x07\0\0\0".to_vec();
    // Offset, virtual and physical address, size in the file and in memory, alignment.
    header.extend([0, BASE, BASE, size, size, 0x1000].iter().flat_map(|word| word.to_le_bytes()));
    header
}

/// The executable of a program of 32 bits (i386), of code alone.
pub(super) fn executable_of_32_bits(code: &[u8]) -> Vec<u8> {
    const HEADERS: u32 = 52 + 32;
    let base = u32::try_from(BASE).unwrap();
    let size = HEADERS + u32::try_from(code.len()).unwrap();
    // 32-bit, little-endian, version 1, System V; padding; an executable for i386.
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x03\0\x01\0\0\0".to_vec();
    // Entry, program headers, section headers, flags.
    file.extend([base + HEADERS, 52, 0, 0].iter().flat_map(|word| word.to_le_bytes()));
    file.extend([52_u16, 32, 1, 0, 0, 0].iter().flat_map(|half| half.to_le_bytes()));
    // To be loaded: offset, addresses, sizes; readable, writable, executable; alignment.
    file.extend([1, 0, base, base, size, size, 7, 0x1000].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(code);
    file
}
