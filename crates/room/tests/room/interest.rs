//! Interest: a viewer has exactly the rows that a filter of the whole state gives.

use std::collections::{BTreeMap, BTreeSet};

use tickwire_game::{Dice, PlayerId, Team, Vec2, World};
use tickwire_room::limits::{CELL_HYSTERESIS, ROW_HYSTERESIS};
use tickwire_room::{AnyRoom, ConnId, RoomConfig};
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::level::Level;

use crate::harness::{Table, config};
use crate::yard::{Command, Input, Options, Yard};

/// The filter, written again in the plainest way: cells within the radius, cells held before within
/// some more, own and befriended rows, and whatever has no place.
#[derive(Default)]
struct Reference {
    held: BTreeSet<(i32, i32)>,
    cells: Cells,
}

/// The cell of each row, by table and id: the one before until the row is some way beyond it.
#[derive(Default)]
struct Cells(BTreeMap<(usize, u32), (i32, i32)>);

impl Cells {
    fn follow(&mut self, world: &World<Yard>) {
        let state = world.state();
        let pawns = state.pawns.iter().map(|(id, pawn)| ((1, id.raw()), pawn.pos));
        let crumbs = state.crumbs.iter().map(|(id, crumb)| ((2, id.raw()), crumb.pos));
        let next = pawns.chain(crumbs).map(|(row, pos)| {
            let stays = self.0.get(&row).filter(|&&old| distance(old, pos) == 0.0);
            (row, stays.copied().unwrap_or_else(|| cell(pos)))
        });
        self.0 = next.collect();
    }
}

const SIZE: f32 = 16.0;
const RADIUS: f32 = 24.0;

fn cell(pos: Vec2) -> (i32, i32) {
    ((pos.x / SIZE).floor() as i32, (pos.y / SIZE).floor() as i32)
}

fn distance(cell: (i32, i32), pos: Vec2) -> f32 {
    let nearest = |index: i32, at: f32| {
        let (low, slack) = (index as f32 * SIZE, SIZE * ROW_HYSTERESIS);
        at.clamp(low - slack, low + SIZE + slack) - at
    };
    Vec2::new(nearest(cell.0, pos.x), nearest(cell.1, pos.y)).length()
}

impl Reference {
    /// What `player` should see of the world; remembers the cells when `delivered`.
    fn see(&mut self, world: &World<Yard>, player: PlayerId, delivered: bool) -> StateColumns {
        let state = world.state();
        let me = state.pawns.owned_by(player).unwrap().1.pos;
        let near = |cell: &(i32, i32)| {
            let reach =
                if self.held.contains(cell) { RADIUS + SIZE * CELL_HYSTERESIS } else { RADIUS };
            distance(*cell, me) <= reach
        };
        self.cells.follow(world);
        let cells: BTreeSet<(i32, i32)> = self.cells.0.values().copied().filter(near).collect();
        let mut extract = Extract::default();
        world.extract(&mut extract);
        let team = world.players().get(tickwire_game::Id::new(player.0.into())).unwrap().team;
        let mut wanted: Vec<BTreeSet<u32>> = Vec::new();
        wanted.push(world.players().ids().iter().map(|id| id.raw()).collect());
        let pawn = |(id, row): (tickwire_game::Id<_>, &crate::yard::Pawn)| {
            let home = self.cells.0[&(1, id.raw())];
            (row.player == player || cells.contains(&home)).then_some(id.raw())
        };
        wanted.push(state.pawns.iter().filter_map(pawn).collect());
        let crumb = |(id, row): (tickwire_game::Id<_>, &crate::yard::Crumb)| {
            let home = self.cells.0[&(2, id.raw())];
            (row.friend == player || cells.contains(&home)).then_some(id.raw())
        };
        wanted.push(state.crumbs.iter().filter_map(crumb).collect());
        let orders = state.orders.iter().filter(|(_, order)| order.team == team);
        wanted.push(orders.map(|(id, _)| id.raw()).collect());
        let secrets = state.secrets.iter().filter(|(_, secret)| secret.player == player);
        wanted.push(secrets.map(|(id, _)| id.raw()).collect());
        wanted.push([1].into());
        if delivered {
            self.held = cells;
        }
        for (table, wanted) in extract.public.tables.iter_mut().zip(wanted) {
            let mut kept = tickwire_wire::columns::TableColumns::new(table.width);
            let rows = table.iter().filter(|(id, _)| wanted.contains(id));
            rows.for_each(|(id, row)| kept.push(id, row));
            *table = kept;
        }
        extract.public
    }
}

fn walk(dice: &mut Dice, heading: &mut Input) -> Input {
    if dice.chance(0.05) {
        *heading = Input { x: dice.below(9) as i8 - 4, y: dice.below(9) as i8 - 4, jump: false };
    }
    *heading
}

fn crowd(seed: u64) -> (Table, Vec<ConnId>) {
    let level = Level::ALL[seed as usize % Level::ALL.len()];
    let options = Options {
        cell_size: Some(SIZE),
        radius: RADIUS,
        crumbs: 60 + 20 * (seed as u16 % 5),
        wander: true,
        notes: true,
        hidden: 3,
        seats: 24,
        ..Options::default()
    };
    let mut table =
        Table::with(options, RoomConfig { bots: 16, seed, level: Some(level), ..config() });
    let teams = [1, 2, 0, 1, 2, 1];
    let conns = teams.map(|team| table.join_with(&team.to_string(), Team(team), |_| {})).to_vec();
    (table, conns)
}

#[test]
fn viewers_that_walk_about_see_what_the_filter_gives() {
    for seed in 1..=6 {
        let (mut table, conns) = crowd(seed);
        let mut dice = Dice::new(seed, 0, 1);
        let mut headings = vec![Input::default(); conns.len()];
        let mut references: BTreeMap<ConnId, Reference> =
            conns.iter().map(|&conn| (conn, Reference::default())).collect();
        for tick in 0..250_u32 {
            for (&conn, heading) in conns.iter().zip(&mut headings) {
                let input = walk(&mut dice, heading);
                table.inputs(conn, tick + 1, &[input]);
                if dice.chance(0.05) {
                    table.command(conn, &Command::Fire);
                }
                if dice.chance(0.03) {
                    let team = Team(dice.below(3) as u8);
                    table.command(conn, &Command::JoinTeam { team });
                }
            }
            table.busy = conns.iter().copied().filter(|_| dice.chance(0.1)).collect();
            table.tick();
            for &conn in &conns {
                // Not while its line is busy, nor when its rate leaves this snapshot out.
                let newest = table.probe(conn).snapshots.last();
                let delivered = newest.is_some_and(|newest| newest.tick == table.tick_now());
                let player = table.player(conn);
                let reference = references.get_mut(&conn).unwrap();
                let expected = reference.see(table.room.world(), player, delivered);
                if delivered {
                    assert_eq!(table.probe(conn).merged(), expected, "tick {tick} of {player}");
                    let (id, pawn) = table.room.world().state().pawns.owned_by(player).unwrap();
                    let private = [(id.raw(), vec![u32::from(pawn.ammo)])];
                    assert_eq!(table.probe(conn).private("pawns"), private);
                }
            }
        }
        let crossings: usize = table
            .probes
            .values()
            .flat_map(|probe| &probe.snapshots)
            .filter(|snapshot| !snapshot.left.is_empty())
            .count();
        assert!(crossings > 200, "they cross cells: {crossings}");
    }
}

#[test]
fn a_stream_is_encoded_once_for_all_who_have_it() {
    let (mut table, conns) = crowd(9);
    table.ticks(10);
    let before = table.room.counters();
    table.tick();
    let after = table.room.counters();
    let deltas: usize = conns
        .iter()
        .flat_map(|&conn| &table.probe(conn).newest().states)
        .filter(|(_, keyframe)| !keyframe)
        .count();
    let streams = table.probes.values().flat_map(|probe| probe.newest().states.clone());
    let streams: BTreeSet<(u32, bool)> = streams.collect();
    assert!(deltas > streams.len(), "some are shared");
    let cells = 64 * 4 + 40;
    assert!(after.deltas - before.deltas <= cells, "at most one for each cell, audience and row");
}

#[test]
fn viewers_in_the_same_place_share_the_same_bytes() {
    // Crumbs befriend players up to 16; pawns 17 and 33 start in the same place.
    let options = Options { cell_size: Some(SIZE), crumbs: 17, seats: 40, ..Options::default() };
    let mut table = Table::new(options);
    let conns: Vec<ConnId> = (0..33).map(|n| table.join(&n.to_string())).collect();
    table.ticks(3);
    for tick in 3..60 {
        let input = Input { x: if tick % 8 < 4 { 1 } else { -1 }, ..Input::default() };
        table.inputs(conns[0], tick + 1, &[input]);
        table.tick();
        let (one, other) = (table.probe(conns[16]).newest(), table.probe(conns[32]).newest());
        assert!(one.tick == tick + 1 && one.shared.1 > 0);
        assert_eq!((one.tick, one.shared), (other.tick, other.shared));
    }
}

#[test]
fn what_happens_out_of_sight_changes_no_byte() {
    let run = |far_walks: bool| {
        let options =
            Options { cell_size: Some(SIZE), radius: 20.0, crumbs: 40, ..Options::default() };
        let mut table = Table::new(options);
        let near = table.join("Ada");
        // Players 2 to 7 start further and further away.
        let far: Vec<ConnId> = (2..8).map(|n| table.join(&n.to_string())).collect();
        for tick in 0..120_u32 {
            let input = Input { y: if tick % 20 < 10 { 1 } else { -1 }, ..Input::default() };
            table.inputs(near, tick + 2, &[input]);
            let step = i8::try_from(tick % 3).unwrap() - 1;
            let input = Input { x: if far_walks { step * 4 } else { 0 }, ..Input::default() };
            table.inputs(far[5], tick + 2, &[input]);
            table.tick();
        }
        let probe = table.probe(near);
        let bytes: Vec<Vec<u8>> = probe.snapshots.iter().map(|s| s.bytes.clone()).collect();
        (bytes, table.probe(far[5]).snapshots.len())
    };
    let (still, walking) = (run(false), run(true));
    assert!(still.0.len() > 100);
    assert_eq!(still.0, walking.0);
}

#[test]
fn without_cells_everyone_sees_everything() {
    let options = Options { crumbs: 30, wander: true, radius: 1.0, ..Options::default() };
    let mut table = Table::new(options);
    let conn = table.join("Ada");
    table.ticks(20);
    assert_eq!(table.probe(conn).rows("crumbs").len(), 30);
    assert_eq!(table.probe(conn).streams.len(), 1);
}
