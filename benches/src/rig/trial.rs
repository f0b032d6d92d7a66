//! A server with its clients, ready to be measured.

use std::net::SocketAddr;
use std::time::Duration;

use super::http::Http;
use super::job::{BareJob, Io, LoadJob, Manner, ServerJob};
use super::lateness::Lateness;
use super::load::report::{Measured, Stormed};
use super::process::Memory;
use super::{Job, Order, Part, PartError, Said, rooms};
use crate::limits::{JOIN_S, LAST_ECHO_MS, READY_S, STORM_S, WARM_UP_MS};

/// Time beyond what is asked for that an answer may take.
const SLACK: Duration = Duration::from_secs(20);

/// A server and clients that are in play.
#[derive(Debug)]
pub struct Trial {
    server: Part,
    load: Part,
    address: SocketAddr,
    /// Whether it is the real server, which can be asked for its metrics.
    is_real: bool,
    /// Memory of the server with its rooms, before the first client.
    empty: Memory,
    clients: u32,
}

impl Trial {
    /// The real server, `rooms` rooms open and all clients in; the load drives its sockets by `io`, and
    /// in `mute` of the rooms one client never reads.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn real(
        job: &ServerJob,
        io: Io,
        manner: Manner,
        rooms: u32,
        per_room: u16,
        mute: u32,
    ) -> Result<Self, PartError> {
        let server = Part::start(&Job::Server(job.clone()))?;
        let address = ready(&server)?;
        rooms::open(address, job, rooms)?;
        let tick_hz = job.tick_hz;
        let load = LoadJob { address, io, manner, rooms, per_room, tick_hz, mute };
        Self::join(server, &load, true)
    }

    /// A server of nothing but system calls, all clients in.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn bare(job: &BareJob, io: Io) -> Result<Self, PartError> {
        let server = Part::start(&Job::Bare(job.clone()))?;
        let address = ready(&server)?;
        let rooms = job.clients / u32::from(job.per_room.max(1));
        let (per_room, tick_hz) = (job.per_room, job.tick_hz);
        let manner = Manner::Bare;
        let load = LoadJob { address, io, manner, rooms, per_room, tick_hz, mute: 0 };
        Self::join(server, &load, false)
    }

    fn join(server: Part, job: &LoadJob, is_real: bool) -> Result<Self, PartError> {
        let empty = Memory::of(server.pid())?;
        let load = Part::start(&Job::Load(job.clone()))?;
        match load.hear(Duration::from_secs(JOIN_S) + SLACK)? {
            Said::Joined => {}
            other => return Err(PartError::Unexpected(Box::new(other))),
        }
        Ok(Self { server, load, address: job.address, is_real, empty, clients: job.clients() })
    }

    /// Measures a window, after a warm-up: what the load found, and how late the server's ticks were.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn measure(&mut self, window_ms: u64) -> Result<(Measured, Lateness), PartError> {
        let server = self.server.pid();
        self.load.tell(Order::Measure { server, window_ms })?;
        let limit = Duration::from_millis(WARM_UP_MS + window_ms + LAST_ECHO_MS) + SLACK;
        match self.load.hear(limit)? {
            Said::Begun => {}
            other => return Err(PartError::Unexpected(Box::new(other))),
        }
        let before = self.lateness()?;
        match self.load.hear(limit)? {
            Said::Measured(measured) => Ok((*measured, self.lateness()?.since(&before))),
            other => Err(PartError::Unexpected(Box::new(other))),
        }
    }

    /// Cuts everyone and lets them come back at once.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn storm(&mut self) -> Result<Stormed, PartError> {
        self.load.tell(Order::Storm)?;
        match self.load.hear(Duration::from_secs(STORM_S) + SLACK)? {
            Said::Stormed(stormed) => Ok(stormed),
            other => Err(PartError::Unexpected(Box::new(other))),
        }
    }

    /// How much the server's memory has grown for each client since before the first: resident and
    /// anonymous, KiB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn kb_per_client(&self) -> Result<(f64, f64), PartError> {
        Ok(Memory::of(self.server.pid())?.grown_kb(&self.empty, self.clients))
    }

    /// A figure of the real server's `/metrics`, by its name and labels as they stand there; 0 when it
    /// is not there.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn metric(&self, name: &str) -> Result<f64, PartError> {
        let text = self.metrics()?;
        let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(values.next().and_then(|value| value.parse().ok()).unwrap_or(0.0))
    }

    fn lateness(&self) -> Result<Lateness, PartError> {
        Ok(Lateness::parse(&self.metrics()?))
    }

    fn metrics(&self) -> Result<String, PartError> {
        match self.is_real {
            true => Ok(Http::connect(self.address)?.get("/metrics")?),
            false => Ok(String::new()),
        }
    }
}

fn ready(server: &Part) -> Result<SocketAddr, PartError> {
    match server.hear(Duration::from_secs(READY_S))? {
        Said::Ready(address) => Ok(address),
        other => Err(PartError::Unexpected(Box::new(other))),
    }
}
