//! Why a step failed.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::command::CommandError;

/// Why a step failed, with what to do where that is known.
#[derive(Debug, Error)]
pub(super) enum StepError {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("{what} is missing; to get it, type:\n    {remedy}")]
    Missing { what: String, remedy: String },
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{what} is not the JSON it should be: {source}")]
    Json { what: String, source: serde_json::Error },
    #[error("{0}")]
    Wrong(String),
}

impl StepError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}
