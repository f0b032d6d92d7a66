//! The cubes scene: its records, and that as much happens in it as in the traces of others.

use tickwire_scenes::cubes::{
    BODIES, CUBES, Layout, RECORD, columns, frames, schema, stats, trace,
};
use tickwire_wire::quant::quat_value;
use tickwire_wire::shape::Shape;

/// Frames of a run: the player falls, and pushes for a while.
const FRAMES: usize = 240;

fn records(frame: &[i32]) -> impl Iterator<Item = &[i32; RECORD]> {
    frame.as_chunks::<RECORD>().0.iter()
}

#[test]
fn records_are_within_their_ranges_and_survive_a_file() {
    let frames = frames(4, Layout::Pile, 60);
    let mut bytes = Vec::new();
    frames.iter().for_each(|frame| trace::write(frame, &mut bytes));
    assert_eq!(bytes.len(), 60 * 901 * 8 * 4);
    assert!(trace::parse(&bytes).unwrap() == frames);
}

#[test]
fn a_trace_begins_at_rest_with_the_player_in_the_air() {
    for layout in Layout::ALL {
        let frames = frames(9, layout, 12);
        let first: Vec<_> = records(&frames[0]).collect();
        assert_eq!(first.len(), BODIES);
        assert_eq!(*first[0], [3, 256, 256, 256, 0, 0, 5120, 1], "{layout:?}");
        assert!(first[1..].iter().all(|record| record[7] == 0));
        let moved = records(&frames[11]).zip(first).skip(1).filter(|(now, then)| now != then);
        // Drops fall at once; what stands may still settle by a unit.
        let allowed = if layout == Layout::Rain { 3 } else { CUBES / 50 };
        let moved = moved.count();
        assert!(moved <= allowed, "{layout:?}: {moved} moved");
    }
}

#[test]
fn as_much_happens_as_in_the_real_thing() {
    let stats = stats(&frames(2, Layout::Grid, FRAMES));
    assert!((5.0..200.0).contains(&stats.changed), "{stats}");
    assert!(stats.pos <= stats.changed && stats.quat <= stats.changed, "{stats}");
    assert!(stats.interacting >= stats.changed * 0.8, "{stats}");
    assert!((0.05..5.0).contains(&stats.flag), "{stats}");
    assert!((0.1..10.0).contains(&stats.starts) && stats.stops <= stats.starts, "{stats}");
    assert!((0.3..8.0).contains(&stats.residual), "{stats}");
    assert!(stats.furthest < 60.0, "{stats}");
}

#[test]
fn columns_carry_what_the_record_says() {
    let frame = [1, 256, 300, 10, -512, 0, 102, 1].repeat(BODIES);
    let state = columns(&frame);
    assert_eq!(state.tables.len(), 2);
    assert!(state.tables[0].is_empty());
    assert_eq!(state.tables[1].len(), BODIES);
    let row = state.tables[1].get(901).unwrap();
    let schema = schema();
    let Shape::Vector { spec, .. } = schema.tables[1].fields[1].shape else {
        panic!("the position is a vector");
    };
    assert_eq!([row[4], row[5], row[6]].map(|raw| spec.value(raw)), [-1.0, 0.0, 102.0 / 512.0]);
    let quat = quat_value([row[0], row[1], row[2], row[3]], 9);
    assert!(quat[1] > 0.7, "y is the largest: {quat:?}");
    assert_eq!(row[7], 1);
}

#[test]
#[should_panic(expected = "column 4 is out of range")]
fn a_position_beyond_the_range_is_not_bent_into_it() {
    columns(&[3, 256, 256, 256, 64 * 512, 0, 102, 1]);
}
