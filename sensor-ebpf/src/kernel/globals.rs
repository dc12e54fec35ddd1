//! Read-only globals that the engine fills in before it loads the programs.
//!
//! The verifier sees them as constants, so a branch on a missing member costs nothing at run time.

use sensor_common::{config::Config, field_offsets::FieldOffsets};

/// Where this kernel keeps the members that the programs read.
#[unsafe(no_mangle)]
pub(crate) static OFFSETS: FieldOffsets = FieldOffsets::UNKNOWN;

/// What the engine wants.
#[unsafe(no_mangle)]
pub(crate) static CONFIG: Config =
    Config { own_pid: 0, task_pt_regs: 0, wake_bytes: 0, capture_env: 0, socket_cookie: 0 };

/// The offset of one member, by its name in the table.
macro_rules! offset {
    ($field:ident) => {
        // SAFETY: the pointer is that of a static, aligned and always initialised. The read is volatile because
        // the value is not the one that the compiler sees: the loader replaces it.
        unsafe { (&raw const $crate::kernel::globals::OFFSETS.$field).read_volatile() }
    };
}
pub(crate) use offset;

/// One setting, by its name in [`Config`].
macro_rules! config {
    ($field:ident) => {
        // SAFETY: as for `offset!`.
        unsafe { (&raw const $crate::kernel::globals::CONFIG.$field).read_volatile() }
    };
}
pub(crate) use config;
