//! Whatever path leads to a tick (steady, skipped, joined, another rate, crossed), a decoder ends in
//! the state that everyone else of the same rate has, history included.

use std::collections::BTreeMap;

use tickwire_game::{Dice, Team};
use tickwire_room::limits::{
    PACE_CLIMB_SNAPSHOTS, PACE_SKIPS, PACE_SNAPSHOTS, PACE_STALL_SKIPS, RATES,
};
use tickwire_room::{AnyRoom, ConnId, RoomConfig};
use tickwire_wire::level::Level;

use crate::harness::{Table, config};
use crate::probe::Probe;
use crate::yard::{Command, Input, Options};

/// The rate of a client, worked out from when it got snapshots: the rule in the plainest way.
#[derive(Default)]
struct Model {
    rate: usize,
    /// Since it has that rate: of each snapshot that counts, whether it was lost.
    lost: Vec<bool>,
    /// Snapshots due since the last that it got.
    due: u32,
    /// How many of those that were kept for it had been taken.
    late: usize,
}

impl Model {
    /// The rate of the snapshot number `turn` of the room, which has just been made, before it counts.
    fn follow(&mut self, turn: u32, tick: u32, probe: &Probe) -> usize {
        if probe.late.len() > std::mem::replace(&mut self.late, probe.late.len()) {
            self.got();
        }
        let rate = self.rate;
        if turn.is_multiple_of(RATES[rate]) {
            self.due += 1;
            if probe.snapshots.last().is_some_and(|snapshot| snapshot.tick == tick) {
                self.got();
            }
        }
        rate
    }

    fn got(&mut self) {
        let lost = std::mem::take(&mut self.due).saturating_sub(1).min(PACE_STALL_SKIPS);
        self.lost.extend((0..lost).map(|_| true));
        let judged = &self.lost[self.lost.len().saturating_sub(PACE_SNAPSHOTS as usize)..];
        let count = judged.iter().filter(|lost| **lost).count();
        if lost > 0 && count >= PACE_SKIPS as usize && self.rate + 1 < RATES.len() {
            (self.rate, self.lost) = (self.rate + 1, Vec::new());
            return;
        }
        self.lost.push(false);
        let clean = self.lost.iter().rev().take_while(|lost| !**lost).count();
        if clean >= PACE_CLIMB_SNAPSHOTS as usize && self.rate > 0 {
            (self.rate, self.lost) = (self.rate - 1, Vec::new());
        }
    }
}

/// Numbers of cells and audiences; those of single rows are followed from different ticks on.
pub(crate) fn is_shared(number: u32) -> bool {
    number & 3 < 2
}

fn assert_same(a: &Probe, b: &Probe) -> usize {
    let mut compared = 0;
    for (number, one) in a.streams.iter().filter(|(number, _)| is_shared(**number)) {
        let Some(other) = b.streams.get(number) else { continue };
        assert_eq!(one.tick(), other.tick(), "stream {number}");
        assert_eq!(one.state(), other.state(), "stream {number}");
        assert_eq!(one.previous(), other.previous(), "stream {number}");
        assert_eq!(one.hash(), other.hash());
        compared += 1;
    }
    compared
}

/// A client and how its line is for now.
struct Line {
    conn: ConnId,
    skips: f32,
    heading: Input,
    model: Model,
}

fn next_line(dice: &mut Dice, table: &mut Table, line: &mut Line) {
    if dice.chance(0.006) {
        line.skips = [0.0, 0.0, 0.03, 0.4, 0.95][dice.below(5) as usize];
    }
    if dice.chance(0.002) {
        table.cut(line.conn);
        let keeps = table.keepers.remove(&line.conn);
        line.conn = table.resume(line.conn);
        table.keepers.extend(keeps.then_some(line.conn));
        line.model = Model::default();
    }
    if dice.chance(0.05) {
        line.heading =
            Input { x: dice.below(9) as i8 - 4, y: dice.below(9) as i8 - 4, jump: false };
    }
    if dice.chance(0.01) {
        let team = Team(dice.below(3) as u8);
        table.command(line.conn, &Command::JoinTeam { team });
    }
}

/// Comparisons at each rate.
fn follow(seed: u64, cell_size: Option<f32>, send_every: u16) -> [usize; RATES.len()] {
    let mut dice = Dice::new(seed, 0, 0);
    let level = Level::ALL[seed as usize % Level::ALL.len()];
    let options = Options {
        cell_size,
        send_every,
        radius: 60.0,
        crumbs: 30,
        wander: true,
        notes: true,
        hidden: 3,
        seats: 12,
        ..Options::default()
    };
    let mut table = Table::with(options, RoomConfig { seed, level: Some(level), ..config() });
    let mut lines: Vec<Line> = Vec::new();
    let mut compared = [0; RATES.len()];
    for tick in 0..2_400_u32 {
        if lines.len() < 10 && tick % 40 == 0 {
            let conn = table.join_with(&tick.to_string(), Team((tick % 3) as u8), |_| {});
            // The first two are always steady: all others are held against them.
            if lines.len() % 2 == 1 {
                table.keepers.insert(conn);
            }
            lines.push(Line {
                conn,
                skips: 0.0,
                heading: Input::default(),
                model: Model::default(),
            });
        }
        for (index, line) in lines.iter_mut().enumerate() {
            if index >= 2 {
                next_line(&mut dice, &mut table, line);
            }
            table.inputs(line.conn, tick + 1, &[line.heading]);
        }
        table.busy =
            lines.iter().filter(|line| dice.chance(line.skips)).map(|line| line.conn).collect();
        table.tick();
        let mut newest: BTreeMap<usize, Vec<&Probe>> = BTreeMap::new();
        let now = table.tick_now();
        for line in lines.iter_mut().filter(|_| now.is_multiple_of(send_every.into())) {
            let probe = table.probe(line.conn);
            let rate = line.model.follow(now / u32::from(send_every), now, probe);
            if probe.snapshots.last().is_some_and(|snapshot| snapshot.tick == now) {
                newest.entry(rate).or_default().push(probe);
            }
        }
        for (rate, probes) in newest {
            for probe in &probes[1..] {
                compared[rate] += assert_same(probes[0], probe);
            }
        }
    }
    let counters = table.room.counters();
    assert!(counters.rate_changes > 10 && counters.catch_ups > 100, "{counters:?}");
    compared
}

#[test]
fn every_path_to_a_tick_ends_in_the_same_state() {
    let mut compared = [0; RATES.len()];
    for (seed, cell_size, send_every) in
        [(1, None, 1), (2, None, 3), (3, Some(64.0), 1), (4, Some(40.0), 2), (5, Some(24.0), 1)]
    {
        for (sum, count) in compared.iter_mut().zip(follow(seed, cell_size, send_every)) {
            *sum += count;
        }
    }
    assert!(compared.iter().all(|&count| count > 500), "{compared:?}");
}

#[test]
fn a_thin_line_gets_fewer_snapshots_shared_with_its_like_and_climbs_back() {
    let options = Options { crumbs: 30, wander: true, ..Options::default() };
    let mut table = Table::new(options);
    let [steady, one, other] = ["a", "b", "c"].map(|name| table.join(name));
    for tick in 0..128 {
        table.busy = if tick % 3 == 0 { [one, other].into() } else { [].into() };
        table.tick();
    }
    assert_eq!(table.room.info().slow_clients, [0, 2]);
    table.busy.clear();
    table.meet_at_snapshot();
    let before = table.room.counters();
    table.ticks(30);
    for (conn, snapshots) in [(steady, 30), (one, 10), (other, 10)] {
        let from = table.tick_now() - 30;
        let count = table.probe(conn).snapshots.iter().filter(|s| s.tick > from).count();
        assert_eq!(count, snapshots);
    }
    let after = table.room.counters();
    assert_eq!(after.deltas - before.deltas, 30 + 10, "each rate once for all");
    assert_eq!(
        (after.keyframes, after.catch_ups),
        (before.keyframes, before.catch_ups),
        "a line that copes with its rate needs neither"
    );
    assert_eq!(table.probe(one).newest().shared, table.probe(other).newest().shared);
    let changes = after.rate_changes;
    table.ticks(3 * PACE_CLIMB_SNAPSHOTS as usize);
    assert_eq!(table.room.info().slow_clients, [2, 0]);
    table.ticks(2 * PACE_CLIMB_SNAPSHOTS as usize + 6);
    assert_eq!(table.room.info().slow_clients, [0, 0]);
    assert_eq!(table.room.counters().rate_changes, changes + 4);
    let counters = table.room.counters();
    assert_eq!(counters.keyframes, before.keyframes, "a change of rate is a catch-up");
    assert_eq!(counters.catch_ups, before.catch_ups + 2, "one for both, up and up");
    assert_eq!(table.probe(one).newest().shared, table.probe(steady).newest().shared);
    assert_same(table.probe(one), table.probe(steady));
}
