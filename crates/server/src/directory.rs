//! Which rooms there are and which shard runs each. Written by the control plane when rooms open and by
//! shards when they close; read by every HTTP request.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use tickwire_game::Level;
use tickwire_room::RoomInfo;

use crate::shard::Mailbox;
use crate::shards::Phase;
use crate::slab::Key;

/// All rooms by id.
#[derive(Debug)]
pub(crate) struct Directory {
    rooms: DashMap<String, Place>,
    max_rooms: usize,
}

/// A name that is taken.
#[derive(Debug)]
enum Place {
    /// Its room is being made.
    Opening,
    Open(Arc<RoomEntry>),
}

/// Why no room of that name can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimError {
    #[error("there is a room of that name")]
    Taken,
    #[error("the server has as many rooms as it may")]
    Full,
}

impl Directory {
    pub(crate) fn new(max_rooms: u32) -> Arc<Self> {
        Arc::new(Self { rooms: DashMap::new(), max_rooms: max_rooms as usize })
    }

    /// Takes a name for a room that is about to be made. The name is free again when the claim is
    /// dropped without [`Claim::open`].
    pub(crate) fn claim(self: &Arc<Self>, id: &str) -> Result<Claim, ClaimError> {
        if self.rooms.len() >= self.max_rooms {
            return Err(ClaimError::Full);
        }
        match self.rooms.entry(id.to_owned()) {
            Entry::Occupied(_) => Err(ClaimError::Taken),
            Entry::Vacant(vacant) => {
                vacant.insert(Place::Opening);
                Ok(Claim { directory: Arc::clone(self), id: id.to_owned(), open: false })
            }
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<RoomEntry>> {
        self.rooms.get(id).and_then(|place| match place.value() {
            Place::Open(entry) => Some(Arc::clone(entry)),
            Place::Opening => None,
        })
    }

    /// All open rooms, by id.
    pub(crate) fn list(&self) -> Vec<Arc<RoomEntry>> {
        let open = self.rooms.iter().filter_map(|place| match place.value() {
            Place::Open(entry) => Some(Arc::clone(entry)),
            Place::Opening => None,
        });
        let mut rooms: Vec<_> = open.collect();
        rooms.sort_by(|a, b| a.id.cmp(&b.id));
        rooms
    }

    /// Forgets a room that has ended.
    pub(crate) fn remove(&self, id: &str) {
        self.rooms.remove(id);
    }
}

/// A name that is taken for a room in the making.
#[derive(Debug)]
pub(crate) struct Claim {
    directory: Arc<Directory>,
    id: String,
    open: bool,
}

impl Claim {
    /// The room is there: whoever asks finds it from now on.
    pub(crate) fn open(mut self, entry: Arc<RoomEntry>) {
        self.open = true;
        self.directory.rooms.insert(self.id.clone(), Place::Open(entry));
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.open {
            self.directory.remove(&self.id);
        }
    }
}

/// An open room as the control plane sees it.
#[derive(Debug)]
pub(crate) struct RoomEntry {
    pub(crate) id: String,
    /// Where its shard keeps it, once it does.
    pub(crate) seat: OnceLock<Key>,
    /// Its place in the cohorts of its shard, given back with the last reference to this.
    pub(crate) phase: Phase,
    pub(crate) game: &'static str,
    pub(crate) schema_hash: String,
    pub(crate) prior_hash: String,
    pub(crate) tick_hz: u16,
    /// How its streams are coded.
    pub(crate) level: Level,
    /// Whether it stays open without clients.
    pub(crate) keep: bool,
    pub(crate) mailbox: Mailbox,
    pub(crate) live: Live,
}

const MILLION: f64 = 1e6;

/// Figures that the shard refreshes a few times a second.
#[derive(Debug, Default)]
pub(crate) struct Live {
    seats: AtomicU16,
    players: AtomicU16,
    bots: AtomicU16,
    clients: AtomicU16,
    tick: AtomicU32,
    finished: AtomicBool,
    /// In millionths.
    load: AtomicU32,
}

/// A copy of [`Live`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LiveNow {
    pub(crate) seats: u16,
    pub(crate) players: u16,
    pub(crate) bots: u16,
    pub(crate) clients: u16,
    pub(crate) tick: u32,
    pub(crate) finished: bool,
    /// Share of its tick period that it needs, smoothed; above 1 it cannot keep up.
    pub(crate) load: f64,
}

impl Live {
    pub(crate) fn of(info: &RoomInfo) -> Self {
        let live = Self::default();
        live.publish(info);
        live
    }

    pub(crate) fn publish(&self, info: &RoomInfo) {
        self.seats.store(info.seats, Ordering::Relaxed);
        self.players.store(info.players, Ordering::Relaxed);
        self.bots.store(info.bots, Ordering::Relaxed);
        self.clients.store(info.clients, Ordering::Relaxed);
        self.tick.store(info.tick, Ordering::Relaxed);
        self.finished.store(info.finished.is_some(), Ordering::Relaxed);
    }

    pub(crate) fn publish_load(&self, load: f64) {
        self.load.store((load * MILLION) as u32, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> LiveNow {
        LiveNow {
            seats: self.seats.load(Ordering::Relaxed),
            players: self.players.load(Ordering::Relaxed),
            bots: self.bots.load(Ordering::Relaxed),
            clients: self.clients.load(Ordering::Relaxed),
            tick: self.tick.load(Ordering::Relaxed),
            finished: self.finished.load(Ordering::Relaxed),
            load: f64::from(self.load.load(Ordering::Relaxed)) / MILLION,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shards::Phases;

    fn entry(id: &str) -> Arc<RoomEntry> {
        Arc::new(RoomEntry {
            id: id.into(),
            seat: OnceLock::new(),
            phase: Phases::new(1).take(),
            game: "test",
            schema_hash: String::new(),
            prior_hash: String::new(),
            tick_hz: 30,
            level: Level::default(),
            keep: false,
            mailbox: Mailbox::new().0,
            live: Live::default(),
        })
    }

    #[test]
    fn a_name_is_taken_while_its_room_is_made_and_free_when_that_failed() {
        let directory = Directory::new(2);
        let claim = directory.claim("a").unwrap();
        assert_eq!(directory.claim("a").unwrap_err(), ClaimError::Taken);
        assert!(directory.get("a").is_none(), "not to be found before it is open");
        drop(claim);
        directory.claim("a").unwrap().open(entry("a"));
        assert!(directory.get("a").is_some());
        directory.claim("b").unwrap().open(entry("b"));
        assert_eq!(directory.claim("c").unwrap_err(), ClaimError::Full);
        let ids: Vec<_> = directory.list().iter().map(|room| room.id.clone()).collect();
        assert_eq!(ids, ["a", "b"]);
        directory.remove("a");
        assert!(directory.claim("a").is_ok());
    }
}
