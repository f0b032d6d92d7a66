//! Streams: random schemas and histories at every level, on every path to a tick.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::hash::hash_state;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::limits::RING_STATES;
use tickwire_wire::schema::Schema;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use crate::games::Game;
use crate::golden::flat_prior;
use crate::worlds::{self, Dice, World};

/// One encoder and those who follow it on different paths.
struct Stream {
    encoder: StreamEncoder,
    viewers: Vec<Viewer>,
}

/// How someone follows a stream.
#[derive(Clone, Copy, PartialEq)]
enum Path {
    /// Every delta.
    Steady,
    /// The same, from the tenth snapshot on.
    Late,
    /// Now and then a keyframe in place of a delta.
    Restless,
    /// Skips some snapshots, then catches up.
    Skipping,
    /// Skips, and takes a keyframe when too much was skipped to catch up.
    Dozing,
}

struct Viewer {
    path: Path,
    decoder: StreamDecoder,
}

impl Stream {
    fn new(schema: &Schema, level: Level, own_prior: bool) -> Self {
        let layout = Arc::new(if own_prior {
            Layout::with_prior(schema, level, &flat_prior())
        } else {
            Layout::coded(schema, level)
        });
        let paths = [Path::Steady, Path::Late, Path::Restless, Path::Skipping, Path::Dozing];
        let decoder = || StreamDecoder::new(Arc::clone(&layout));
        let viewers = paths.map(|path| Viewer { path, decoder: decoder() }).into();
        Self { encoder: StreamEncoder::new(Arc::clone(&layout)), viewers }
    }

    /// One snapshot; checks that all who have the state have the very same.
    fn advance(&mut self, step: u32, tick: u32, state: &StateColumns, dice: &mut Dice) {
        let mut delta = Vec::new();
        let advance = self.encoder.advance(tick, state, &mut delta);
        assert_eq!(delta.is_empty(), !matches!(advance, Advance::Delta { .. }));
        assert!(self.encoder.state() == state);
        let encoder = &mut self.encoder;
        for viewer in &mut self.viewers {
            viewer.follow(step, advance, &delta, encoder, dice);
        }
        let (steady, others) = self.viewers.split_first().unwrap();
        assert_eq!(steady.decoder.tick(), self.encoder.tick());
        assert!(steady.decoder.state() == state, "another state at tick {tick}");
        assert_eq!(steady.decoder.hash(), hash_state(state));
        assert_eq!(steady.decoder.hash(), self.encoder.hash());
        let mut met = 0;
        for other in others.iter().filter(|other| other.decoder.tick() == self.encoder.tick()) {
            assert!(other.decoder.agrees_with(&steady.decoder));
            assert!(other.decoder.previous() == steady.decoder.previous());
            met += 1;
        }
        assert!(met > 0 || step < 10, "the restless one is always there");
    }
}

impl Viewer {
    fn follow(
        &mut self,
        step: u32,
        advance: Advance,
        delta: &[u8],
        encoder: &mut StreamEncoder,
        dice: &mut Dice,
    ) {
        let base = self.decoder.tick();
        let now = encoder.tick().unwrap();
        let skips = match self.path {
            Path::Steady => false,
            Path::Late => step < 10,
            Path::Restless => {
                if dice.chance(30) {
                    self.decoder.clear();
                }
                false
            }
            Path::Skipping => dice.chance(60),
            Path::Dozing => dice.chance(97),
        };
        if skips || base == Some(now) {
            return;
        }
        let Some(base) = self.decoder.tick().filter(|_| advance != Advance::First) else {
            return self.take_keyframe(encoder);
        };
        if let Advance::Delta { base: newest } = advance
            && newest == base
        {
            // A catch-up over a single snapshot does as well.
            if self.path != Path::Skipping || dice.chance(50) {
                return self.decoder.delta(base, now, delta).unwrap();
            }
        }
        let mut bytes = Vec::new();
        if encoder.catch_up(base, &mut bytes) {
            self.decoder.catch_up(base, now, &bytes).unwrap();
        } else {
            assert!(bytes.is_empty());
            assert!(self.path == Path::Dozing, "{RING_STATES} states back it must be possible");
            self.take_keyframe(encoder);
        }
    }

    fn take_keyframe(&mut self, encoder: &StreamEncoder) {
        let mut bytes = Vec::new();
        encoder.keyframe(&mut bytes);
        self.decoder.keyframe(encoder.tick().unwrap(), &bytes).unwrap();
    }
}

fn every_path_leads_to_the_same_record(
    seed: u64,
    pick: fn(&StateColumns, &Layout, u64) -> StateColumns,
) {
    for level in Level::ALL {
        let mut dice = Dice(seed);
        let schema = worlds::schema(&mut dice);
        let mut world = World::new(&schema);
        let mut stream = Stream::new(&schema, level, seed.is_multiple_of(4));
        let mut tick = dice.below(1000) as u32;
        for step in 0..30 {
            world.step(&mut dice);
            tick += 1 + [0, 0, 0, 1, 300][dice.below(5) as usize];
            assert!(worlds::is_valid(&world.layout, &world.public), "valid states are made");
            let state = pick(&world.public, &world.layout, seed);
            stream.advance(step, tick, &state, &mut dice);
        }
    }
}

fn every_path_through_a_game(seed: u64, pick: fn(&StateColumns, &Layout, u64) -> StateColumns) {
    for level in Level::ALL {
        let mut dice = Dice(seed);
        let mut game = Game::new(&mut dice);
        let mut stream = Stream::new(&game.schema, level, seed.is_multiple_of(4));
        for tick in 1..60 {
            game.step(&mut dice);
            assert!(worlds::is_valid(&game.layout, &game.state), "valid states are made");
            let state = pick(&game.state, &game.layout, seed);
            stream.advance(tick, tick, &state, &mut dice);
        }
    }
}

fn all(state: &StateColumns, _layout: &Layout, _seed: u64) -> StateColumns {
    state.clone()
}

/// About half of the rows, and no single ones: as of a team, or an interest cell.
fn half(state: &StateColumns, layout: &Layout, seed: u64) -> StateColumns {
    let mut part = StateColumns::public(layout);
    for (index, table) in state.tables.iter().enumerate() {
        for (id, row) in table.iter().filter(|(id, _)| Dice(seed ^ u64::from(*id)).chance(50)) {
            if !layout.tables[index].single {
                part.tables[index].push(id, row);
            }
        }
    }
    part
}

proptest! {
    #![proptest_config(worlds::cases(96))]

    #[test]
    fn a_stream_of_all_rows(seed: u64) {
        every_path_leads_to_the_same_record(seed, all);
    }

    #[test]
    fn a_stream_of_some_rows(seed: u64) {
        every_path_leads_to_the_same_record(seed, half);
    }

    #[test]
    fn a_game_of_all_rows(seed: u64) {
        every_path_through_a_game(seed, all);
    }

    #[test]
    fn a_game_of_some_rows(seed: u64) {
        every_path_through_a_game(seed, half);
    }
}

#[test]
fn a_single_row_that_vanishes_or_appears_asks_for_a_keyframe() {
    let schema = crate::golden::schema();
    let mut world = World::new(&schema);
    world.step(&mut Dice(1));
    let without = half(&world.public, &world.layout, 0);
    for level in Level::ALL {
        let mut encoder = StreamEncoder::new(Arc::new(Layout::coded(&schema, level)));
        let mut out = Vec::new();
        assert_eq!(encoder.advance(1, &world.public, &mut out), Advance::First);
        assert_eq!(encoder.advance(2, &without, &mut out), Advance::First);
        assert_eq!(encoder.advance(3, &world.public, &mut out), Advance::First);
        assert!(out.is_empty());
        assert!(!encoder.catch_up(1, &mut out), "nothing to catch up with over a keyframe");
    }
}

#[test]
fn a_catch_up_reaches_as_far_as_the_ring() {
    let schema = crate::golden::schema();
    let mut dice = Dice(3);
    let mut world = World::new(&schema);
    let mut encoder = StreamEncoder::new(Arc::clone(&world.layout));
    let mut out = Vec::new();
    let last = RING_STATES as u32 + 8;
    for tick in 1..=last {
        world.step(&mut dice);
        world.public.tables[2].row_mut(0)[0] = tick;
        encoder.advance(tick, &world.public, &mut out);
    }
    let far = last - RING_STATES as u32;
    out.clear();
    assert!(!encoder.catch_up(far - 1, &mut out));
    assert!(!encoder.catch_up(last, &mut out), "it is there already");
    assert!(out.is_empty());
    assert!(encoder.catch_up(far, &mut out));
}
