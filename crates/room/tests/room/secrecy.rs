//! Two runs that differ only in rows outside a viewer's streams give that viewer the same bytes.

use tickwire_game::{Dice, Team};
use tickwire_room::{AnyRoom, ConnId, RoomConfig};
use tickwire_wire::level::Level;

use crate::harness::{Table, config};
use crate::yard::{EAST, Input, Options};

/// How far east those who must not notice go.
const BORDER: f32 = 90.0;
const RADIUS: f32 = 30.0;

/// A step that keeps a pawn west of the border.
fn step(dice: &mut Dice, x: f32) -> Input {
    let x_step = dice.below(9) as i8 - 4;
    Input { x: if x > BORDER { -4 } else { x_step }, y: dice.below(9) as i8 - 4, jump: false }
}

/// Every snapshot of some clients, byte by byte.
type Received = Vec<Vec<Vec<u8>>>;

/// What the two clients in the west received, what those in the east did, and how often the rate of
/// any changed: each line is thin for a while, at a time of its own.
fn run(seed: u64, far: u32, hidden: u32) -> (Received, Received, u64) {
    let mut dice = Dice::new(seed, 0, 7);
    let level = Level::ALL[seed as usize % Level::ALL.len()];
    let cell_size = Some([12.0, 16.0, 25.0][dice.below(3) as usize]);
    let options = Options {
        far: Some(far),
        hidden,
        cell_size,
        radius: RADIUS,
        crumbs: 20,
        wander: true,
        notes: true,
        seats: 16,
        ..Options::default()
    };
    let mut table = Table::with(options, RoomConfig { seed, level: Some(level), ..config() });
    let mut west: Vec<ConnId> =
        (0..2).map(|n| table.join_with(&n.to_string(), Team(1), |_| {})).collect();
    // Players start the further east the higher their number.
    (0..10).for_each(|n| drop(table.reserve(&n.to_string())));
    let east: Vec<ConnId> =
        (0..2).map(|n| table.join_with(&n.to_string(), Team(2), |_| {})).collect();
    let phases: Vec<u32> = (0..4).map(|_| dice.below(300)).collect();
    for tick in 0..900_u32 {
        for &conn in &west {
            let player = table.player(conn);
            let pawn = table.room.world().state().pawns.owned_by(player);
            let x = pawn.map_or(0.0, |(_, pawn)| pawn.pos.x);
            let input = step(&mut dice, x);
            table.inputs(conn, tick + 1, &[input]);
        }
        for &conn in &east {
            let input = Input { x: 0, y: dice.below(9) as i8 - 4, jump: dice.chance(0.1) };
            table.inputs(conn, tick + 1, &[input]);
        }
        // A new connection follows its single rows anew; others may have for long.
        if tick % 290 == 289 {
            table.cut(west[0]);
            west[0] = table.resume(west[0]);
        }
        table.busy.clear();
        for (&conn, phase) in west.iter().chain(&east).zip(&phases) {
            let is_thin = (150..450).contains(&((tick + phase) % 900));
            if is_thin && dice.chance(0.35) {
                table.busy.insert(conn);
            }
        }
        table.tick();
    }
    for &conn in &east {
        let (_, pawn) = table.room.world().state().pawns.owned_by(table.player(conn)).unwrap();
        assert!(pawn.pos.x >= EAST, "it can see what the others must not");
    }
    let bytes = |conn: ConnId| -> Vec<Vec<u8>> {
        table.probe(conn).snapshots.iter().map(|snapshot| snapshot.bytes.clone()).collect()
    };
    let changes = table.room.counters().rate_changes;
    (west.into_iter().map(bytes).collect(), east.into_iter().map(bytes).collect(), changes)
}

#[test]
fn what_is_outside_a_viewers_streams_changes_no_byte() {
    for seed in 1..=8 {
        let (still, moving) = (run(seed, 0, 0), run(seed, seed as u32, 5));
        assert!(still.0.iter().all(|snapshots| snapshots.len() > 300));
        assert!(still.2 >= 8, "lines change their rates: {}", still.2);
        assert_eq!(still.2, moving.2);
        assert_eq!(still.0, moving.0, "seed {seed}: the west cannot tell the runs apart");
        assert_ne!(still.1, moving.1, "the east can");
    }
}
