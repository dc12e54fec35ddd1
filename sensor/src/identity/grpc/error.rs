//! Why there is no answer, and what that means.

use std::path::PathBuf;
use std::time::Duration;

use tonic::{Code, Status};

use crate::identity::counters::Count;
use crate::identity::state::Reason;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GrpcError {
    /// Nobody listens.
    #[error("cannot connect to {path}: {source}", path = socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the transport said.
        source: tonic::transport::Error,
    },
    /// No whole answer in time.
    #[error("no answer within {limit:?}")]
    TimedOut {
        /// The time it had.
        limit: Duration,
        /// The timer's word.
        source: tokio::time::error::Elapsed,
    },
    /// The runtime's, or the transport's, own word.
    #[error(transparent)]
    Status(#[from] Status),
    /// An answer about something else, or without what was asked for.
    #[error("the answer is not about what was asked")]
    WrongObject,
    /// Not the JSON that was expected.
    #[error("the answer makes no sense: {0}")]
    Json(#[from] serde_json::Error),
}

impl GrpcError {
    /// What this means for a claim.
    pub fn reason(&self) -> Reason {
        self.outcome().1
    }

    /// What it is counted as.
    pub fn count(&self) -> Count {
        self.outcome().0
    }

    fn outcome(&self) -> (Count, Reason) {
        match self {
            Self::Unreachable { .. } => (Count::CriUnreachable, Reason::Unreachable),
            Self::TimedOut { .. } => (Count::CriTimedOut, Reason::TimedOut),
            Self::WrongObject | Self::Json(_) => (Count::CriGarbage, Reason::Garbage),
            Self::Status(status) => outcome_of(status.code()),
        }
    }

    /// Whether another question may find it: what was asked about is unknown, or that question is not spoken.
    pub fn is_absence(&self) -> bool {
        matches!(self, Self::Status(status) if matches!(status.code(), Code::NotFound | Code::Unimplemented))
    }

    /// Whether the other side does not understand the question.
    pub fn is_unspoken(&self) -> bool {
        matches!(self, Self::Status(status) if status.code() == Code::Unimplemented)
    }
}

const fn outcome_of(code: Code) -> (Count, Reason) {
    match code {
        Code::NotFound | Code::Unimplemented => (Count::CriNotFound, Reason::UnknownId),
        Code::OutOfRange => (Count::CriTooLarge, Reason::Garbage),
        Code::DeadlineExceeded | Code::Cancelled => (Count::CriTimedOut, Reason::TimedOut),
        Code::PermissionDenied
        | Code::Unauthenticated
        | Code::Unavailable
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted => (Count::CriRefused, Reason::Refused),
        Code::Ok
        | Code::Unknown
        | Code::InvalidArgument
        | Code::AlreadyExists
        | Code::Internal
        | Code::DataLoss => (Count::CriGarbage, Reason::Garbage),
    }
}
