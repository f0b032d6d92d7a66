//! A server with its clients, ready to be measured.

use std::net::SocketAddr;
use std::time::Duration;

use super::http::Http;
use super::job::{BareJob, LoadJob, Manner, ServerJob};
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
    /// The real server, `rooms` rooms open and all clients in.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn real(
        job: &ServerJob,
        manner: Manner,
        rooms: u32,
        per_room: u16,
    ) -> Result<Self, PartError> {
        let server = Part::start(&Job::Server(job.clone()))?;
        let address = ready(&server)?;
        rooms::open(address, job, rooms)?;
        let load = LoadJob { address, manner, rooms, per_room, tick_hz: job.tick_hz };
        Self::join(server, &load, true)
    }

    /// A server of nothing but system calls, all clients in.
    ///
    /// # Errors
    /// When a part cannot go on.
    pub fn bare(job: &BareJob) -> Result<Self, PartError> {
        let server = Part::start(&Job::Bare(job.clone()))?;
        let address = ready(&server)?;
        let rooms = job.clients / u32::from(job.per_room.max(1));
        let (per_room, tick_hz) = (job.per_room, job.tick_hz);
        let load = LoadJob { address, manner: Manner::Bare, rooms, per_room, tick_hz };
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

    fn lateness(&self) -> Result<Lateness, PartError> {
        if !self.is_real {
            return Ok(Lateness::default());
        }
        Ok(Lateness::parse(&Http::connect(self.address)?.get("/metrics")?))
    }
}

fn ready(server: &Part) -> Result<SocketAddr, PartError> {
    match server.hear(Duration::from_secs(READY_S))? {
        Said::Ready(address) => Ok(address),
        other => Err(PartError::Unexpected(Box::new(other))),
    }
}
