//! Reading kernel memory through the helper that survives bad pointers.
//!
//! Reads do not branch: a failed one gives zero and a fault, a read from there fails again, and the faults
//! add up. For the verifier a chain of reads is then one path, where a branch at each would be 2^n.

use core::mem::MaybeUninit;

use aya_ebpf::helpers::generated::{bpf_probe_read_kernel, bpf_probe_read_user};
use sensor_common::field_offsets::MISSING;
use zerocopy::FromBytes;

use super::Miss;

/// An address in kernel memory; nothing is promised about what lies there.
#[derive(Clone, Copy, PartialEq, Eq, FromBytes)]
#[repr(transparent)]
pub(crate) struct Ptr(u64);

/// A value, zero if it could not be had, and whether it could: `fault` is 0 if so.
#[derive(Clone, Copy)]
#[must_use]
pub(crate) struct Read<T> {
    pub(crate) value: T,
    pub(super) fault: i64,
}

impl Ptr {
    /// A hook's argument.
    #[inline(always)]
    pub(crate) const fn argument(value: u64) -> Self {
        Self(value)
    }

    /// The value at `offset` from here.
    #[inline(always)]
    pub(crate) fn read<T: FromBytes>(self, offset: u32) -> Read<T> {
        let mut value = MaybeUninit::<T>::zeroed();
        if offset == MISSING {
            // SAFETY: all zeroes are a valid `T`, as any bytes are.
            return Read { value: unsafe { value.assume_init() }, fault: 1 };
        }
        let from = self.0.wrapping_add(offset.into()) as *const core::ffi::c_void;
        // SAFETY: `value` has room for its own size; the helper checks the source, and zeroes on failure.
        let fault = unsafe { bpf_probe_read_kernel(value.as_mut_ptr().cast(), size_of::<T>() as u32, from) };
        // SAFETY: initialised with zeroes and then by the helper; any bytes are a valid `T`.
        Read { value: unsafe { value.assume_init() }, fault }
    }

    /// The value at `offset` from here, in the program's memory, which the program may change meanwhile.
    #[inline(always)]
    pub(crate) fn user<T: FromBytes>(self, offset: u32) -> Read<T> {
        let mut value = MaybeUninit::<T>::zeroed();
        let from = self.0.wrapping_add(offset.into()) as *const core::ffi::c_void;
        // SAFETY: `value` has room for its own size; the helper checks the source, and zeroes on failure.
        let fault = unsafe { bpf_probe_read_user(value.as_mut_ptr().cast(), size_of::<T>() as u32, from) };
        // SAFETY: as for `read`.
        Read { value: unsafe { value.assume_init() }, fault }
    }

    /// The pointer stored at `offset` from here.
    #[inline(always)]
    pub(crate) fn follow(self, offset: u32) -> Read<Self> {
        self.read(offset)
    }

    /// The address of the member at `offset` from here.
    #[inline(always)]
    pub(crate) fn at(self, offset: u32) -> Read<Self> {
        Read { value: Self(self.0.wrapping_add(offset.into())), fault: (offset == MISSING).into() }
    }

    /// The address so many bytes on.
    #[inline(always)]
    pub(crate) const fn plus(self, bytes: u64) -> Self {
        Self(self.0.wrapping_add(bytes))
    }

    /// The address of the struct that holds this one at `offset`.
    #[inline(always)]
    pub(crate) fn container(self, offset: u32) -> Read<Self> {
        Read { value: Self(self.0.wrapping_sub(offset.into())), fault: (offset == MISSING).into() }
    }

    /// Whether it is null.
    #[inline(always)]
    pub(crate) const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// As the helpers take it.
    #[inline(always)]
    pub(crate) const fn as_ptr(self) -> *const core::ffi::c_void {
        self.0 as *const core::ffi::c_void
    }
}

impl<T> Read<T> {
    /// A value that needs no reading.
    #[inline(always)]
    pub(crate) const fn known(value: T) -> Self {
        Self { value, fault: 0 }
    }

    /// The value, which the event cannot do without.
    #[inline(always)]
    pub(crate) fn required(self) -> Result<T, Miss> {
        match self.fault {
            0 => Ok(self.value),
            // The helper's faults are negative; ored with a missing member's they stay so.
            1.. => Err(Miss::NoField),
            _ => Err(Miss::Unreadable),
        }
    }

    /// The same, with another value made of it.
    #[inline(always)]
    pub(crate) fn map<U>(self, make: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: make(self.value), fault: self.fault }
    }

    /// What a further step gives, with the faults of both.
    #[inline(always)]
    pub(crate) fn then<U>(self, step: impl FnOnce(T) -> Read<U>) -> Read<U> {
        let next = step(self.value);
        Read { value: next.value, fault: self.fault | next.fault }
    }
}

impl Read<Ptr> {
    /// [`Ptr::user`] from there.
    #[inline(always)]
    pub(crate) fn user<T: FromBytes>(self, offset: u32) -> Read<T> {
        self.then(|ptr| ptr.user(offset))
    }

    /// [`Ptr::read`] from there.
    #[inline(always)]
    pub(crate) fn read<T: FromBytes>(self, offset: u32) -> Read<T> {
        self.then(|ptr| ptr.read(offset))
    }

    /// [`Ptr::follow`] from there.
    #[inline(always)]
    pub(crate) fn follow(self, offset: u32) -> Self {
        self.then(|ptr| ptr.follow(offset))
    }

    /// [`Ptr::at`] from there.
    #[inline(always)]
    pub(crate) fn at(self, offset: u32) -> Self {
        self.then(|ptr| ptr.at(offset))
    }
}
