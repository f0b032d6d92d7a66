//! Rates in a row: what it moves is foreseen at whatever pace snapshots come.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, players_table,
};
use tickwire_wire::shape::Shape;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

/// Ticks a second of the room, which the game's schema does not name.
const TICK_HZ: u16 = 32;
/// Metres per second: six steps and a quarter in a tick.
const SPEED: f64 = 3.125;

/// Sleds with a place and its rate.
fn schema() -> Schema {
    let place = FloatSpec { min: 0.0, step: 1.0 / 64.0, max_raw: 20_000 };
    let rate = FloatSpec { min: -8.0, step: 0.125, max_raw: 128 };
    let mut sled = FieldSchema::new("pos", Shape::Vector { n: 2, spec: place });
    sled.velocity = Some(1);
    let rate = FieldSchema {
        predict: Predict::Hold,
        ..FieldSchema::new("vel", Shape::Vector { n: 2, spec: rate })
    };
    let sleds = TableSchema {
        name: "sleds".to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields: vec![sled, rate],
    };
    Schema {
        protocol: PROTOCOL,
        game: "sleds".to_owned(),
        tick_hz: 20,
        send_every: 2,
        tables: vec![players_table(), sleds],
        input: Shape::Unit,
        sticky: Vec::new(),
        command: Shape::Unit,
        event: Shape::Unit,
    }
}

/// The only sled after `moving` ticks on its way.
fn state(layout: &Layout, moving: u32, speed: f64) -> StateColumns {
    let way = (f64::from(moving) * SPEED / f64::from(TICK_HZ) * 64.0).round() as u32;
    let rate = ((speed + 8.0) / 0.125) as u32;
    let mut state = StateColumns::public(layout);
    state.tables[1].push(1, &[500 + way, 500, rate, 64]);
    state
}

/// A stream of the room, and whoever follows it.
struct Pair {
    encoder: StreamEncoder,
    decoder: StreamDecoder,
    bytes: Vec<u8>,
}

impl Pair {
    fn new(layout: &Arc<Layout>) -> Self {
        Self {
            encoder: StreamEncoder::new(Arc::clone(layout)),
            decoder: StreamDecoder::new(Arc::clone(layout)),
            bytes: Vec::new(),
        }
    }

    /// Sends a state; the length of its delta, none when nothing had to be sent.
    fn send(&mut self, tick: u32, state: &StateColumns) -> Option<usize> {
        self.bytes.clear();
        let sent = match self.encoder.advance(tick, state, &mut self.bytes) {
            Advance::First => {
                self.encoder.keyframe(&mut self.bytes);
                self.decoder.keyframe(tick, &self.bytes).unwrap();
                None
            }
            Advance::Unchanged => None,
            Advance::Delta { base } => {
                self.decoder.delta(base, tick, &self.bytes).unwrap();
                Some(self.bytes.len())
            }
        };
        assert_eq!(self.decoder.state(), state);
        sent
    }
}

#[test]
fn what_a_rate_moves_costs_nothing_at_any_pace() {
    for send_every in [1, 2, 3] {
        let schema = schema().at(TICK_HZ, send_every);
        let layout = Arc::new(Layout::coded(&schema, Level::Packed));
        // As for everyone, and as for clients who get every second or third snapshot.
        for pace in [1, 2, 3] {
            let mut pair = Pair::new(&layout);
            // Until it is known how it moves.
            for tick in 0..4 {
                pair.send(tick + 1, &state(&layout, tick, SPEED));
            }
            let step = u32::from(send_every) * pace;
            for tick in (1..40).map(|snapshot| 3 + snapshot * step) {
                let sent = pair.send(tick + 1, &state(&layout, tick, SPEED));
                assert_eq!(sent, Some(1), "{send_every} ticks, pace {pace}, {tick}: a bit a table");
            }
        }
    }
}

#[test]
fn snapshots_may_come_now_sooner_now_later() {
    let layout = Arc::new(Layout::coded(&schema().at(TICK_HZ, 1), Level::Packed));
    let mut pair = Pair::new(&layout);
    let mut tick = 1;
    pair.send(tick, &state(&layout, 0, SPEED));
    pair.send(tick + 1, &state(&layout, 1, SPEED));
    tick += 1;
    for ticks in [1, 3, 2, 1, 1, 3, 3, 1, 2, 9] {
        tick += ticks;
        assert_eq!(pair.send(tick, &state(&layout, tick - 1, SPEED)), Some(1), "at {tick}");
    }
}

#[test]
fn after_a_rest_a_rate_has_worked_for_one_snapshot() {
    let layout = Arc::new(Layout::coded(&schema().at(TICK_HZ, 2), Level::Packed));
    let mut lengths = Vec::new();
    for rest in [2, 8, 1000] {
        let mut pair = Pair::new(&layout);
        for tick in [1, 3] {
            pair.send(tick, &state(&layout, 0, 0.0));
        }
        assert_eq!(pair.encoder.tick(), Some(1), "nothing was sent");
        lengths.push(pair.send(3 + rest, &state(&layout, 2, SPEED)));
    }
    // It was foreseen: one that starts as suddenly, but not by its rate, costs more.
    assert_eq!(lengths, [lengths[0]; 3]);
    let mut pair = Pair::new(&layout);
    pair.send(1, &state(&layout, 0, 0.0));
    assert!(pair.send(3, &state(&layout, 40, SPEED)) > lengths[0]);
}
