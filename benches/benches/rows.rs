//! Encode and decode at each level, per row and per field.
//!
//! `cargo bench -p tickwire-benches [-- FILTER]`. Rows and fields are all public ones of a state,
//! changed or not; the scenes are those of `throughput`, which verifies what it times, and compares.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use divan::counter::ItemsCount;
use tickwire_benches::arena::config;
use tickwire_benches::workload::Workload;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

/// States of a scene: they are played forth and back, over and over.
const STATES: usize = 300;
/// Snapshots that a sample takes together: those of a scene differ.
const SNAPSHOTS: u32 = 50;
/// Players of the Skirmish match, all bots.
const SKIRMISH_PLAYERS: u16 = 16;
const SEED: u64 = 1;

/// A scene, made when it is first needed.
type Scene = LazyLock<Workload>;

static CUBES: Scene = LazyLock::new(|| Workload::tumble(STATES, SEED));
static ARENA: Scene = LazyLock::new(|| Workload::arena(&config::B, STATES, SEED));
static SKIRMISH: Scene = LazyLock::new(|| Workload::skirmish(SKIRMISH_PLAYERS, STATES, SEED));

/// One scene at one level.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    scene: &'static Scene,
    level: Level,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.level)
    }
}

fn cases() -> Vec<Case> {
    let scenes = [("cubes", &CUBES), ("arena", &ARENA), ("skirmish", &SKIRMISH)];
    let of_scene = |(name, scene)| Level::ALL.map(|level| Case { name, scene, level });
    scenes.into_iter().flat_map(of_scene).collect()
}

/// What a figure is shared among.
#[derive(Clone, Copy)]
enum Share {
    Rows,
    Fields,
}

impl Case {
    fn layout(&self) -> Arc<Layout> {
        Arc::new(Layout::coded(&self.scene.schema, self.level))
    }

    /// How many there are in a state, on average.
    fn count(&self, share: Share) -> ItemsCount {
        let layout = self.layout();
        let in_table = |(rows, fields): (usize, usize)| match share {
            Share::Rows => rows,
            Share::Fields => rows * fields,
        };
        let states = &self.scene.states;
        let tables = states.iter().flat_map(|state| state.tables.iter().zip(&layout.tables));
        let all = tables.map(|(table, layout)| (table.len(), layout.public.len())).map(in_table);
        ItemsCount::new(all.sum::<usize>() / states.len())
    }

    fn encode(&self, share: Share, bencher: Bencher<'_, '_>) {
        let mut sender = Sender::new(self);
        bencher.counter(self.count(share)).bench_local(|| {
            sender.next();
        });
    }

    fn decode(&self, share: Share, bencher: Bencher<'_, '_>) {
        let mut sender = Sender::new(self);
        let decoder = RefCell::new(StreamDecoder::new(self.layout()));
        sender.next();
        let mut keyframe = Vec::new();
        sender.encoder.keyframe(&mut keyframe);
        decoder.borrow_mut().keyframe(sender.tick, &keyframe).expect("it is a keyframe");
        let next = || match sender.next() {
            Advance::Delta { base } => Some((base, sender.tick, sender.bytes.clone())),
            Advance::First | Advance::Unchanged => None,
        };
        let read = |delta: Option<(u32, u32, Vec<u8>)>| {
            let Some((base, tick, bytes)) = delta else { return };
            decoder.borrow_mut().delta(base, tick, &bytes).expect("it is a delta");
        };
        bencher.counter(self.count(share)).with_inputs(next).bench_local_values(read);
    }
}

/// Plays a scene into an encoder.
struct Sender {
    scene: &'static Scene,
    encoder: StreamEncoder,
    tick: u32,
    bytes: Vec<u8>,
}

impl Sender {
    fn new(case: &Case) -> Self {
        let encoder = StreamEncoder::new(case.layout());
        Self { scene: case.scene, encoder, tick: 0, bytes: Vec::new() }
    }

    /// Encodes the next state.
    fn next(&mut self) -> Advance {
        let last = self.scene.states.len() - 1;
        let at = self.tick as usize % (2 * last);
        self.tick += 1;
        self.bytes.clear();
        let state = &self.scene.states[at.min(2 * last - at)];
        self.encoder.advance(self.tick, state, &mut self.bytes)
    }
}

#[divan::bench_group(sample_size = SNAPSHOTS)]
mod per_row {
    use super::{Bencher, Case, Share, cases};

    #[divan::bench(args = cases())]
    fn encode(bencher: Bencher<'_, '_>, case: &Case) {
        case.encode(Share::Rows, bencher);
    }

    #[divan::bench(args = cases())]
    fn decode(bencher: Bencher<'_, '_>, case: &Case) {
        case.decode(Share::Rows, bencher);
    }
}

#[divan::bench_group(sample_size = SNAPSHOTS)]
mod per_field {
    use super::{Bencher, Case, Share, cases};

    #[divan::bench(args = cases())]
    fn encode(bencher: Bencher<'_, '_>, case: &Case) {
        case.encode(Share::Fields, bencher);
    }

    #[divan::bench(args = cases())]
    fn decode(bencher: Bencher<'_, '_>, case: &Case) {
        case.decode(Share::Fields, bencher);
    }
}

fn main() {
    divan::main();
}
