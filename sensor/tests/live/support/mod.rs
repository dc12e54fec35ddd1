//! What the tests share: the sensor under test, what it reports, and programs to be reported.

mod assembly;
mod busybox;
mod cgroup;
mod elf;
mod event;
mod host;
mod living;
mod place;
mod program;
mod scope;
mod sensor;
mod shared;
mod summary;
mod uring;
mod vigie;

pub(crate) use assembly::{Assembly, Kept, Operand, Stack, call};
pub(crate) use busybox::busybox;
pub(crate) use cgroup::Cgroup;
pub(crate) use event::{Event, Want, nearest, want};
pub(crate) use host::{at_least, in_guest, kernel_has, scaled, unique};
pub(crate) use living::{Living, Proc};
pub(crate) use place::{Place, device_and_inode};
pub(crate) use program::{Ended, ended, run};
pub(crate) use sensor::{Finished, Sensor, Tier};
pub(crate) use summary::Summary;
pub(crate) use uring::uring_submission;
pub(crate) use vigie::{Said, doctor, said, vigie, vigie_path};
