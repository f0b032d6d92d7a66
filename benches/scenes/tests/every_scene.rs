//! What holds for each scene: a seed is a run, the columns fit the schema, and the codec brings them over.

use tickwire_scenes::SCENES;
use tickwire_scenes::measure::measure;
use tickwire_wire::level::Level;
use tickwire_wire::shape::ColumnSpec;

/// Ticks of a run: few, since debug builds run them too.
const TICKS: usize = 150;

#[test]
fn a_seed_makes_the_same_states_each_time_and_another_seed_others() {
    for scene in SCENES {
        let states = (scene.states)(6, TICKS);
        assert_eq!(states.len(), TICKS);
        assert!(states == (scene.states)(6, TICKS), "{}: one seed, two runs", scene.name);
        assert!(states != (scene.states)(7, TICKS), "{}: two seeds, one run", scene.name);
    }
}

#[test]
fn a_longer_run_begins_as_a_shorter_one() {
    for scene in SCENES {
        let short = (scene.states)(11, 20);
        assert!((scene.states)(11, 40)[..20] == short, "{}", scene.name);
    }
}

#[test]
fn every_column_is_within_the_range_of_its_schema() {
    for scene in SCENES {
        let schema = (scene.schema)();
        schema.validate().unwrap();
        let specs: Vec<Vec<ColumnSpec>> = (schema.tables.iter())
            .map(|table| {
                let mut specs = Vec::new();
                table.fields.iter().for_each(|field| field.shape.push_specs(&mut specs));
                specs
            })
            .collect();
        for state in (scene.states)(3, TICKS) {
            assert_eq!(state.tables.len(), specs.len());
            for (table, specs) in state.tables.iter().zip(&specs) {
                assert_eq!(table.width, specs.len());
                assert!(table.ids.first() != Some(&0) && table.ids.is_sorted_by(|a, b| a < b));
                for (id, row) in table.iter() {
                    let fits = row.iter().zip(specs).all(|(&cell, spec)| cell <= spec.max);
                    assert!(fits, "{}: row {id}: {row:?}", scene.name);
                }
            }
        }
    }
}

#[test]
fn the_codec_brings_each_state_over_at_each_level() {
    for scene in SCENES {
        let (schema, states) = ((scene.schema)(), (scene.states)(5, TICKS));
        for level in Level::ALL {
            // It panics at the first state that arrives as another one.
            let cost = measure(&schema, &states, level);
            assert_eq!(cost.frames_verified, TICKS - 1);
            assert!(cost.bytes_per_frame > 0.0 && cost.keyframe_bytes > 0);
        }
    }
}
