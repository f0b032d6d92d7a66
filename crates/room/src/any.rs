//! What a shell sees of a room, whatever game it runs.
//!
//! One turn of a shell is: hand in what arrived ([`AnyRoom::receive`]), then
//! [`tick`](AnyRoom::tick), [`encode`](AnyRoom::encode), [`release`](AnyRoom::release). Only
//! `release` hands bytes out, so that a shell may hold it back until a journal has the tick.
//!
//! Every `now_us` is microseconds since the Unix epoch and never goes back.

use tickwire_game::{Level, PlayerId, Profile};
use tickwire_wire::close::Close;

use crate::limits::{MAX_CATCH_UP_TICKS, RATES};

/// Names one connection within a room. The shell chooses it and never uses one twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// Something that a room hands to the socket of one client.
#[derive(Debug)]
pub enum Outgoing<'a> {
    /// One snapshot message: the bytes of `own`, then those of `shared`. While the socket is busy, the
    /// shell may keep it ([`Delivery::Held`]) or skip it ([`Delivery::Skipped`]).
    Snapshot {
        /// Head and own section: this viewer's alone.
        own: &'a [u8],
        /// State and event chunks: the very same slice for every viewer that sees the same.
        shared: &'a [u8],
    },
    /// One whole message that must arrive. [`Delivery::Skipped`] makes the room offer it again, in
    /// order, at the next release.
    Message(&'a [u8]),
    /// The last thing for this connection: a close frame, after which the shell ends the socket.
    /// The room has forgotten the connection.
    Close(&'a Close),
}

/// What became of an [`Outgoing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is in the socket's queue: the client gets it, in order, or the connection ends.
    Queued,
    /// For snapshots: the socket is busy; the shell keeps this one, in place of the one it kept before,
    /// until the socket takes it (then it calls [`AnyRoom::taken`]) or a newer one is offered. The
    /// next one leads from what the client has without it.
    Held,
    /// It was dropped because the socket is still busy; a snapshot that was held before still is. A
    /// viewer whose snapshot was skipped catches up with the next.
    Skipped,
}

/// A seat kept for somebody who is about to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The player id of the seat.
    pub player: PlayerId,
    /// Text to present in `Hello`; good for one use.
    pub ticket: String,
    /// When the ticket and the seat lapse.
    pub expires_us: u64,
}

/// What a shell wants back when a reservation ends, because its ticket was used or it lapsed: it is
/// dropped then.
pub struct Hold(Box<dyn Send>);

impl Hold {
    /// Holds on to `what`.
    pub fn new(what: impl Send + 'static) -> Self {
        Self(Box::new(what))
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(_what) = self;
        f.write_str("Hold")
    }
}

/// Why no seat could be reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReserveError {
    /// Every seat is taken or reserved by a human.
    #[error("every seat of the room is taken")]
    Full,
    /// The match is over, or the room is being shut.
    #[error("the match is over")]
    Finished,
}

/// What a lobby shows of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomInfo {
    /// The room's id.
    pub id: String,
    /// [`Game::NAME`](tickwire_game::Game::NAME).
    pub game: &'static str,
    /// Seats for humans and bots together.
    pub seats: u16,
    /// Humans with a seat: playing, away or with a reservation.
    pub players: u16,
    /// Bots that play now.
    pub bots: u16,
    /// Connections that have been welcomed.
    pub clients: u16,
    /// Those among them that get every second, and every third snapshot: their lines are too thin.
    pub slow_clients: [u32; 2],
    /// The newest tick.
    pub tick: u32,
    /// Ticks a second.
    pub tick_hz: u16,
    /// How the room's streams are coded.
    pub level: Level,
    /// The outcome, once the game has said that the match is over.
    pub finished: Option<String>,
    /// The hash of the game's schema.
    pub schema_hash: String,
    /// The hash of the prior from which streams are coded; empty: the protocol's own.
    pub prior_hash: String,
}

/// What a shell that is short of time asks of a room: less work for its clients before less of the
/// match itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relief {
    /// Of how many snapshots one is made, for all clients: one of [`RATES`]. Those left out are not even
    /// encoded, and cost no client a catch-up.
    pub snapshot_every: u32,
    /// Late ticks run at once, 1 to [`MAX_CATCH_UP_TICKS`]: fewer for a room that cannot catch up anyway
    /// and only holds its neighbours up.
    pub catch_up_ticks: u32,
}

impl Default for Relief {
    /// Every snapshot is made, and late ticks are caught up.
    fn default() -> Self {
        Self { snapshot_every: RATES[0], catch_up_ticks: MAX_CATCH_UP_TICKS }
    }
}

/// What one call of [`AnyRoom::tick`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickReport {
    /// Ticks simulated: 0 when none was due, at most 3.
    pub ticks: u32,
    /// Ticks of time given up because the room was further behind than that.
    pub skipped: u32,
    /// How long after its deadline the first of them ran; 0 when none did.
    pub late_us: u64,
}

/// Totals since the room was opened; they only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomCounters {
    /// Ticks simulated.
    pub ticks: u64,
    /// Ticks of time given up by overruns.
    pub skipped_ticks: u64,
    /// Snapshots queued.
    pub snapshots: u64,
    /// Snapshots that clients did not get because their lines were busy: skipped by the shell, held and
    /// replaced by a newer one, or not even made.
    pub snapshots_skipped: u64,
    /// Snapshots that clients did not get because the shell asked for [`Relief`].
    pub snapshots_thinned: u64,
    /// Keyframes encoded (each is shared by all who need it in that tick).
    pub keyframes: u64,
    /// Catch-ups encoded, for clients that skipped snapshots or changed their rate (shared too).
    pub catch_ups: u64,
    /// State chunks encoded as deltas (each is shared too).
    pub deltas: u64,
    /// How often a client got fewer snapshots because its line is too thin, or more again.
    pub rate_changes: u64,
    /// Bytes of the snapshots queued, verify hashes included.
    pub snapshot_bytes: u64,
    /// Bytes among them that are 32-bit verify hashes.
    pub verify_bytes: u64,
    /// Bytes of other messages queued.
    pub message_bytes: u64,
    /// Messages received from clients.
    pub messages_received: u64,
    /// Inputs dropped because their tick had run.
    pub late_inputs: u64,
    /// Inputs dropped because they were for a tick too far ahead.
    pub early_inputs: u64,
    /// Player ticks that found no new input.
    pub starved_ticks: u64,
    /// Commands and chat lines refused.
    pub refused: u64,
    /// Connections closed for something they did: codes 4000 to 4003, 4005, 4008 and 4013.
    pub violations: u64,
    /// Connections that took up their seat again.
    pub resumes: u64,
}

/// A room of any game: what a shell drives. [`crate::Room`] implements it.
pub trait AnyRoom: Send {
    /// What a lobby shows.
    fn info(&self) -> RoomInfo;

    /// Keeps a seat for `profile` and signs a ticket for it.
    fn reserve(&mut self, now_us: u64, profile: Profile) -> Result<Reservation, ReserveError>;

    /// Keeps `hold` until the reservation of `player` is used or lapses; drops it at once when there is
    /// none.
    fn hold(&mut self, player: PlayerId, hold: Hold);

    /// A socket has been opened. Its first message must be `Hello`, within
    /// [`RoomConfig::hello_us`](crate::RoomConfig::hello_us).
    fn connect(&mut self, now_us: u64, conn: ConnId);

    /// One whole binary message came. Nothing in it can panic; a violation queues
    /// [`Outgoing::Close`]. Unknown and closing connections are ignored.
    fn receive(&mut self, now_us: u64, conn: ConnId, message: &[u8]);

    /// The shell's measure of a connection's round trip (WebSocket ping to pong), for the
    /// players table. Goes into the world at most once a second.
    fn round_trip(&mut self, conn: ConnId, rtt_ms: u16);

    /// The socket is gone: the seat is `away` and kept for 30 s. Harmless for unknown connections.
    fn disconnect(&mut self, now_us: u64, conn: ConnId);

    /// The shell has ended a connection for breaking the WebSocket protocol: its seat is given up
    /// at once. Harmless for unknown connections; no `disconnect` need follow.
    fn expel(&mut self, now_us: u64, conn: ConnId);

    /// When the next tick is due.
    fn next_tick_us(&self) -> u64;

    /// Runs the ticks that are due, at most 3 (or fewer, see [`Relief`]), and gives up the time beyond
    /// that. Simulates only: nothing is encoded or sent.
    fn tick(&mut self, now_us: u64) -> TickReport;

    /// Builds the messages of the newest tick, each stream once. Does nothing when no tick has run
    /// since the last call, or the tick is not one that gets a snapshot.
    fn encode(&mut self, now_us: u64);

    /// Hands out everything that waits, per client in the order in which it must arrive.
    fn release(&mut self, send: &mut dyn FnMut(ConnId, Outgoing<'_>) -> Delivery);

    /// The socket of a connection is no longer busy: what was [held](Delivery::Held) is on its way, as
    /// if it had been [queued](Delivery::Queued). To be called between [`release`](Self::release)
    /// and the next [`encode`](Self::encode), also when only [skipped](Delivery::Skipped)
    /// snapshots went before: while a line is busy, snapshots are offered to it more and more
    /// rarely, and this ends that. Harmless for unknown connections.
    fn taken(&mut self, conn: ConnId);

    /// From now on saves the shell this much work; [`Relief::default`] ends it.
    fn relieve(&mut self, relief: Relief);

    /// Gives every client this close at the next release, and everyone who comes later.
    fn shut(&mut self, close: Close);

    /// Totals for metrics.
    fn counters(&self) -> RoomCounters;

    /// The recording so far, when [`RoomConfig::record`](crate::RoomConfig::record) asked for one:
    /// a saved [`Recording`](tickwire_game::Recording).
    fn recording(&self) -> Option<Vec<u8>>;
}
