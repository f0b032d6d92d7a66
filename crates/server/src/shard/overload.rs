//! Whether a shard has time for all it does, and what it has its rooms save when it has not.

use tickwire_room::Relief;
use tracing::{info, warn};

use super::Shard;
use super::shedding::Subject;
use crate::driver::Driver;

impl<D: Driver> Shard<D> {
    /// Judges the window, if it has ended.
    pub(super) fn judge(&mut self, now_us: u64) {
        let Some(busy) = self.window.end(now_us) else { return };
        self.context.metrics.load_permille.set((busy.load * 1e3) as u64);
        self.subjects.clear();
        for (key, room) in self.rooms.seated.iter_mut() {
            let cost = room.meter.end_window();
            room.entry.live.publish_load(room.meter.load());
            self.subjects.push(Subject { key, cost, relief: room.relief });
        }
        let steps = self.shedding.judge(&busy, &mut self.subjects);
        self.relieve();
        self.settle(now_us);
        let metrics = &self.context.metrics;
        metrics.thinned_steps.add(steps.thinned);
        metrics.restored_steps.add(steps.restored);
        self.count_thinned();
    }

    /// Tells the rooms what was decided.
    fn relieve(&mut self) {
        for Subject { key, relief, .. } in self.subjects.drain(..) {
            let Some(room) = self.rooms.seated.get_mut(key) else { continue };
            if room.relief != relief {
                room.relief = relief;
                self.rooms.call(Some(key), |room| room.relieve(relief));
            }
        }
    }

    /// Counts the rooms that make fewer snapshots, and tells the log when that begins and ends.
    fn count_thinned(&self) {
        let full = Relief::default().snapshot_every;
        let rooms = self.rooms.seated.iter();
        let thinned = rooms.filter(|(_, room)| room.relief.snapshot_every > full).count() as u64;
        let gauge = &self.context.metrics.rooms_thinned;
        let shard = self.context.index;
        match (gauge.get(), thinned) {
            (0, 1..) => warn!(shard, thinned, "short of time: rooms make fewer snapshots"),
            (1.., 0) => info!(shard, "time enough again: all rooms make every snapshot"),
            _ => {}
        }
        gauge.set(thinned);
    }
}
