//! What the steps share.

use std::path::{Path, PathBuf};

use super::counts::Counts;
use super::error::StepError;
use crate::command::{cargo, output};

/// Paths and the running sum.
pub(super) struct Context {
    /// The repository.
    pub(super) root: PathBuf,
    /// Tests of Rust and node so far.
    pub(super) counts: Counts,
    /// Cargo's target directory, once asked for.
    target: Option<PathBuf>,
}

impl Context {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), counts: Counts::default(), target: None }
    }

    /// Cargo's target directory: everything that is built or downloaded goes below it.
    pub(super) fn target(&mut self) -> Result<PathBuf, StepError> {
        if let Some(target) = &self.target {
            return Ok(target.clone());
        }
        let mut metadata = cargo(&self.root);
        metadata.args(["metadata", "--format-version", "1", "--no-deps"]);
        let metadata: serde_json::Value = serde_json::from_str(&output(&mut metadata)?)
            .map_err(|source| StepError::Json { what: "cargo metadata".into(), source })?;
        let target = metadata["target_directory"].as_str().map(PathBuf::from);
        let target = target.unwrap_or_else(|| self.root.join("target"));
        Ok(self.target.insert(target).clone())
    }

    /// Where logs, reports and screenshots of a run go; it exists afterwards.
    pub(super) fn out(&mut self) -> Result<PathBuf, StepError> {
        let out = self.target()?.join("xtask");
        std::fs::create_dir_all(&out).map_err(|source| StepError::file(&out, source))?;
        Ok(out)
    }

    /// A release binary that the `build` step made.
    pub(super) fn binary(&mut self, name: &str) -> Result<PathBuf, StepError> {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let path = self.target()?.join("release").join(file);
        if path.is_file() {
            Ok(path)
        } else {
            Err(StepError::Missing {
                what: format!("the release binary `{name}`"),
                remedy: "cargo xtask test --only build".into(),
            })
        }
    }
}
