//! A program that makes the calls which ordinary programs do not: old ones, refused ones, pointers into nowhere.

use crate::support::{Assembly, Kept, Operand, Place, call};

/// Numbers of x86-64's system calls that no other test makes.
mod number {
    pub(super) const SOCKET: u32 = 41;
    pub(super) const CONNECT: u32 = 42;
    pub(super) const BIND: u32 = 49;
    pub(super) const KILL: u32 = 62;
    pub(super) const RENAME: u32 = 82;
    pub(super) const MKDIR: u32 = 83;
    pub(super) const RMDIR: u32 = 84;
    pub(super) const UNLINK: u32 = 87;
    pub(super) const CHMOD: u32 = 90;
    pub(super) const FCHMOD: u32 = 91;
    pub(super) const TKILL: u32 = 200;
    pub(super) const TGKILL: u32 = 234;
    pub(super) const MKDIRAT: u32 = 258;
    pub(super) const UNLINKAT: u32 = 263;
    pub(super) const RENAMEAT: u32 = 264;
    pub(super) const FCHMODAT: u32 = 268;
    pub(super) const RENAMEAT2: u32 = 316;
}

const NOWHERE: Operand = Operand::Number(8);
const NULL: Operand = Operand::Number(0);
const NO_DESCRIPTOR: Operand = Operand::Number(77);
/// `O_DIRECTORY`, `O_CREAT | O_WRONLY`, `AT_REMOVEDIR`, `RENAME_NOREPLACE`, `RENAME_EXCHANGE`.
const DIRECTORY: u64 = 0o200_000;
const CREATE: u64 = 0o101;
const REMOVE_DIRECTORY: u64 = 0x200;
const NO_REPLACE: u64 = 1;
const EXCHANGE: u64 = 2;

/// Writes the program.
pub(super) fn program(place: &Place) -> std::path::PathBuf {
    let mut program = Assembly::default();
    opens(&mut program);
    names(&mut program);
    at_descriptors(&mut program);
    nowhere(&mut program);
    sockets(&mut program);
    signals(&mut program);
    program.exit(0);
    place.program("awkward", &program)
}

fn opens(program: &mut Assembly) {
    let file = program.string(b"file");
    let how = program.words(&[CREATE, 0o600, 0]);
    let wrong = program.words(&[CREATE, 0o600, 1 << 40]);
    program.must(call::OPEN, &[file.into(), CREATE.into(), 0o644.into()]);
    program.must(call::CREAT, &[file.into(), 0o600.into()]);
    program.must(call::OPENAT2, &[Operand::CWD, file.into(), how.into(), 24.into()]);
    program.call(call::OPENAT2, &[Operand::CWD, file.into(), wrong.into(), 24.into()]);
    for name in [&b""[..], b"missing", b"file/below", &[b'x'; 300], &b"very/long/".repeat(400), &[0xff, 0xfe]]
    {
        let name = program.string(name);
        program.call(call::OPEN, &[name.into(), 0.into()]);
        program.call(call::OPENAT, &[Operand::CWD, name.into(), 2.into()]);
    }
}

fn names(program: &mut Assembly) {
    let [file, other, hostile] =
        [&b"file"[..], b"./other//", b"h\x1b[2J\n\"\\\xff"].map(|name| program.string(name));
    program.must(number::RENAME, &[file.into(), hostile.into()]);
    program.call(number::RENAME, &[file.into(), other.into()]);
    program.must(number::CHMOD, &[hostile.into(), 0o4711.into()]);
    program.must(number::MKDIR, &[other.into(), 0o1777.into()]);
    program.call(number::UNLINK, &[other.into()]);
    program.call(number::RMDIR, &[hostile.into()]);
    program.must(number::UNLINK, &[hostile.into()]);
    program.must(number::RMDIR, &[other.into()]);
}

fn at_descriptors(program: &mut Assembly) {
    let [here, one, two] = [&b"."[..], b"one", b"two"].map(|name| program.string(name));
    program.must(call::OPENAT, &[Operand::CWD, here.into(), DIRECTORY.into()]);
    program.keep();
    program.must(number::MKDIRAT, &[Kept.into(), one.into(), 0o700.into()]);
    program.must(number::MKDIRAT, &[Kept.into(), two.into(), 0o700.into()]);
    program.must(number::RENAMEAT2, &[Kept.into(), one.into(), Kept.into(), two.into(), EXCHANGE.into()]);
    program.call(number::RENAMEAT2, &[Kept.into(), one.into(), Kept.into(), two.into(), NO_REPLACE.into()]);
    program.must(number::RENAMEAT, &[Kept.into(), one.into(), Operand::CWD, two.into()]);
    program.must(number::FCHMODAT, &[Kept.into(), two.into(), 0o711.into()]);
    program.must(number::FCHMOD, &[Kept.into(), 0o755.into()]);
    program.must(number::UNLINKAT, &[Kept.into(), two.into(), REMOVE_DIRECTORY.into()]);
    program.call(number::UNLINKAT, &[NO_DESCRIPTOR, two.into(), 0.into()]);
    program.call(number::MKDIRAT, &[NO_DESCRIPTOR, two.into(), 0.into()]);
    program.call(number::FCHMOD, &[NO_DESCRIPTOR, 0o600.into()]);
}

fn nowhere(program: &mut Assembly) {
    let name = program.string(b"name");
    for pointer in [NULL, NOWHERE] {
        for number in [number::UNLINK, number::RMDIR, number::MKDIR, number::CHMOD, call::OPEN] {
            program.call(number, &[pointer, 0.into()]);
        }
        program.call(number::RENAME, &[pointer, name.into()]);
        program.call(number::RENAME, &[name.into(), pointer]);
        program.call(call::EXECVE, &[pointer, NULL, NULL]);
        program.call(number::CONNECT, &[0.into(), pointer, 16.into()]);
    }
    program.call(call::EXECVE, &[name.into(), NULL, NULL]);
    program.call(call::EXECVEAT, &[Operand::CWD, name.into(), NULL, NULL, 0.into()]);
}

fn sockets(program: &mut Assembly) {
    // 127.0.0.1 and a port that nobody listens at; a path, an abstract name.
    let four = program.bytes(&[2, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    let path = program.bytes(b"\x01\0socket\0");
    let hidden = program.bytes(b"\x01\0\0vigie-oracle\xff");
    program.must(number::SOCKET, &[2.into(), 1.into(), 0.into()]);
    program.keep();
    program.call(number::CONNECT, &[Kept.into(), four.into(), 16.into()]);
    program.call(number::BIND, &[Kept.into(), four.into(), 3.into()]);
    for address in [(path, 9_u32), (hidden, 16)] {
        program.must(number::SOCKET, &[1.into(), 1.into(), 0.into()]);
        program.keep();
        program.call(number::CONNECT, &[Kept.into(), address.0.into(), address.1.into()]);
        program.must(number::BIND, &[Kept.into(), address.0.into(), address.1.into()]);
    }
    program.call(number::BIND, &[NO_DESCRIPTOR, four.into(), 16.into()]);
}

fn signals(program: &mut Assembly) {
    let nobody = 0x7fff_fff0_u32;
    program.call(number::KILL, &[nobody.into(), 15.into()]);
    program.call(number::KILL, &[0.into(), 0.into()]);
    program.call(number::KILL, &[0.into(), 999.into()]);
    program.call(number::TKILL, &[nobody.into(), 0.into()]);
    program.call(number::TKILL, &[(-1).into(), 0.into()]);
    program.call(number::TGKILL, &[nobody.into(), nobody.into(), 0.into()]);
}
