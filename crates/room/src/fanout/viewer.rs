//! What one client has, and what it is about to get.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use tickwire_game::{PlayerId, Team};
use tickwire_wire::layout::Layout;
use tickwire_wire::snapshot::{
    Hashes, Newest, OwnSection, PrivateEncoder, Sections, needs_full_head,
};

use super::key::StreamKey;
use super::pace::Pace;
use super::plans::PlanId;
use super::stall::Stall;
use crate::limits::{HASH_EVERY_TICKS, IDLE_SNAPSHOTS_PER_S};

/// A stream that a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The stream's number.
    pub(crate) number: u32,
    /// What it is for.
    pub(crate) key: StreamKey,
    /// Since when a single row is followed; else 0.
    pub(crate) since: u32,
    /// Tick of the client's state of it; `None` when that is not known: it needs a keyframe.
    pub(crate) base: Option<u32>,
}

impl Held {
    /// Which stream it is: number, key, since.
    pub(crate) fn which(&self) -> (u32, StreamKey, u32) {
        (self.number, self.key, self.since)
    }
}

/// What one client has, and what it is about to get.
///
/// Nothing counts as had before its snapshot is queued. A skipped one leaves what the client had
/// before; one that the shell holds does so too, until the socket takes it.
#[derive(Debug)]
pub(crate) struct Viewer {
    pub(crate) player: PlayerId,
    /// Whether it asked for whole hashes with every snapshot.
    verify: bool,
    /// How often it gets snapshots.
    pub(crate) pace: Pace,
    /// Streams it has, ascending by number.
    pub(crate) held: Vec<Held>,
    /// The rate of the snapshot that brought them, an index into [`RATES`](crate::limits::RATES).
    pub(crate) held_rate: usize,
    /// Streams it has once the snapshot in `ready` is queued.
    pub(crate) next: Vec<Held>,
    told: Told,
    pub(crate) private: PrivateEncoder,
    /// A snapshot that waits to be handed out.
    ready: Option<Ready>,
    /// The snapshot that the shell holds.
    parked: Option<Parked>,
    /// Streams it has once that is taken.
    parked_streams: Vec<Held>,
    stall: Stall,
}

/// A snapshot that has been handed out.
#[derive(Clone, Copy, Debug)]
struct Parked {
    told: Told,
    /// The rate it was made at.
    rate: usize,
    bytes: usize,
    verify_bytes: usize,
}

/// A snapshot that is on its way for certain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) bytes: usize,
    /// Bytes among them that are whole hashes.
    pub(crate) verify_bytes: usize,
    /// Whether it changed the client's rate.
    pub(crate) rate_changed: bool,
}

/// What the client knows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// What the head of its newest snapshot told.
    newest: Option<Newest>,
    own: OwnFacts,
    team: Team,
    /// Which of its turns for a 16-bit hash was the last.
    hash_turn: u32,
}

/// What a snapshot tells a client about its own session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnFacts {
    /// Low bits of the number of the newest input applied.
    pub(crate) acked_input: u16,
    /// Clock feedback, in eighths of a tick.
    pub(crate) input_margin: i8,
    /// Highest reliable number received from the client.
    pub(crate) reliable_received: u32,
    /// Late inputs and starved ticks.
    pub(crate) counters: (u32, u32),
}

/// A snapshot that waits to be handed out.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// Its own section within the fan-out's bytes.
    pub(crate) own: Range<usize>,
    /// Its chunks.
    pub(crate) plan: PlanId,
    /// Bytes of `own` that are whole hashes.
    verify_bytes: usize,
    /// Bytes of its chunks.
    shared: usize,
    told: Told,
}

/// What goes into a viewer's own section beside its facts.
pub(crate) struct Contents<'a> {
    pub(crate) tick: u32,
    /// The player's team.
    pub(crate) team: Team,
    /// Whether the main stream starts over.
    pub(crate) restarts: bool,
    /// Private fields that changed.
    pub(crate) private: Option<&'a [u8]>,
    /// What follows it.
    pub(crate) sections: Sections,
}

impl Viewer {
    /// A client that has nothing but `Welcome`, which told it `reliable_received`.
    pub(crate) fn new(
        player: PlayerId,
        verify: bool,
        layout: &Arc<Layout>,
        reliable_received: u32,
    ) -> Self {
        let own = OwnFacts { reliable_received, ..OwnFacts::default() };
        Self {
            player,
            verify,
            pace: Pace::default(),
            held: Vec::new(),
            held_rate: 0,
            next: Vec::new(),
            told: Told { newest: None, own, team: Team::NONE, hash_turn: 0 },
            private: PrivateEncoder::new(Arc::clone(layout), player.0),
            ready: None,
            parked: None,
            parked_streams: Vec::new(),
            stall: Stall::default(),
        }
    }

    /// A snapshot is due: whether one is worth making, or the line has been busy for so long that it
    /// is better left out.
    pub(crate) fn is_turn(&mut self) -> bool {
        self.stall.is_turn()
    }

    /// The tick after which it has not been told droppable events; `before` is that of the room's last
    /// snapshot. What a team was told before a player changed to it is not for that player.
    pub(crate) fn told_until(&self, team: Team, before: u32) -> u32 {
        let newest = self.told.newest.map(|newest| newest.tick);
        newest.filter(|_| self.told.team == team).unwrap_or(before)
    }

    /// Whether a snapshot is due although it would hold no chunk and no private fields. The
    /// next chance comes in `next_ticks`.
    pub(crate) fn is_due(
        &self,
        tick: u32,
        facts: &OwnFacts,
        tick_hz: u16,
        next_ticks: u32,
    ) -> bool {
        let Some(last) = self.told.newest.map(|newest| newest.tick) else { return true };
        let longest = u32::from(tick_hz) / IDLE_SNAPSHOTS_PER_S;
        let silent = tick.saturating_sub(last).saturating_add(next_ticks) > longest;
        // The margin alone is no news: it jitters all the time.
        silent || OwnFacts { input_margin: self.told.own.input_margin, ..*facts } != self.told.own
    }

    /// Which hashes go with a snapshot of `tick` that holds states.
    pub(crate) fn wants_hashes(&self, tick: u32) -> WantsHashes {
        if self.verify {
            WantsHashes::Whole
        } else if self.hash_turn(tick) != self.told.hash_turn {
            WantsHashes::Low
        } else {
            WantsHashes::No
        }
    }

    /// Turns come every [`HASH_EVERY_TICKS`], and at another tick for each player.
    fn hash_turn(&self, tick: u32) -> u32 {
        tick.wrapping_add(u32::from(self.player.0).wrapping_mul(7)) / HASH_EVERY_TICKS
    }

    /// Appends the own section to `bytes` and keeps the snapshot until it is handed out.
    pub(crate) fn prepare(
        &mut self,
        contents: &Contents<'_>,
        facts: OwnFacts,
        hashes: (WantsHashes, &[u32]),
        (plan, shared): (PlanId, usize),
        bytes: &mut Vec<u8>,
    ) {
        let start = bytes.len();
        let tick = contents.tick;
        let was = &self.told.own;
        let (wants, hashes) = hashes;
        let section = OwnSection {
            tick,
            full: contents.restarts || needs_full_head(self.told.newest, tick, facts.acked_input),
            acked_input: facts.acked_input,
            input_margin: facts.input_margin,
            reliable_received: (was.reliable_received != facts.reliable_received)
                .then_some(facts.reliable_received),
            counters: (was.counters != facts.counters).then_some(facts.counters),
            hashes: match wants {
                WantsHashes::No => Hashes::None,
                WantsHashes::Low => Hashes::Low16(Cow::Borrowed(hashes)),
                WantsHashes::Whole => Hashes::Full(Cow::Borrowed(hashes)),
            },
            private: contents.private,
            sections: contents.sections,
        };
        section.write(bytes);
        let hash_turn = match wants {
            WantsHashes::Low => self.hash_turn(tick),
            _ => self.told.hash_turn,
        };
        self.ready = Some(Ready {
            own: start..bytes.len(),
            plan,
            verify_bytes: if wants == WantsHashes::Whole { hashes.len() * 4 + 1 } else { 0 },
            shared,
            told: Told {
                newest: Some(section.newest()),
                own: facts,
                team: contents.team,
                hash_turn,
            },
        });
    }

    /// The snapshot that waits to be handed out.
    pub(crate) fn ready(&self) -> Option<&Ready> {
        self.ready.as_ref()
    }

    /// The shell holds the snapshot that was ready. Returns whether it replaces one held before.
    pub(crate) fn park(&mut self) -> bool {
        let Some(ready) = self.ready.take() else { return false };
        let parked = Parked {
            told: ready.told,
            rate: self.pace.rate(),
            bytes: ready.own.len() + ready.shared,
            verify_bytes: ready.verify_bytes,
        };
        std::mem::swap(&mut self.parked_streams, &mut self.next);
        self.private.park();
        let replaces = self.parked.replace(parked).is_some();
        self.stall.refused(replaces);
        replaces
    }

    /// The socket is no longer busy. The snapshot that was held, if there is one, is on its way: the
    /// client has what it holds, and what was made without it fits no longer.
    pub(crate) fn taken(&mut self) -> Option<Taken> {
        let Some(parked) = self.parked.take() else {
            self.stall.paused();
            return None;
        };
        self.ready = None;
        self.told = parked.told;
        std::mem::swap(&mut self.held, &mut self.parked_streams);
        self.held_rate = parked.rate;
        self.private.sent();
        Some(Taken {
            bytes: parked.bytes,
            verify_bytes: parked.verify_bytes,
            rate_changed: self.pace.queued(self.stall.end()),
        })
    }

    /// The snapshot was not sent: the client has what it had.
    pub(crate) fn skipped(&mut self) {
        if self.ready.take().is_some() {
            self.stall.refused(true);
        }
    }
}

/// Which stream hashes a snapshot carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantsHashes {
    /// None.
    No,
    /// 16 bits each.
    Low,
    /// 32 bits each.
    Whole,
}
