//! Fields of the files that are put into the kernel: modules, and kernels for kexec.

use super::{Observation, Rows, non_empty, or_missing};
use crate::{
    decode::{FilePath, What},
    rules::{EventType, EventTypes},
};

/// Events that put a file into the kernel.
pub(super) const LOADS: EventTypes =
    EventTypes::NONE.with(EventType::FINIT_MODULE).with(EventType::KEXEC_FILE_LOAD);

pub(super) const ROWS: Rows = &[
    ("fd.name", |o, _| or_missing(file(o), |file| non_empty(file.as_bytes()))),
    ("fd.filename", |o, _| or_missing(file(o), |file| non_empty(file.file_name()))),
];

fn file<'o>(observation: &'o Observation<'_>) -> Option<&'o FilePath> {
    match &observation.call()?.what {
        What::Kernel(call) => call.file(),
        What::File(_) | What::Network(_) | What::Process(_) | What::Credential(_) => None,
    }
}
