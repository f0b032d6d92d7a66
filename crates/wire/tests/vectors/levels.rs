//! Vectors of streams at every level, sound and damaged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::prior::{self, Prior};
use tickwire_wire::schema::Schema;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use crate::stage::{self, Stage};
use crate::worlds::{Dice, World};
use crate::{hex, schemas};

pub(crate) const ABOUT: &str = "Streams at every level (PROTOCOL section 7.3), written by `cargo xtask bless` \
    from crates/wire/tests/vectors. A stream: `steps` of {tick, base, delta, hash}, the first without base and \
    delta, those that changed nothing with their tick alone; `keyframe` of the same state; `catch_up` from the \
    tick `from`. `damaged`: chunks of a step, cut to `cut` bytes, with the bits `flips` flipped; what comes out, \
    or null when they are to be refused.";

const STEPS: usize = 24;
/// Steps at which someone joins, and after which he catches up.
const JOINS: [usize; 3] = [1, 7, 15];
const SKIPS: usize = 4;
/// Bytes of the weights in a prior: 9 classes, two sets of 12 each.
const WEIGHT_BYTES: usize = 9 * 2 * 12 * 2;
/// Damaged chunks of each stream.
const DAMAGED: usize = 60;

fn list() -> Vec<Schema> {
    let mut list = vec![stage::schema()];
    list.extend(schemas::list());
    list
}

/// Each the JSON text.
pub(crate) fn schemas() -> Value {
    list().iter().map(|schema| json!(schema.to_json())).collect()
}

/// Each: `schema` (index), `level`, `prior` (whether of its own), `steps`, `damaged`.
pub(crate) fn streams() -> Value {
    let mut all = Vec::new();
    for (index, schema) in list().iter().enumerate() {
        let states = states(index, schema);
        for (level, prior) in levels() {
            let mut stream = Stream::new(schema, level, prior.as_ref());
            for (step, state) in states.iter().enumerate() {
                stream.step(step, state);
            }
            let mut dice = Dice(900 + index as u64);
            let damaged: Vec<Value> =
                (0..DAMAGED).filter_map(|_| stream.damage(&mut dice)).collect();
            let steps = &stream.steps;
            all.push(json!({
                "schema": index,
                "level": level,
                "prior": prior.is_some(),
                "steps": steps,
                "damaged": damaged,
            }));
        }
    }
    Value::Array(all)
}

/// All levels, those with a range coder also with a prior of their own.
fn levels() -> Vec<(Level, Option<Prior>)> {
    let own = || Some(Prior::from_bytes(&prior_bytes()).unwrap());
    let mut levels: Vec<_> = Level::ALL.into_iter().map(|level| (level, None)).collect();
    levels.extend([(Level::Ranged, own()), (Level::RangedMax, own())]);
    levels
}

/// Of a prior in which no two numbers are alike.
fn prior_bytes() -> Vec<u8> {
    let mut dice = Dice(77);
    let mut bytes = prior::MAGIC.to_vec();
    // Weights come first: small ones, else all estimates would be at one end.
    while bytes.len() < prior::MAGIC.len() + WEIGHT_BYTES {
        bytes.extend((dice.below(40) as i16 - 8).to_le_bytes());
    }
    bytes.resize_with(Prior::BYTES, || dice.below(256) as u8);
    bytes
}

/// The prior that some of the streams start from.
pub(crate) fn prior() -> Value {
    json!(hex(&prior_bytes()))
}

fn states(index: usize, schema: &Schema) -> Vec<StateColumns> {
    if index == 0 {
        let mut stage = Stage::new(schema, 5);
        return (0..STEPS).map(|_| stage.step()).collect();
    }
    let (mut dice, mut world) = (Dice(300 + index as u64), World::new(schema));
    // Random worlds are rough: few of their steps say all.
    let steps = STEPS / 2;
    let step = |_| {
        world.step(&mut dice);
        world.public.clone()
    };
    (0..steps).map(step).collect()
}

/// A chunk, and the state before it.
struct Sent {
    kind: &'static str,
    step: usize,
    base: Option<u32>,
    tick: u32,
    bytes: Vec<u8>,
    before: StreamDecoder,
}

struct Stream {
    layout: Arc<Layout>,
    encoder: StreamEncoder,
    follower: StreamDecoder,
    /// Those who joined, by the step at which they did.
    joined: BTreeMap<usize, StreamDecoder>,
    steps: Vec<Value>,
    sent: Vec<Sent>,
    tick: u32,
}

impl Stream {
    fn new(schema: &Schema, level: Level, prior: Option<&Prior>) -> Self {
        let layout = match prior {
            Some(prior) => Layout::with_prior(schema, level, prior),
            None => Layout::coded(schema, level),
        };
        let layout = Arc::new(layout);
        Self {
            encoder: StreamEncoder::new(Arc::clone(&layout)),
            follower: StreamDecoder::new(Arc::clone(&layout)),
            layout,
            joined: BTreeMap::new(),
            steps: Vec::new(),
            sent: Vec::new(),
            tick: 1000,
        }
    }

    fn step(&mut self, step: usize, state: &StateColumns) {
        // The pace of the snapshots may vary.
        self.tick += if step % 9 == 5 { 3 } else { 1 };
        let mut bytes = Vec::new();
        let mut told = json!({"tick": self.tick});
        match self.encoder.advance(self.tick, state, &mut bytes) {
            Advance::First => {}
            Advance::Unchanged => {
                self.steps.push(told);
                return;
            }
            Advance::Delta { base } => {
                told["base"] = json!(base);
                told["delta"] = json!(hex(&bytes));
                self.note("delta", step, Some(base), &bytes, self.follower.clone());
                self.follower.delta(base, self.tick, &bytes).unwrap();
            }
        }
        if step == 0 || JOINS.contains(&step) {
            self.keyframe(step, &mut told);
        }
        if let Some(joined) = step.checked_sub(SKIPS).and_then(|at| self.joined.remove(&at)) {
            self.catch_up(step, joined, &mut told);
        }
        told["hash"] = json!(self.encoder.hash());
        assert_eq!(self.follower.hash(), self.encoder.hash());
        self.steps.push(told);
    }

    fn keyframe(&mut self, step: usize, told: &mut Value) {
        let mut bytes = Vec::new();
        self.encoder.keyframe(&mut bytes);
        let mut joined = StreamDecoder::new(Arc::clone(&self.layout));
        self.note("keyframe", step, None, &bytes, joined.clone());
        joined.keyframe(self.tick, &bytes).unwrap();
        told["keyframe"] = json!(hex(&bytes));
        if step == 0 {
            self.follower = joined;
        } else {
            assert!(joined.agrees_with(&self.follower));
            self.joined.insert(step, joined);
        }
    }

    fn catch_up(&mut self, step: usize, mut joined: StreamDecoder, told: &mut Value) {
        let from = joined.tick().unwrap();
        let mut bytes = Vec::new();
        assert!(self.encoder.catch_up(from, &mut bytes));
        self.note("catch_up", step, Some(from), &bytes, joined.clone());
        joined.catch_up(from, self.tick, &bytes).unwrap();
        assert!(joined.agrees_with(&self.follower));
        told["from"] = json!(from);
        told["catch_up"] = json!(hex(&bytes));
    }

    fn note(
        &mut self,
        kind: &'static str,
        step: usize,
        base: Option<u32>,
        bytes: &[u8],
        before: StreamDecoder,
    ) {
        let (tick, bytes) = (self.tick, bytes.to_vec());
        self.sent.push(Sent { kind, step, base, tick, bytes, before });
    }

    /// A chunk that is damaged, and what a decoder makes of it.
    fn damage(&self, dice: &mut Dice) -> Option<Value> {
        let sent = &self.sent[dice.below(self.sent.len() as u64) as usize];
        let mut bytes = sent.bytes.clone();
        let length = bytes.len() as u64;
        let cut = if dice.chance(20) { dice.below(length) } else { length };
        bytes.truncate(cut as usize);
        if bytes.is_empty() {
            return None;
        }
        let bits = bytes.len() as u64 * 8;
        // Near the end more often: what comes before then is sound.
        let flips: Vec<u64> = (0..dice.below(3) + u64::from(cut == length))
            .map(|_| {
                if dice.chance(50) { dice.below(bits) } else { bits - 1 - dice.below(bits.min(40)) }
            })
            .collect();
        for &bit in &flips {
            bytes[bit as usize / 8] ^= 1 << (bit % 8);
        }
        let mut decoder = sent.before.clone();
        let result = match (sent.kind, sent.base) {
            ("delta", Some(base)) => decoder.delta(base, sent.tick, &bytes),
            ("catch_up", Some(base)) => decoder.catch_up(base, sent.tick, &bytes),
            _ => decoder.keyframe(sent.tick, &bytes),
        };
        let hash = result.is_ok().then(|| decoder.hash());
        Some(
            json!({"step": sent.step, "kind": sent.kind, "cut": cut, "flips": flips, "hash": hash}),
        )
    }
}
