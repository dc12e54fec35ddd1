//! A list of system calls as machine code, with just enough around it: loops, a second thread, results passed on.

use super::elf;

/// Numbers of x86-64's system calls.
pub(crate) mod call {
    pub(crate) const READ: u32 = 0;
    pub(crate) const WRITE: u32 = 1;
    pub(crate) const OPEN: u32 = 2;
    pub(crate) const CLOSE: u32 = 3;
    pub(crate) const FSTAT: u32 = 5;
    pub(crate) const MMAP: u32 = 9;
    pub(crate) const PAUSE: u32 = 34;
    pub(crate) const SOCKET: u32 = 41;
    pub(crate) const CLONE: u32 = 56;
    pub(crate) const EXECVE: u32 = 59;
    pub(crate) const KILL: u32 = 62;
    pub(crate) const RMDIR: u32 = 84;
    pub(crate) const CREAT: u32 = 85;
    pub(crate) const UNLINK: u32 = 87;
    pub(crate) const SETUID: u32 = 105;
    pub(crate) const SETGID: u32 = 106;
    pub(crate) const CHROOT: u32 = 161;
    pub(crate) const MOUNT: u32 = 165;
    pub(crate) const TKILL: u32 = 200;
    pub(crate) const EXIT_GROUP: u32 = 231;
    pub(crate) const TGKILL: u32 = 234;
    pub(crate) const OPENAT: u32 = 257;
    pub(crate) const UNLINKAT: u32 = 263;
    pub(crate) const UNSHARE: u32 = 272;
    pub(crate) const NAME_TO_HANDLE_AT: u32 = 303;
    pub(crate) const OPEN_BY_HANDLE_AT: u32 = 304;
    pub(crate) const SETNS: u32 = 308;
    pub(crate) const EXECVEAT: u32 = 322;
    pub(crate) const IO_URING_SETUP: u32 = 425;
    pub(crate) const IO_URING_ENTER: u32 = 426;
    pub(crate) const OPENAT2: u32 = 437;
}

/// `CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM`: a thread.
const THREAD: u64 = 0x50f00;

/// What a system call is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Operand {
    /// A number, or an address that is known.
    Number(u64),
    /// What an earlier call returned.
    Kept,
    /// The word this many bytes above where the stack began: 0 is `argc`, 8 is `argv[0]`.
    Stack(u8),
}

/// What an earlier call returned ([`Assembly::keep`]).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept;

/// A word of the stack at the start of the program, by its offset in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack(pub(crate) u8);

impl Operand {
    /// `AT_FDCWD`: relative to the working directory.
    pub(crate) const CWD: Self = Self::Number((-100_i64).cast_unsigned());
}

impl From<u64> for Operand {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Operand {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i32> for Operand {
    fn from(number: i32) -> Self {
        Self::Number(i64::from(number).cast_unsigned())
    }
}

impl From<Kept> for Operand {
    fn from(_: Kept) -> Self {
        Self::Kept
    }
}

impl From<Stack> for Operand {
    fn from(Stack(offset): Stack) -> Self {
        Self::Stack(offset)
    }
}

/// The registers of a call's operands as each instruction writes them: `mov REG, imm64`, `mov REG, r15`,
/// `mov REG, [rsp + disp8]`.
const REGISTERS: [([u8; 2], [u8; 3], [u8; 4]); 6] = [
    ([0x48, 0xbf], [0x4c, 0x89, 0xff], [0x48, 0x8b, 0x7c, 0x24]), // rdi
    ([0x48, 0xbe], [0x4c, 0x89, 0xfe], [0x48, 0x8b, 0x74, 0x24]), // rsi
    ([0x48, 0xba], [0x4c, 0x89, 0xfa], [0x48, 0x8b, 0x54, 0x24]), // rdx
    ([0x49, 0xba], [0x4d, 0x89, 0xfa], [0x4c, 0x8b, 0x54, 0x24]), // r10
    ([0x49, 0xb8], [0x4d, 0x89, 0xf8], [0x4c, 0x8b, 0x44, 0x24]), // r8
    ([0x49, 0xb9], [0x4d, 0x89, 0xf9], [0x4c, 0x8b, 0x4c, 0x24]), // r9
];

/// A program in the making. Addresses are `u64`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Assembly {
    code: Vec<u8>,
    data: Vec<u8>,
}

impl Assembly {
    /// Ends with 0 and does nothing before.
    pub(crate) fn nothing() -> Self {
        let mut program = Self::default();
        program.exit(0);
        program
    }

    /// Places bytes in the program's memory, aligned for anything; gives their address.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> u64 {
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let address = elf::DATA + self.data.len() as u64;
        self.data.extend(bytes);
        address
    }

    /// Places a string, ended by NUL.
    pub(crate) fn string(&mut self, text: &[u8]) -> u64 {
        self.bytes(&[text, b"\0"].concat())
    }

    /// Places words: an array of pointers, a struct.
    pub(crate) fn words(&mut self, words: &[u64]) -> u64 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bytes(&bytes)
    }

    /// A system call.
    pub(crate) fn call(&mut self, number: u32, operands: &[Operand]) {
        assert!(operands.len() <= REGISTERS.len());
        for ((immediate, kept, stack), operand) in REGISTERS.iter().zip(operands) {
            match operand {
                Operand::Number(value) => {
                    self.code.extend(immediate);
                    self.code.extend(value.to_le_bytes());
                }
                Operand::Kept => self.code.extend(kept),
                Operand::Stack(offset) => {
                    self.code.extend(stack);
                    self.code.push(*offset);
                }
            }
        }
        // mov eax, imm32; syscall
        self.code.push(0xb8);
        self.code.extend(number.to_le_bytes());
        self.code.extend([0x0f, 0x05]);
    }

    /// A system call without which the rest makes no sense: if it fails, the program ends with the error as its
    /// exit code.
    pub(crate) fn must(&mut self, number: u32, operands: &[Operand]) {
        self.call(number, operands);
        // test rax, rax; jns over the following
        self.code.extend([0x48, 0x85, 0xc0, 0x79, 13]);
        // mov rdi, rax; neg rdi; mov eax, exit_group; syscall
        self.code.extend([0x48, 0x89, 0xc7, 0x48, 0xf7, 0xdf, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05]);
    }

    /// Keeps what the last call returned: `mov r15, rax`.
    pub(crate) fn keep(&mut self) {
        self.code.extend([0x49, 0x89, 0xc7]);
    }

    /// Ends the process.
    pub(crate) fn exit(&mut self, code: u32) {
        self.call(call::EXIT_GROUP, &[code.into()]);
    }

    /// Waits for a byte on standard input.
    pub(crate) fn wait_for_input(&mut self) {
        let buffer = self.words(&[0]);
        self.call(call::READ, &[0.into(), buffer.into(), 1.into()]);
    }

    /// Repeats what `body` adds.
    pub(crate) fn repeat(&mut self, times: u32, body: impl FnOnce(&mut Self)) {
        // mov ebx, imm32; system calls leave it alone
        self.code.push(0xbb);
        self.code.extend(times.to_le_bytes());
        let top = self.code.len();
        body(self);
        // dec ebx; jnz top
        self.code.extend([0xff, 0xcb, 0x0f, 0x85]);
        self.jump_to(top);
    }

    /// A second thread that does what `body` adds, for ever; the first one goes on behind it.
    pub(crate) fn thread(&mut self, body: impl FnOnce(&mut Self)) {
        let stack = self.bytes(&[0; 256]) + 256;
        self.must(call::CLONE, &[THREAD.into(), stack.into(), 0.into(), 0.into(), 0.into()]);
        // test rax, rax; jnz behind the thread's part
        self.code.extend([0x48, 0x85, 0xc0, 0x0f, 0x85, 0, 0, 0, 0]);
        let from = self.code.len();
        body(self);
        // jmp from
        self.code.push(0xe9);
        self.jump_to(from);
        let distance = u32::try_from(self.code.len() - from).unwrap();
        self.code[from - 4..from].copy_from_slice(&distance.to_le_bytes());
    }

    /// Turns one byte into another and back: `xor byte [address], mask`.
    pub(crate) fn flip(&mut self, address: u64, mask: u8) {
        self.code.extend([0x48, 0xb8]);
        self.code.extend(address.to_le_bytes());
        self.code.extend([0x80, 0x30, mask]);
    }

    /// Instructions as they are.
    pub(crate) fn raw(&mut self, instructions: &[u8]) {
        self.code.extend(instructions);
    }

    /// The executable.
    pub(crate) fn executable(&self) -> Vec<u8> {
        elf::executable(&self.code, &self.data)
    }

    /// The distance back to `target`, behind a jump's opcode.
    fn jump_to(&mut self, target: usize) {
        let distance = i32::try_from(self.code.len() + 4 - target).unwrap();
        self.code.extend((-distance).to_le_bytes());
    }
}
