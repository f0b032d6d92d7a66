//! A room as its shell drives it.

use tickwire_game::{Game, PlayerId, Profile};
use tickwire_wire::close::Close;

use super::Room;
use crate::any::{
    AnyRoom, ConnId, Delivery, Hold, Outgoing, Relief, Reservation, ReserveError, RoomCounters,
    RoomInfo, TickReport,
};
use crate::clients::RoomClock;
use crate::limits::MAX_CATCH_UP_TICKS;

impl<G: Game> AnyRoom for Room<G> {
    fn info(&self) -> RoomInfo {
        let facts = &self.clients.facts;
        let [_, slow_clients @ ..] = self.clients.riders();
        RoomInfo {
            id: facts.config.id.clone(),
            game: facts.game,
            seats: facts.settings.seats,
            players: self.clients.seats.humans() as u16,
            bots: self.clients.seats.bot_count() as u16,
            clients: self.clients.welcomed() as u16,
            slow_clients,
            tick: self.world.tick(),
            tick_hz: facts.settings.tick_hz,
            level: facts.layout.level,
            finished: self.world.finished().map(str::to_owned),
            schema_hash: facts.schema_hash.clone(),
            prior_hash: facts.prior_hash().to_owned(),
        }
    }

    fn reserve(&mut self, now_us: u64, profile: Profile) -> Result<Reservation, ReserveError> {
        if self.world.finished().is_some() {
            return Err(ReserveError::Finished);
        }
        self.clients.reserve(now_us, profile)
    }

    fn hold(&mut self, player: PlayerId, hold: Hold) {
        self.clients.seats.hold(player, hold);
    }

    fn connect(&mut self, now_us: u64, conn: ConnId) {
        self.clients.connect(now_us, conn);
    }

    fn receive(&mut self, now_us: u64, conn: ConnId, message: &[u8]) {
        let clock = RoomClock { tick: self.world.tick(), schedule: &self.schedule };
        self.clients.receive(now_us, conn, message, clock);
    }

    fn round_trip(&mut self, conn: ConnId, rtt_ms: u16) {
        self.clients.round_trip(conn, rtt_ms);
    }

    fn disconnect(&mut self, now_us: u64, conn: ConnId) {
        self.clients.disconnect(now_us, conn);
    }

    fn expel(&mut self, now_us: u64, conn: ConnId) {
        self.clients.expel(now_us, conn);
    }

    fn next_tick_us(&self) -> u64 {
        if self.is_over { u64::MAX } else { self.schedule.next_us() }
    }

    fn tick(&mut self, now_us: u64) -> TickReport {
        self.clients.expire(now_us);
        self.end_when_finished(now_us);
        if self.is_over {
            return TickReport::default();
        }
        let due = self.schedule.take_due(now_us, self.relief.catch_up_ticks);
        for _ in 0..due.ticks {
            self.step(now_us);
        }
        self.clients.counters.skipped_ticks += u64::from(due.skipped);
        TickReport { ticks: due.ticks, skipped: due.skipped, late_us: due.late_us }
    }

    fn encode(&mut self, _now_us: u64) {
        let tick = self.world.tick();
        let send_every = u32::from(self.clients.facts.settings.send_every);
        let is_turn = |every: u32, since: u32| tick / every > since / every;
        if is_turn(send_every * self.relief.snapshot_every, self.encoded) {
            // What was built before has not been handed out: it would be lost on its clients.
            if !self.clients.has_ready() {
                self.show();
            }
        } else if is_turn(send_every, self.weighed) {
            let riders: u32 = self.clients.riders().iter().sum();
            self.clients.counters.snapshots_thinned += u64::from(riders);
        }
        self.weighed = tick;
    }

    fn release(&mut self, send: &mut dyn FnMut(ConnId, Outgoing<'_>) -> Delivery) {
        self.clients.release(&self.fanout, send);
    }

    fn taken(&mut self, conn: ConnId) {
        self.clients.taken(conn);
    }

    fn relieve(&mut self, relief: Relief) {
        self.relief = Relief {
            snapshot_every: relief.snapshot_every.max(1),
            catch_up_ticks: relief.catch_up_ticks.clamp(1, MAX_CATCH_UP_TICKS),
        };
        self.fanout.snapshot_every = self.relief.snapshot_every;
    }

    fn shut(&mut self, close: Close) {
        self.clients.shut(close);
    }

    fn counters(&self) -> RoomCounters {
        let made = self.fanout.made();
        RoomCounters {
            keyframes: made.keyframes,
            catch_ups: made.catch_ups,
            deltas: made.deltas,
            ..self.clients.counters
        }
    }

    fn recording(&self) -> Option<Vec<u8>> {
        self.recording.as_ref().map(|recording| recording.save())
    }
}
