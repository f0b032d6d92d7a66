//! What goes out to clients: snapshots are prepared for them, then everything is handed over.

use tickwire_game::{PlayerId, Team, View};

use super::Clients;
use crate::any::{ConnId, Delivery, Outgoing, RoomCounters};
use crate::fanout::{Fanout, OwnFacts, Riders, Status, Taken, Viewer};
use crate::reliable::Tail;
use crate::session::Session;

type Send<'a> = dyn FnMut(ConnId, Outgoing<'_>) -> Delivery + 'a;

impl Clients {
    /// How many are to get snapshots at each rate: clients whose players have entered.
    pub(crate) fn riders(&self) -> Riders {
        let mut riders = Riders::default();
        for playing in self.sessions.values().filter_map(Session::playing) {
            if self.seats.get(playing.player).is_some_and(|seat| seat.entered) {
                riders[playing.viewer.pace.rate()] += 1;
            }
        }
        riders
    }

    /// Prepares a snapshot of `tick` for everyone who is to get one, and lets the reliable messages
    /// that belong to it follow. Between `fanout.begin` and `fanout.end`.
    pub(crate) fn show(
        &mut self,
        tick: u32,
        fanout: &mut Fanout,
        team_of: impl Fn(PlayerId) -> Team,
        look: impl Fn(PlayerId, &mut View),
    ) {
        for playing in self.sessions.values_mut().filter_map(Session::playing_mut) {
            let player = playing.player;
            let Some(seat) = self.seats.get_mut(player).filter(|seat| seat.entered) else {
                continue;
            };
            if !fanout.is_due(&playing.viewer) {
                continue;
            }
            if !playing.viewer.is_turn() {
                self.counters.snapshots_skipped += 1;
                continue;
            }
            let totals = playing.inputs.totals();
            let own = OwnFacts {
                acked_input: playing.inputs.acked(),
                input_margin: playing.inputs.margin(),
                reliable_received: seat.received.newest(),
                counters: (totals.late, totals.starved),
            };
            let status = Status { team: team_of(player), own, is_told: seat.tail.waits() };
            fanout.show(tick, &mut playing.viewer, status, |view| look(player, view));
            seat.tail.open();
        }
    }

    /// Whether snapshots wait to be handed out.
    pub(crate) fn has_ready(&mut self) -> bool {
        let mut playing = self.sessions.values_mut().filter_map(Session::playing_mut);
        playing.any(|playing| playing.viewer.ready().is_some())
    }

    /// The socket of a connection is no longer busy.
    pub(crate) fn taken(&mut self, conn: ConnId) {
        if let Some(playing) = self.sessions.get_mut(&conn).and_then(Session::playing_mut) {
            count(playing.viewer.taken(), &mut self.counters);
        }
    }

    /// Hands out everything that waits, and forgets the connections that were closed.
    pub(crate) fn release(&mut self, fanout: &Fanout, send: &mut Send<'_>) {
        let counters = &mut self.counters;
        let seats = &mut self.seats;
        self.sessions.retain(|&conn, session| {
            let is_welcomed = send_control(conn, session, counters, send);
            if let Some(playing) = session.playing_mut() {
                if is_welcomed {
                    send_snapshot(conn, &mut playing.viewer, fanout, counters, send);
                    if let Some(seat) = seats.get_mut(playing.player) {
                        send_tail(conn, &mut seat.tail, counters, send);
                    }
                } else {
                    playing.viewer.skipped();
                }
            }
            let Some(close) = &session.close else { return true };
            send(conn, Outgoing::Close(close));
            false
        });
    }
}

/// Hands out `Welcome` and `Pong`s; returns whether none is left.
fn send_control(
    conn: ConnId,
    session: &mut Session,
    counters: &mut RoomCounters,
    send: &mut Send<'_>,
) -> bool {
    while let Some(message) = session.control.front() {
        if send(conn, Outgoing::Message(message)) == Delivery::Skipped {
            return false;
        }
        counters.message_bytes += message.len() as u64;
        session.control.pop_front();
    }
    true
}

fn send_snapshot(
    conn: ConnId,
    viewer: &mut Viewer,
    fanout: &Fanout,
    counters: &mut RoomCounters,
    send: &mut Send<'_>,
) {
    let Some((own, shared)) = fanout.ready(viewer) else { return };
    match send(conn, Outgoing::Snapshot { own, shared }) {
        Delivery::Queued => {
            counters.snapshots_skipped += u64::from(viewer.park());
            count(viewer.taken(), counters);
        }
        Delivery::Held => counters.snapshots_skipped += u64::from(viewer.park()),
        Delivery::Skipped => {
            counters.snapshots_skipped += 1;
            viewer.skipped();
        }
    }
}

/// Counts a snapshot that is on its way.
fn count(taken: Option<Taken>, counters: &mut RoomCounters) {
    let Some(taken) = taken else { return };
    counters.snapshots += 1;
    counters.snapshot_bytes += taken.bytes as u64;
    counters.verify_bytes += taken.verify_bytes as u64;
    counters.rate_changes += u64::from(taken.rate_changed);
}

fn send_tail(conn: ConnId, tail: &mut Tail, counters: &mut RoomCounters, send: &mut Send<'_>) {
    while let Some(message) = tail.next() {
        if send(conn, Outgoing::Message(message)) == Delivery::Skipped {
            return;
        }
        counters.message_bytes += message.len() as u64;
        tail.handed();
    }
}
