//! Whether this machine can and may do all that a [`Ring`] needs: by doing it.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::{Completion, Ring, RingConfig};

/// How long the bytes may take from one end of a socket pair to the other. They take microseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is sent.
const GREETING: &[u8] = b"tickwire";

/// Why io_uring is of no use here.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No ring can be made.
    #[error("io_uring cannot be set up: {error}{}", hint(error))]
    Setup {
        /// Why.
        error: io::Error,
    },
    /// It can, but does not work.
    #[error("io_uring can be set up, but does not work: {0}")]
    Work(io::Error),
    /// What was sent has not come.
    #[error("io_uring can be set up, but what is sent does not arrive")]
    Silent,
}

fn hint(error: &io::Error) -> &'static str {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::PERM | Errno::ACCESS) => {
            "; it is forbidden here: by the container's seccomp profile, or by the sysctl \
             kernel.io_uring_disabled"
        }
        Some(Errno::NOSYS) => "; this kernel has none, or the container hides it",
        Some(Errno::INVAL) => "; this kernel is too old: Linux 6.1 or later is needed",
        Some(Errno::NOMEM) => "; the limit of locked memory (ulimit -l) may be too low",
        _ => "",
    }
}

/// Sends a few bytes through a socket pair on a ring of these sizes, since memory may be too short for
/// them, and receives them. In a thread of its own: the end of a ring interrupts its thread.
///
/// # Errors
/// When they do not arrive.
pub fn probe(config: &RingConfig) -> Result<(), ProbeError> {
    let config = config.clone();
    let thread = std::thread::Builder::new().name("io_uring-probe".to_owned());
    let thread = thread.spawn(move || exchange(&config));
    let thread = thread.map_err(|error| ProbeError::Setup { error })?;
    thread.join().unwrap_or(Err(ProbeError::Silent))
}

fn exchange(config: &RingConfig) -> Result<(), ProbeError> {
    let mut ring = Ring::new(config).map_err(|error| ProbeError::Setup { error })?;
    let mut failed = None;
    let mut heard: Vec<u8> = Vec::new();
    let mut run = || -> io::Result<()> {
        let (near, far) = UnixStream::pair()?;
        let near = ring.adopt(near.into(), 0)?;
        ring.adopt(far.into(), 1)?;
        ring.send(near, &[GREETING])?;
        let end = Instant::now() + PATIENCE;
        while heard != GREETING && failed.is_none() && Instant::now() < end {
            ring.wait(PATIENCE, |completion| match completion {
                Completion::Received { tag: 1, bytes } => heard.extend_from_slice(bytes),
                Completion::Ended { error: Some(error), .. } | Completion::Failed { error, .. } => {
                    failed = Some(error)
                }
                _ => {}
            })?;
        }
        Ok(())
    };
    run().map_err(ProbeError::Work)?;
    match failed {
        Some(error) => Err(ProbeError::Work(error)),
        None if heard == GREETING => Ok(()),
        None => Err(ProbeError::Silent),
    }
}
