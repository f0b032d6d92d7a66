//! In the steady state nothing is allocated between a tick and the bytes of its snapshots.

use tickwire_room::{AnyRoom, ConnId, Delivery, Outgoing};

use crate::field::{Arena, CIRCLE_TICKS, Options};

/// Circles after which every buffer has been as full as it gets: each of the 32 states that a stream
/// keeps must have been the fullest once.
const WARM_UP: u32 = 40;

/// Allocations while snapshots are encoded and released, over one circle, and their bytes. The first
/// so many clients are on lines that take three of four snapshots.
fn allocations(mut arena: Arena, thin_lines: u64) -> (u64, u64) {
    // At a third of the rate it takes three times as long.
    let warm_up = if thin_lines > 0 { 3 * WARM_UP } else { WARM_UP };
    let mut offered = 0_u32;
    let mut deliver = |conn: ConnId, outgoing: Outgoing<'_>| match outgoing {
        Outgoing::Snapshot { .. } if conn.0 < thin_lines => {
            offered += 1;
            if offered.is_multiple_of(4) { Delivery::Skipped } else { Delivery::Queued }
        }
        Outgoing::Snapshot { .. } | Outgoing::Message(_) => Delivery::Queued,
        Outgoing::Close(close) => panic!("{close:?}"),
    };
    let before = arena.room.counters().snapshot_bytes;
    let mut count = 0;
    for tick in 0..(warm_up + 1) * CIRCLE_TICKS {
        arena.step();
        let measured = allocation_counter::measure(|| {
            arena.room.encode(arena.now_us);
            arena.room.release(&mut deliver);
        });
        if tick >= warm_up * CIRCLE_TICKS {
            count += measured.count_total;
        }
    }
    (count, arena.room.counters().snapshot_bytes - before)
}

#[test]
fn the_counter_counts() {
    let measured = allocation_counter::measure(|| drop(std::hint::black_box(vec![1, 2, 3])));
    assert_eq!(measured.count_total, 1);
}

#[test]
fn a_room_of_one_stream_allocates_nothing() {
    let options = Options { walkers: 16, seats: 16, cells: false, circles: true };
    let (count, bytes) = allocations(Arena::new(options, 16), 0);
    assert!(bytes > 100_000);
    assert_eq!(count, 0);
}

#[test]
fn a_room_of_cells_that_rows_cross_allocates_nothing() {
    let options = Options { walkers: 120, seats: 16, cells: true, circles: true };
    let (count, bytes) = allocations(Arena::new(options, 16), 0);
    assert!(bytes > 100_000);
    assert_eq!(count, 0);
}

#[test]
fn a_room_with_clients_that_catch_up_at_lower_rates_allocates_nothing() {
    let options = Options { walkers: 60, seats: 16, cells: true, circles: true };
    let (count, bytes) = allocations(Arena::new(options, 16), 5);
    assert!(bytes > 100_000);
    assert_eq!(count, 0);
}
