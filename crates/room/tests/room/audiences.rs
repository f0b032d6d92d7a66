//! Audiences: rows and fields reach those they are for, and nobody else can tell that they exist.

use tickwire_game::Team;
use tickwire_room::{ConnId, RoomConfig};

use crate::harness::{Table, config};
use crate::yard::{Command, Input, Options};

fn notes() -> Options {
    Options { notes: true, wander: true, crumbs: 12, hidden: 5, ..Options::default() }
}

fn words(table: &Table, conn: ConnId, rows: &str) -> Vec<(u32, u32)> {
    table.probe(conn).rows(rows).iter().map(|(_, row)| (row[0], row[1])).collect()
}

/// Every snapshot that a client got, byte by byte.
fn bytes(table: &Table, conn: ConnId) -> Vec<Vec<u8>> {
    table.probe(conn).snapshots.iter().map(|snapshot| snapshot.bytes.clone()).collect()
}

#[test]
fn rows_reach_their_team_and_their_player_alone() {
    let mut table = Table::new(notes());
    let one = table.join_with("Ada", Team(1), |_| {});
    let two = table.join_with("Bob", Team(2), |_| {});
    let none = table.join("Cem");
    table.ticks(50);
    assert_eq!(words(&table, one, "orders"), [(1, 0), (1, 1), (1, 2)]);
    let of_two = words(&table, two, "orders");
    assert!(of_two.len() == 3 && of_two.iter().all(|(team, _)| *team == 2), "{of_two:?}");
    assert!(words(&table, none, "orders").is_empty());
    for conn in [one, two, none] {
        let player = u32::from(table.probe(conn).player());
        assert_eq!(words(&table, conn, "secrets"), [(player, 1_000 + player)]);
    }
}

#[test]
fn a_change_of_team_takes_the_old_rows_away_and_brings_the_new_ones() {
    let mut table = Table::new(notes());
    let conn = table.join_with("Ada", Team(1), |_| {});
    table.ticks(5);
    let held: Vec<u32> = table.probe(conn).streams.keys().copied().collect();
    for team in [2, 1, 0, 2, 1] {
        table.command(conn, &Command::JoinTeam { team: Team(team) });
        table.ticks(2);
        let orders = words(&table, conn, "orders");
        assert_eq!(orders.len(), if team == 0 { 0 } else { 3 });
        assert!(orders.iter().all(|(of, _)| *of == u32::from(team)));
    }
    assert_eq!(table.probe(conn).streams.keys().copied().collect::<Vec<u32>>(), held);
    assert_eq!(table.probe(conn).snapshots.iter().filter(|s| !s.left.is_empty()).count(), 4);
}

#[test]
fn what_one_may_not_read_changes_no_byte() {
    for cell_size in [None, Some(16.0)] {
        let run = |hidden: u32| {
            let options = Options { hidden, cell_size, seats: 12, ..notes() };
            let mut table = Table::with(options, RoomConfig { bots: 5, ..config() });
            let one = table.join_with("Ada", Team(1), |_| {});
            let other = table.join_with("Bob", Team(2), |_| {});
            for tick in 0..150 {
                let input = Input { x: if tick < 75 { 1 } else { -1 }, ..Input::default() };
                table.inputs(one, tick + 2, &[input]);
                if hidden > 0 {
                    table.command(other, &Command::Whisper { n: tick });
                }
                if tick % 7 == 0 {
                    table.busy.insert(one);
                }
                table.tick();
                table.busy.clear();
            }
            (bytes(&table, one), bytes(&table, other))
        };
        let (quiet, loud) = (run(0), run(9));
        assert!(quiet.0.len() > 100 && quiet.0 == loud.0, "team 1 cannot tell the runs apart");
        assert_ne!(quiet.1, loud.1, "team 2 can");
    }
}

#[test]
fn private_fields_reach_the_owner_and_change_nobody_elses_bytes() {
    let run = |fires: bool| {
        let mut table = Table::new(Options { wander: true, crumbs: 3, ..Options::default() });
        let (ada, bob) = (table.join("Ada"), table.join("Bob"));
        for tick in 0..60 {
            if fires && tick % 3 == 0 {
                table.command(ada, &Command::Fire);
            }
            table.tick();
        }
        let ammo = [ada, bob].map(|conn| table.probe(conn).private("pawns"));
        (ammo, bytes(&table, bob))
    };
    let (kept, fired) = (run(false), run(true));
    assert_eq!(kept.0, [vec![(1, vec![101])], vec![(2, vec![102])]]);
    assert_eq!(fired.0, [vec![(1, vec![81])], vec![(2, vec![102])]]);
    assert_eq!(kept.1, fired.1);
}
