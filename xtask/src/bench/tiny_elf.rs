//! The smallest program worth starting: it exits with 0 and does nothing else. Written as bytes, so that no
//! compiler or library has a share in what an exec costs.

/// Where the program is loaded.
const BASE: u64 = 0x40_0000;
const HEADER_SIZE: u16 = 64;
const PROGRAM_HEADER_SIZE: u16 = 56;

/// `mov eax, 60; xor edi, edi; syscall`: the system call `exit` with 0.
const CODE: [u8; 9] = [0xb8, 0x3c, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];

/// An x86-64 ELF executable of one segment.
pub(crate) fn bytes() -> Vec<u8> {
    let headers = u64::from(HEADER_SIZE.saturating_add(PROGRAM_HEADER_SIZE));
    let size = headers.saturating_add(CODE.len().try_into().unwrap_or(u64::MAX));
    let mut program = header(BASE.saturating_add(headers));
    program.extend(program_header(size));
    program.extend(CODE);
    program
}

fn header(entry: u64) -> Vec<u8> {
    // 64-bit, little-endian, version 1, System V; then padding.
    let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let (executable, x86_64, version) = (2_u16, 62_u16, 1_u32);
    let (no_sections, flags) = (0_u64, 0_u32);
    header.extend(executable.to_le_bytes());
    header.extend(x86_64.to_le_bytes());
    header.extend(version.to_le_bytes());
    header.extend(entry.to_le_bytes());
    header.extend(u64::from(HEADER_SIZE).to_le_bytes());
    header.extend(no_sections.to_le_bytes());
    header.extend(flags.to_le_bytes());
    // Sizes and counts: this header, program headers, section headers, index of section names.
    for field in [HEADER_SIZE, PROGRAM_HEADER_SIZE, 1, 0, 0, 0] {
        header.extend(field.to_le_bytes());
    }
    header
}

fn program_header(size: u64) -> Vec<u8> {
    let (load, read_and_execute) = (1_u32, 5_u32);
    let (offset, alignment) = (0_u64, 0x1000_u64);
    let mut header = Vec::new();
    header.extend(load.to_le_bytes());
    header.extend(read_and_execute.to_le_bytes());
    // Offset, virtual and physical address, size in the file and in memory, alignment.
    for field in [offset, BASE, BASE, size, size, alignment] {
        header.extend(field.to_le_bytes());
    }
    header
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn headers_have_their_sizes() {
        assert_eq!(header(0).len(), usize::from(HEADER_SIZE));
        assert_eq!(program_header(0).len(), usize::from(PROGRAM_HEADER_SIZE));
        assert_eq!(bytes().len(), 129);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn it_runs_and_exits_with_zero() {
        let path = std::env::temp_dir().join(format!("vigie-tiny-elf-test.{}", std::process::id()));
        std::fs::write(&path, bytes()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        // Another test's child may hold the file open for writing for a moment: then the kernel says "busy".
        let status = loop {
            match std::process::Command::new(&path).status() {
                Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                    std::thread::yield_now();
                }
                status => break status.unwrap(),
            }
        };
        std::fs::remove_file(&path).unwrap();
        assert_eq!(status.code(), Some(0));
    }
}
