//! Starting, hearing and ending the processes of a bench.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{Job, Order, Said};
use crate::limits::PART_END_MS;

/// First argument of a program that is started as a part.
pub(super) const PART: &str = "part-of-a-bench";

/// Between two looks whether a part has ended.
const LOOK: Duration = Duration::from_millis(5);

/// One process of a bench. Dropping it ends it.
#[derive(Debug)]
pub struct Part {
    child: Child,
    /// Its end is what ends the process.
    orders: Option<ChildStdin>,
    said: Receiver<Said>,
}

/// Why a bench cannot go on with its parts.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    /// The system refused a process, a file or a socket.
    #[error("cannot run server and load: {0}")]
    System(#[from] io::Error),
    /// A part gave up.
    #[error("{0}")]
    Failed(String),
    /// A part has ended without a word.
    #[error("a part of the bench has ended by itself")]
    Ended,
    /// A part said nothing for too long.
    #[error("no answer from a part of the bench within {0:?}")]
    Silent(Duration),
    /// A part said something else than what was to be said.
    #[error("unexpected answer of a part: {0:?}")]
    Unexpected(Box<Said>),
    /// A part was sent, or sent, what is no line of JSON.
    #[error("a part's line is broken: {0}")]
    Line(#[from] serde_json::Error),
}

impl Part {
    /// Starts this program again, for `job`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn start(job: &Job) -> Result<Self, PartError> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(PART)
            .arg(serde_json::to_string(job)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take();
        let lines = child.stdout.take().map(BufReader::new);
        let (sender, said) = mpsc::channel();
        // Ends with the process, or when this part is dropped.
        std::thread::spawn(move || {
            for line in lines.into_iter().flat_map(BufReader::lines) {
                let said = line.map_err(|error| error.to_string()).and_then(|line| {
                    serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))
                });
                if sender.send(said.unwrap_or_else(Said::Failed)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, orders, said })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Tells it something.
    ///
    /// # Errors
    /// When it has ended.
    pub fn tell(&mut self, order: Order) -> Result<(), PartError> {
        let mut line = serde_json::to_vec(&order)?;
        line.push(b'\n');
        let orders = self.orders.as_mut().ok_or(PartError::Ended)?;
        Ok(orders.write_all(&line)?)
    }

    /// What it says next.
    ///
    /// # Errors
    /// When it gives up, ends, or says nothing within `limit`.
    pub fn hear(&self, limit: Duration) -> Result<Said, PartError> {
        match self.said.recv_timeout(limit) {
            Ok(Said::Failed(why)) => Err(PartError::Failed(why)),
            Ok(said) => Ok(said),
            Err(RecvTimeoutError::Timeout) => Err(PartError::Silent(limit)),
            Err(RecvTimeoutError::Disconnected) => Err(PartError::Ended),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        drop(self.orders.take());
        let end = Instant::now() + Duration::from_millis(PART_END_MS);
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(LOOK),
                _ => return,
            }
        }
        // It hangs. Killing what has just ended by itself fails, and that is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
