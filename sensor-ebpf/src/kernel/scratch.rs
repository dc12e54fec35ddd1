//! Private buffers in which records are put together before they are copied into a ring.
//!
//! A program may be preempted on its CPU by another one that needs a buffer too. A buffer is claimed by an
//! atomic addition followed by a read: who reads 1 owns it, anyone else takes back the addition and tries
//! the next one. Two can never both read 1, because each read comes after the reader's own addition.

use core::ffi::c_void;

use sensor_common::{
    event::MAX_PAYLOAD,
    header::Header,
    tail::{COMPONENT_SIZE, MAX_PIECE, MAX_START, MAX_TAIL},
};

use super::{Miss, atomic, barrier, maps::SCRATCH};

/// Buffers per CPU: how deep preemption may nest.
pub(super) const SLOTS: u32 = 4;
/// Room for the largest record.
pub(super) const SLOT_SIZE: usize = size_of::<Header>() + MAX_PAYLOAD + MAX_TAIL;

/// One buffer.
#[repr(C)]
pub(super) struct Slot {
    /// What [`Word`] names. Kept here and not on the stack, because the verifier forgets what it knows of a value in
    /// a map: the same code is then verified once, not once per possible length.
    words: [u64; 3],
    /// The record.
    bytes: [u8; SLOT_SIZE],
}

/// Place of a word in [`Slot::words`].
#[derive(Clone, Copy)]
enum Word {
    /// Claims on the buffer; 0 when it is free.
    Claims,
    /// Bytes of the tail in use.
    Used,
    /// Faults of optional reads so far, ored.
    Faults,
}

/// A claimed buffer. Must be released.
#[derive(Clone, Copy)]
pub(super) struct Scratch(*mut Slot);

impl Scratch {
    /// Claims a free buffer of this CPU.
    #[inline(always)]
    pub(super) fn claim() -> Result<Self, Miss> {
        for index in 0..SLOTS {
            let slot = Self(SCRATCH.get_ptr_mut(index).ok_or(Miss::Busy)?);
            slot.add_claim(1);
            if slot.load(Word::Claims) == 1 {
                return Ok(slot);
            }
            slot.release();
        }
        Err(Miss::Busy)
    }

    /// Gives it back.
    #[inline(always)]
    pub(super) fn release(self) {
        self.add_claim(u64::MAX);
    }

    /// Empties it.
    #[inline(always)]
    pub(super) fn reset(self) {
        self.store(Word::Used, 0);
        self.store(Word::Faults, 0);
    }

    /// Bytes of the tail in use.
    #[inline(always)]
    pub(super) fn used(self) -> u64 {
        self.load(Word::Used)
    }

    /// Sets the bytes of the tail in use.
    #[inline(always)]
    pub(super) fn set_used(self, used: u64) {
        self.store(Word::Used, used);
    }

    /// Adds a fault, or none if it is 0.
    #[inline(always)]
    pub(super) fn add_fault(self, fault: i64) {
        self.store(Word::Faults, self.load(Word::Faults) | fault as u64);
    }

    /// Whether an optional read failed.
    #[inline(always)]
    pub(super) fn has_faults(self) -> bool {
        self.load(Word::Faults) != 0
    }

    /// Byte `offset` of the record; offsets beyond it are for the verifier to refuse.
    #[inline(always)]
    pub(super) fn byte(self, offset: usize) -> *mut u8 {
        self.0.cast::<u8>().wrapping_add(core::mem::offset_of!(Slot, bytes)).wrapping_add(offset)
    }

    /// The address of the first free byte of a tail that begins at `tail`; at least [`MAX_PIECE`] bytes follow it.
    #[inline(always)]
    pub(super) fn room(self, tail: usize) -> Result<*mut c_void, Miss> {
        const { assert!(MAX_START + MAX_PIECE <= MAX_TAIL && COMPONENT_SIZE <= MAX_PIECE) };
        let used = barrier::opaque(self.used());
        if used >= MAX_START as u64 {
            return Err(Miss::TooLong);
        }
        // The offset is below `MAX_START`, and a buffer has `MAX_TAIL` bytes behind its largest payload.
        Ok(self.byte(tail).wrapping_add(barrier::start(used) as usize).cast())
    }

    #[inline(always)]
    fn word(self, word: Word) -> *mut u64 {
        self.0.cast::<u64>().wrapping_add(word as usize)
    }

    #[inline(always)]
    fn load(self, word: Word) -> u64 {
        // SAFETY: the word lies in a live map value and is aligned; volatile, so that the order stays as written.
        unsafe { self.word(word).read_volatile() }
    }

    #[inline(always)]
    fn store(self, word: Word, value: u64) {
        // SAFETY: as for `load`; the caller has claimed the buffer.
        unsafe { self.word(word).write_volatile(value) };
    }

    #[inline(always)]
    fn add_claim(self, claims: u64) {
        // SAFETY: the word lies in a live map value, is aligned, and is written in no other way.
        unsafe { atomic::add(self.word(Word::Claims), claims) };
    }
}
