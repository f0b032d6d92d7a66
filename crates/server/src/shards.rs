//! The shards as the control plane sees them: their mailboxes, and where a new room goes.

mod crew;
mod phases;
mod placement;

pub(crate) use crew::{Crew, count, start};
pub(crate) use phases::{Phase, Phases};

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tickwire_wire::close::Close;

use crate::metrics::ShardMetrics;
use crate::shard::{Mail, Mailbox};
use placement::{Choice, Measured, Placement};

/// All shards.
#[derive(Debug)]
pub(crate) struct Shards {
    doors: Vec<Door>,
    placement: Mutex<Placement>,
    /// Share of its time up to which a shard gets new rooms.
    budget: f64,
    /// Sockets that belong to no room, so far.
    strays: AtomicUsize,
}

/// What the control plane has of one shard.
#[derive(Debug)]
struct Door {
    mailbox: Mailbox,
    metrics: Arc<ShardMetrics>,
    phases: Arc<Phases>,
}

/// A place for a new room.
#[derive(Debug)]
pub(crate) struct Berth {
    pub(crate) mailbox: Mailbox,
    pub(crate) phase: Phase,
    choice: Choice,
}

impl Berth {
    /// The number of the shard.
    pub(crate) fn shard(&self) -> usize {
        self.choice.shard
    }
}

/// Every shard is past its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server has no time left for another room; try again in a few seconds")]
pub(crate) struct NoCapacity;

impl Shards {
    fn new(doors: Vec<Door>, budget: f64) -> Self {
        let placement = Mutex::new(Placement::new(doors.len()));
        Self { doors, placement, budget, strays: AtomicUsize::new(0) }
    }

    /// A place in the shard that is expected to have the most time left.
    ///
    /// # Errors
    /// When none is below its budget.
    pub(crate) fn place(&self, now_us: u64) -> Result<Berth, NoCapacity> {
        self.place_within(self.budget, now_us)
    }

    /// The same for the room that is open from the start, which is not refused.
    ///
    /// # Errors
    /// None but in theory.
    pub(crate) fn place_first(&self, now_us: u64) -> Result<Berth, NoCapacity> {
        self.place_within(f64::INFINITY, now_us)
    }

    fn place_within(&self, budget: f64, now_us: u64) -> Result<Berth, NoCapacity> {
        let measured = self.measure();
        let choice = self.placement().choose(&measured, budget, now_us).ok_or(NoCapacity)?;
        let door = &self.doors[choice.shard];
        Ok(Berth { mailbox: door.mailbox.clone(), phase: door.phases.take(), choice })
    }

    /// Takes a place back: no room has come into it.
    pub(crate) fn take_back(&self, berth: Berth, now_us: u64) {
        self.placement().take_back(berth.choice, now_us);
    }

    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn measure(&self) -> Vec<Measured> {
        let measured = self.doors.iter().map(|door| Measured {
            load: door.metrics.load_permille.get() as f64 / 1e3,
            rooms: door.phases.rooms(),
            rooms_played: door.metrics.rooms_played.get(),
        });
        measured.collect()
    }

    /// The mailbox for a socket that belongs to no room: each shard's in turn.
    pub(crate) fn any(&self) -> &Mailbox {
        let number = self.strays.fetch_add(1, Ordering::Relaxed);
        &self.doors[number % self.doors.len()].mailbox
    }

    /// Tells all shards to end. One that has ended already has nobody to tell.
    pub(crate) fn end(&self, close: &Close) {
        for door in &self.doors {
            let _ = door.mailbox.send(Mail::Shutdown { close: close.clone() });
        }
    }
}
