//! Interest cells send little beyond the radius that a view asks for, and nothing less.

use std::collections::BTreeSet;

use tickwire_room::AnyRoom;

use crate::field::{Arena, Options, RADIUS_M};

/// Rows sent for each row within the radius, at most.
const MOST: f64 = 1.8;

#[test]
fn cells_of_25_m_send_at_most_1_8_times_the_rows_within_50_m() {
    let options = Options { walkers: 200, seats: 64, cells: true, circles: false };
    let mut arena = Arena::new(options, 64);
    let table = 1;
    let (mut sent, mut within, mut left) = (0_usize, 0_usize, 0_usize);
    let mut before = vec![BTreeSet::new(); arena.clients.len()];
    for _ in 0..400 {
        arena.tick();
        let walkers = &arena.room.world().state().walkers;
        for (client, before) in arena.clients.iter().zip(&mut before) {
            let me = client.welcome().unwrap().player;
            let (_, own) = walkers.owned_by(tickwire_game::PlayerId(me)).unwrap();
            let seen: BTreeSet<u32> =
                client.state().unwrap().public.tables[table].ids.iter().copied().collect();
            for (id, walker) in walkers.iter() {
                if (walker.pos - own.pos).length() <= RADIUS_M {
                    within += 1;
                    assert!(seen.contains(&id.raw()), "whoever is within the radius is sent");
                }
            }
            sent += seen.len();
            left += before.difference(&seen).count();
            *before = seen;
        }
    }
    let bytes = arena.room.counters().snapshot_bytes as f64 / (401 * arena.clients.len()) as f64;
    let ratio = sent as f64 / within as f64;
    let rows = sent as f64 / (400 * arena.clients.len()) as f64;
    #[expect(clippy::print_stderr, reason = "a figure to report")]
    {
        eprintln!(
            "rows sent / rows within the radius: {ratio:.3} ({rows:.1} rows; {left} left a view; {bytes:.1} B a snapshot)"
        );
    }
    assert!(ratio <= MOST, "{ratio}");
    assert!(left > 1_000, "they do cross");
}
