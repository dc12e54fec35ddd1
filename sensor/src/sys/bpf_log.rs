//! Messages of the kernel programs, for those who work on them (feature `ebpf-log`).

use aya::Ebpf;

/// Passes the programs' messages on, if they were built to send any.
pub(super) struct Log(Box<dyn FnMut() + Send>);

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

impl Log {
    /// Takes the map of messages.
    #[cfg(feature = "ebpf-log")]
    pub(super) fn of(ebpf: &mut Ebpf) -> Self {
        match aya_log::EbpfLogger::init(ebpf) {
            Ok(mut logger) => Self(Box::new(move || logger.flush())),
            Err(error) => {
                tracing::warn!("the kernel programs' messages cannot be read: {error}");
                Self(Box::new(|| {}))
            }
        }
    }

    /// There are none.
    #[cfg(not(feature = "ebpf-log"))]
    pub(super) fn of(_: &mut Ebpf) -> Self {
        Self(Box::new(|| {}))
    }

    /// Passes on what has come.
    pub(super) fn flush(&mut self) {
        (self.0)();
    }
}
