//! A record while it is being put together: header, payload, tail.

use core::marker::PhantomData;

use aya_ebpf::{
    bindings::{BPF_RB_AVAIL_DATA, BPF_RB_FORCE_WAKEUP, BPF_RB_NO_WAKEUP},
    helpers::{
        bpf_get_current_uid_gid, bpf_get_smp_processor_id,
        generated::{
            bpf_get_current_cgroup_id, bpf_ktime_get_boot_ns, bpf_probe_read_kernel,
            bpf_probe_read_kernel_str, bpf_probe_read_user, bpf_probe_read_user_str, bpf_ringbuf_output,
        },
    },
    maps::RingBuf,
};
use sensor_common::{
    config::reader,
    event::{Payload, Ring},
    header::{Header, flags},
    tail::{MAX_PIECE, MAX_START, MAX_TAIL, Path, Slice},
};

use super::{
    Miss, Ptr, Read, barrier,
    globals::config,
    maps::{BULK, CRITICAL, READER},
    path::{self, Place},
    regs,
    scratch::Scratch,
    task::Task,
};

/// A record of payload `E` in a claimed buffer.
pub(crate) struct Record<E> {
    scratch: Scratch,
    payload: PhantomData<E>,
}

impl<E: Payload> Record<E> {
    const TAIL: usize = size_of::<Header>() + size_of::<E>();

    /// Writes the header and an empty payload.
    #[inline(always)]
    pub(super) fn begin(scratch: Scratch, pid_tgid: u64) -> Result<Self, Miss> {
        let mut record = Self { scratch, payload: PhantomData };
        scratch.reset();
        let task = Task::current();
        let uid_gid = bpf_get_current_uid_gid();
        *record.header() = Header {
            kind: E::KIND as u16,
            flags: task_flags(task),
            tail_len: 0,
            // SAFETY: the helper takes nothing and returns a number.
            time: unsafe { bpf_ktime_get_boot_ns() },
            // SAFETY: as above.
            cgroup: unsafe { bpf_get_current_cgroup_id() },
            start: task.leader().then(Task::start_boottime).required()?,
            pid: (pid_tgid >> 32) as u32,
            tid: pid_tgid as u32,
            uid: uid_gid as u32,
            euid: 0,
            gid: (uid_gid >> 32) as u32,
            mnt_ns: 0,
            syscall: regs::syscall(),
            // SAFETY: as above.
            cpu: unsafe { bpf_get_smp_processor_id() },
        };
        *record.body() = E::default();
        record.header().euid = record.take(task.euid());
        record.header().mnt_ns = record.take(task.mnt_ns());
        Ok(record)
    }

    /// The header.
    #[inline(always)]
    pub(super) fn header(&mut self) -> &mut Header {
        // SAFETY: the buffer is claimed by this record alone, aligned to 8 bytes, and begins with a header; any
        // bytes are a valid header.
        unsafe { &mut *self.scratch.byte(0).cast() }
    }

    /// The payload.
    #[inline(always)]
    pub(crate) fn body(&mut self) -> &mut E {
        // SAFETY: as for the header, which it follows; sizes of both are multiples of 8.
        unsafe { &mut *self.scratch.byte(size_of::<Header>()).cast() }
    }

    /// Sets bits of the header's flags.
    #[inline(always)]
    pub(crate) fn flag(&mut self, bits: u16) {
        self.header().flags |= bits;
    }

    /// The value, or its zero with the record marked as partial.
    #[inline(always)]
    pub(crate) fn take<T>(&self, read: Read<T>) -> T {
        self.scratch.add_fault(read.fault);
        read.value
    }

    /// Copies a NUL-ended string of the kernel's.
    #[inline(always)]
    pub(crate) fn kernel_string(&self, from: Ptr) -> Result<Slice, Miss> {
        let to = self.room()?;
        // SAFETY: `room` leaves `MAX_PIECE` bytes behind `to`; the helper checks the source.
        let len = unsafe { bpf_probe_read_kernel_str(to, MAX_PIECE as u32, from.as_ptr()) };
        Ok(self.string_taken(len))
    }

    /// Copies a NUL-ended string of the program's, which the program may change meanwhile.
    #[inline(always)]
    pub(crate) fn user_string(&self, from: Ptr) -> Result<Slice, Miss> {
        let to = self.room()?;
        // SAFETY: as for `kernel_string`.
        let len = unsafe { bpf_probe_read_user_str(to, MAX_PIECE as u32, from.as_ptr()) };
        Ok(self.string_taken(len))
    }

    /// The first byte of a piece; 0 of an empty one.
    #[inline(always)]
    pub(super) fn first_byte(&self, piece: Slice) -> u8 {
        let start = barrier::opaque(u64::from(piece.start));
        if piece.len == 0 || start >= MAX_START as u64 {
            return 0;
        }
        let start = barrier::start(start) as usize;
        // SAFETY: the offset is below `MAX_START`, and the claimed buffer has `MAX_TAIL` bytes behind `TAIL`.
        unsafe { self.scratch.byte(Self::TAIL).wrapping_add(start).read_volatile() }
    }

    /// Copies `len` bytes of the program's; of more than [`MAX_PIECE`] only those.
    #[inline(always)]
    pub(crate) fn user_bytes(&self, from: Ptr, len: u64) -> Result<Slice, Miss> {
        let to = self.room()?;
        let start = self.scratch.used();
        let (len, fault) = if len >= MAX_PIECE as u64 {
            // SAFETY: as for `kernel_string`.
            (MAX_PIECE as u64, unsafe { bpf_probe_read_user(to, MAX_PIECE as u32, from.as_ptr()) })
        } else {
            let bounded = barrier::length(len) as u32;
            // SAFETY: as for `kernel_string`; the length is below `MAX_PIECE`.
            (len, unsafe { bpf_probe_read_user(to, bounded, from.as_ptr()) })
        };
        self.scratch.add_fault(fault);
        self.scratch.set_used(start.wrapping_add(len));
        Ok(Slice { start: start as u16, len: len as u16 })
    }

    /// Copies `len` bytes of the kernel's, which must be fewer than [`MAX_PIECE`].
    #[inline(always)]
    pub(crate) fn kernel_bytes(&self, from: Ptr, len: u64) -> Result<Slice, Miss> {
        let to = self.room()?;
        let start = self.scratch.used();
        let bounded = barrier::length(len);
        // SAFETY: as for `kernel_string`; the length is below `MAX_PIECE`.
        let fault = unsafe { bpf_probe_read_kernel(to, bounded as u32, from.as_ptr()) };
        self.scratch.add_fault(fault);
        self.scratch.set_used(start.wrapping_add(bounded));
        Ok(Slice { start: start as u16, len: bounded as u16 })
    }

    /// Walks from a `struct path` up to the root of its mount namespace. The root itself is one empty component, so
    /// that it differs from a path that is not known.
    #[inline(always)]
    pub(crate) fn path(&self, path: Read<Ptr>) -> Result<Path, Miss> {
        self.place(Place::of(path))
    }

    /// [`Record::path`] from a mount and a dentry.
    #[inline(always)]
    pub(crate) fn place(&self, place: Read<Place>) -> Result<Path, Miss> {
        self.scratch.add_fault(place.fault);
        let start = self.scratch.used();
        let flags = path::walk(self.scratch, Self::TAIL, place.value);
        if flags == 0 && self.scratch.used() == start {
            let to = self.room()?;
            // SAFETY: `room` leaves `MAX_PIECE` bytes behind `to`, which lies in the claimed buffer.
            unsafe { to.cast::<u8>().write(0) };
            self.scratch.set_used(start.wrapping_add(1));
        }
        let len = self.scratch.used().wrapping_sub(start);
        Ok(Path { components: Slice { start: start as u16, len: len as u16 }, flags })
    }

    /// Copies the record into its ring.
    #[inline(always)]
    pub(super) fn send(mut self) -> Result<(), Miss> {
        if self.scratch.has_faults() {
            self.flag(flags::PARTIAL);
        }
        let used = barrier::opaque(self.scratch.used());
        if used > MAX_TAIL as u64 {
            return Err(Miss::TooLong);
        }
        self.header().tail_len = used as u32;
        let ring = match E::KIND.ring() {
            Ring::Critical => &CRITICAL,
            Ring::Bulk => &BULK,
        };
        let (map, size) = ((&raw const *ring).cast_mut().cast(), Self::TAIL as u64 + used);
        // SAFETY: the buffer holds `TAIL` bytes of header and payload and at least `MAX_TAIL` behind them; `map` is
        // a ring buffer.
        let result = unsafe { bpf_ringbuf_output(map, self.scratch.byte(0).cast(), size, wake(ring)) };
        if result == 0 { Ok(()) } else { Err(Miss::Lost) }
    }

    /// Where the next piece goes, with room for [`MAX_PIECE`] bytes.
    #[inline(always)]
    fn room(&self) -> Result<*mut core::ffi::c_void, Miss> {
        self.scratch.room(Self::TAIL)
    }

    /// Accounts for a string of `len` bytes, its NUL included, or for a fault.
    #[inline(always)]
    fn string_taken(&self, len: i64) -> Slice {
        let start = self.scratch.used();
        if len <= 0 {
            self.scratch.add_fault(1);
            return Slice::default();
        }
        self.scratch.set_used(start.wrapping_add(len as u64));
        Slice { start: start as u16, len: (len as u64).wrapping_sub(1) as u16 }
    }
}

/// What the header's flags say of the task.
#[inline(always)]
fn task_flags(task: Task) -> u16 {
    let worker = if task.is_io_worker() { flags::IO_WORKER } else { 0 };
    worker | if task.is_compat() { flags::COMPAT } else { 0 }
}

/// Whether this record must wake the reader; a wake-up costs hundreds of times what the record does.
#[inline(always)]
fn wake(ring: &RingBuf) -> u64 {
    let Some(state) = READER.get_ptr_mut(0) else {
        return BPF_RB_NO_WAKEUP.into();
    };
    // SAFETY: a live map value, aligned; torn values cannot be, and a stale one costs a wake-up or a short delay.
    let seen = unsafe { state.read_volatile() };
    let filling = || ring.query(BPF_RB_AVAIL_DATA.into()) >= u64::from(config!(wake_bytes));
    if seen == reader::ASLEEP || (seen == reader::NAPPING && filling()) {
        // SAFETY: as above.
        unsafe { state.write_volatile(reader::AWAKE) };
        return BPF_RB_FORCE_WAKEUP.into();
    }
    BPF_RB_NO_WAKEUP.into()
}
