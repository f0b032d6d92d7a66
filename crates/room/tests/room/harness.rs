//! A room and its clients in memory, on a clock that only the test moves.

use std::collections::{BTreeMap, BTreeSet};

use tickwire_game::{PlayerId, Profile, Team};
use tickwire_room::limits::RATES;
use tickwire_room::{
    AnyRoom, ConnId, Delivery, Outgoing, Reservation, Room, RoomConfig, TickReport, TicketKey,
};
use tickwire_wire::close::Close;
use tickwire_wire::message::{Auth, ClientMessage};

use crate::probe::Probe;
use crate::yard::{Command, Input, Options, Yard};

pub(crate) const START_US: u64 = 1_800_000_000_000_000;

pub(crate) fn key() -> TicketKey {
    TicketKey::from_bytes([42; 32])
}

pub(crate) fn config() -> RoomConfig {
    RoomConfig::new("yard", 7, key())
}

/// A room and its clients.
pub(crate) struct Table {
    pub(crate) room: Room<Yard>,
    pub(crate) now_us: u64,
    pub(crate) probes: BTreeMap<ConnId, Probe>,
    /// Connections whose sockets take no snapshots.
    pub(crate) busy: BTreeSet<ConnId>,
    /// Connections whose sockets take nothing.
    pub(crate) stuck: BTreeSet<ConnId>,
    /// Connections whose busy sockets keep the newest snapshot.
    pub(crate) keepers: BTreeSet<ConnId>,
    /// Whether a socket that is no longer busy takes the next snapshot in place of the one it kept.
    pub(crate) overtakes: bool,
    /// What they keep.
    slots: BTreeMap<ConnId, (Vec<u8>, Vec<u8>)>,
    /// Connections that the room has not been told of since they refused a snapshot.
    refused: BTreeSet<ConnId>,
    next_conn: u64,
}

impl Table {
    pub(crate) fn new(options: Options) -> Self {
        Self::with(options, config())
    }

    pub(crate) fn with(options: Options, config: RoomConfig) -> Self {
        Self {
            room: Room::open(options, &(), config, START_US).unwrap(),
            now_us: START_US,
            probes: BTreeMap::new(),
            busy: BTreeSet::new(),
            stuck: BTreeSet::new(),
            keepers: BTreeSet::new(),
            overtakes: false,
            slots: BTreeMap::new(),
            refused: BTreeSet::new(),
            next_conn: 0,
        }
    }

    pub(crate) fn reserve(&mut self, name: &str) -> Reservation {
        self.reserve_in(name, Team::NONE)
    }

    pub(crate) fn reserve_in(&mut self, name: &str, team: Team) -> Reservation {
        let profile = Profile { name: name.into(), bot: false, team };
        self.room.reserve(self.now_us, profile).unwrap()
    }

    /// A new connection that has not said anything.
    pub(crate) fn connect(&mut self, auth: Auth) -> ConnId {
        self.next_conn += 1;
        let conn = ConnId(self.next_conn);
        self.room.connect(self.now_us, conn);
        self.probes.insert(conn, Probe::new(conn, auth));
        conn
    }

    /// A client with a seat, welcomed; it enters with the next tick.
    pub(crate) fn join(&mut self, name: &str) -> ConnId {
        self.join_with(name, Team::NONE, |_| {})
    }

    pub(crate) fn join_with(
        &mut self,
        name: &str,
        team: Team,
        prepare: impl FnOnce(&mut Probe),
    ) -> ConnId {
        let ticket = self.reserve_in(name, team).ticket;
        let conn = self.connect(Auth::Ticket(ticket));
        prepare(self.probe_mut(conn));
        self.hello(conn);
        assert!(self.probe(conn).welcome.is_some(), "{:?}", self.probe(conn).close);
        conn
    }

    pub(crate) fn hello(&mut self, conn: ConnId) {
        let bytes = self.probe(conn).hello_bytes();
        self.send(conn, &bytes);
        self.release();
    }

    pub(crate) fn send(&mut self, conn: ConnId, bytes: &[u8]) {
        self.room.receive(self.now_us, conn, bytes);
    }

    pub(crate) fn command(&mut self, conn: ConnId, command: &Command) {
        let bytes = self.probe_mut(conn).command(command);
        self.send(conn, &bytes);
    }

    pub(crate) fn say(&mut self, conn: ConnId, text: &str) {
        let bytes = self.probe_mut(conn).reliable(&ClientMessage::Chat(text.into()));
        self.send(conn, &bytes);
    }

    /// Sends inputs from number `first` on, and acknowledges what has been received.
    pub(crate) fn inputs(&mut self, conn: ConnId, first: u32, inputs: &[Input]) {
        let bytes = self.probe(conn).inputs(first, inputs);
        self.send(conn, &bytes);
    }

    /// Moves to the next deadline, ticks, encodes and releases.
    pub(crate) fn tick(&mut self) -> TickReport {
        let is_free = |conn: &ConnId| !self.overtakes && !self.is_busy(*conn);
        let free = self.refused.iter().copied().filter(is_free);
        for conn in free.collect::<Vec<_>>() {
            self.unblock(conn);
        }
        self.now_us = self.now_us.max(self.room.next_tick_us());
        let report = self.room.tick(self.now_us);
        self.room.encode(self.now_us);
        self.release();
        report
    }

    pub(crate) fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            self.tick();
        }
    }

    /// Ticks up to a snapshot that clients of every rate get.
    pub(crate) fn meet_at_snapshot(&mut self) {
        let send_every = u32::from(self.room.world().settings().send_every);
        let common = RATES.iter().product::<u32>() * send_every;
        self.tick();
        while !self.tick_now().is_multiple_of(common) {
            self.tick();
        }
    }

    /// Passes time without ticks being due: housekeeping only happens.
    pub(crate) fn wait(&mut self, us: u64) {
        self.now_us += us;
    }

    pub(crate) fn release(&mut self) {
        let tick = self.tick_now();
        let Self { room, probes, busy, stuck, keepers, slots, refused, .. } = self;
        room.release(&mut |conn, outgoing| {
            let probe = probes.get_mut(&conn).expect("a connection that was opened");
            assert!(probe.close.is_none(), "nothing follows a close");
            let is_busy = busy.contains(&conn) || stuck.contains(&conn);
            match outgoing {
                Outgoing::Close(close) => probe.close = Some(close.clone()),
                Outgoing::Snapshot { own, shared } if is_busy => {
                    probe.refusals.push(tick);
                    refused.insert(conn);
                    if !keepers.contains(&conn) {
                        return Delivery::Skipped;
                    }
                    slots.insert(conn, (own.to_vec(), shared.to_vec()));
                    return Delivery::Held;
                }
                Outgoing::Snapshot { own, shared } => {
                    slots.remove(&conn);
                    refused.remove(&conn);
                    probe.snapshot(own, shared);
                }
                _ if stuck.contains(&conn) => return Delivery::Skipped,
                Outgoing::Message(bytes) => probe.message(bytes),
            }
            Delivery::Queued
        });
    }

    fn is_busy(&self, conn: ConnId) -> bool {
        self.busy.contains(&conn) || self.stuck.contains(&conn)
    }

    /// The socket takes something again: the snapshot that was kept first of all.
    pub(crate) fn unblock(&mut self, conn: ConnId) {
        self.refused.remove(&conn);
        let kept = self.slots.remove(&conn);
        let probe = self.probe_mut(conn);
        if let Some((own, shared)) = kept {
            probe.late.push(probe.refusals.last().copied().unwrap_or_default());
            probe.snapshot(&own, &shared);
        }
        self.room.taken(conn);
    }

    /// The line of a client is cut; the probe stays for [`resume`](Self::resume).
    pub(crate) fn cut(&mut self, conn: ConnId) {
        self.room.disconnect(self.now_us, conn);
        self.slots.remove(&conn);
        self.refused.remove(&conn);
        self.probe_mut(conn).is_cut = true;
    }

    /// The same client on a new connection, with the newest token it has.
    pub(crate) fn resume(&mut self, old: ConnId) -> ConnId {
        let mut probe = self.probes.remove(&old).unwrap();
        let mut spare = Probe::new(old, probe.auth.clone());
        spare.is_cut = true;
        self.probes.insert(old, spare);
        self.next_conn += 1;
        let conn = ConnId(self.next_conn);
        probe.reconnect(conn);
        self.room.connect(self.now_us, conn);
        self.probes.insert(conn, probe);
        self.hello(conn);
        conn
    }

    pub(crate) fn probe(&self, conn: ConnId) -> &Probe {
        &self.probes[&conn]
    }

    pub(crate) fn probe_mut(&mut self, conn: ConnId) -> &mut Probe {
        self.probes.get_mut(&conn).unwrap()
    }

    pub(crate) fn player(&self, conn: ConnId) -> PlayerId {
        PlayerId(self.probe(conn).player())
    }

    /// The close that a connection was given.
    pub(crate) fn close(&self, conn: ConnId) -> &Close {
        self.probe(conn).close.as_ref().expect("a close")
    }

    pub(crate) fn tick_now(&self) -> u32 {
        self.room.world().tick()
    }
}
