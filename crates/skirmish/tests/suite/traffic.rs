//! What a snapshot of a full match weighs, and where its bytes go.

use std::sync::Arc;

use tickwire_game::wire::columns::{Extract, StateColumns};
use tickwire_game::{Emitted, Game, Wire, World};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::messages::Event;
use tickwire_skirmish::options::Options;
use tickwire_wire::events::write_events;
use tickwire_wire::layout::Layout;
use tickwire_wire::snapshot::{
    Chunk, Hashes, OwnSection, PrivateEncoder, Sections, write_chunk_count, write_steady,
};
use tickwire_wire::stream::{Advance, StreamEncoder};

use crate::harness::{Match, tell};

const SEATS: u16 = 16;
const TICKS: u32 = 2 * 60 * 30;
/// Bytes of a mean snapshot: what acceptance asks for, with a margin for what a room adds.
const MOST: f64 = 150.0;

/// Encodes the snapshots of one match as a room would, and adds up.
struct Scales {
    whole: StreamEncoder,
    /// Each table by itself, with its name.
    tables: Vec<(String, StreamEncoder, u64)>,
    private: Vec<PrivateEncoder>,
    /// Bytes of all snapshots of all players.
    snapshots: u64,
    stream: u64,
    events: u64,
    own: u64,
}

impl Scales {
    fn new() -> Self {
        let schema = World::<Skirmish>::schema();
        let layout = Arc::new(Layout::new(&schema));
        let alone = |index: usize| {
            let mut layout = Layout::clone(&layout);
            layout.tables = vec![layout.tables.swap_remove(index)];
            (schema.tables[index].name.clone(), StreamEncoder::new(Arc::new(layout)), 0)
        };
        Self {
            whole: StreamEncoder::new(Arc::clone(&layout)),
            tables: (0..schema.tables.len()).map(alone).collect(),
            private: (1..=SEATS).map(|p| PrivateEncoder::new(Arc::clone(&layout), p)).collect(),
            snapshots: 0,
            stream: 0,
            events: 0,
            own: 0,
        }
    }

    /// Weighs the snapshots of one tick.
    fn weigh(&mut self, tick: u32, rows: &Extract, events: &[Emitted<Event>]) {
        let mut stream = Vec::new();
        let advance = self.whole.advance(tick, &rows.public, &mut stream);
        for (index, (_, encoder, sum)) in self.tables.iter_mut().enumerate() {
            let state = StateColumns { tables: vec![rows.public.tables[index].clone()] };
            let mut bytes = Vec::new();
            encoder.advance(tick, &state, &mut bytes);
            *sum += bytes.len() as u64;
        }
        let mut shared = Vec::new();
        let columns: Vec<Vec<u32>> = events
            .iter()
            .filter(|emitted| !emitted.reliable)
            .map(|e| columns_of(&e.event))
            .collect();
        if !columns.is_empty() {
            let mut bytes = Vec::new();
            let list = columns.iter().map(|columns| (tick, columns.as_slice()));
            write_events(&<Skirmish as Game>::Event::shape(), tick, list, &mut bytes);
            write_chunk_count(1, &mut shared);
            Chunk::Events { stream: 0, bytes: &bytes }.write(tick, &mut shared);
            self.events += shared.len() as u64;
        }
        let delta = matches!(advance, Advance::Delta { .. }).then_some(&stream[..]);
        let steady = write_steady([delta].into_iter(), &mut shared);
        self.stream += stream.len() as u64;
        for encoder in &mut self.private {
            let mut private = Vec::new();
            let any = encoder.encode(rows, false, &mut private);
            let own = OwnSection {
                tick,
                full: false,
                acked_input: tick as u16,
                input_margin: 8,
                reliable_received: None,
                counters: None,
                hashes: Hashes::None,
                private: any.then_some(private.as_slice()),
                sections: Sections { special: !columns.is_empty(), steady },
            };
            let mut bytes = Vec::new();
            own.write(&mut bytes);
            self.own += bytes.len() as u64;
            self.snapshots += (bytes.len() + shared.len()) as u64;
        }
    }
}

fn columns_of(event: &Event) -> Vec<u32> {
    let mut columns = Vec::new();
    event.put(&mut columns);
    columns
}

#[test]
fn snapshots_of_a_full_match_are_small() {
    let mut game = Match::depot(&Options::default(), 2027);
    let players = game.enter(SEATS);
    let mut scales = Scales::new();
    let mut rows = Extract::default();
    let mut shots = 0;
    for _ in 0..TICKS {
        let mut entry = game.world.next_entry();
        for &player in &players {
            entry.inputs.push((player, game.world.bot_input(player)));
        }
        // As a room does, the round-trip time of each player changes once in a while.
        let tick = entry.tick;
        let due =
            players.iter().filter(|player| (tick + u32::from(player.0) * 4).is_multiple_of(60));
        entry.pings.extend(due.map(|&player| (player, 20 + (tick % 7) as u16)));
        let happenings = game.world.advance(&entry);
        game.world.extract(&mut rows);
        scales.weigh(tick, &rows, &happenings.events);
        shots += game.world.state().shots.len();
    }
    let per_tick = |bytes: u64| bytes as f64 / f64::from(TICKS);
    let mean = per_tick(scales.snapshots) / f64::from(SEATS);
    let tables: Vec<String> = scales
        .tables
        .iter()
        .map(|(name, _, sum)| format!("{name} {:.1}", per_tick(*sum)))
        .collect();
    let report = format!(
        "mean snapshot {mean:.1} B: stream 0 {:.1} (alone: {}), events {:.1}, own section {:.1}; {:.1} shots in flight",
        per_tick(scales.stream),
        tables.join(", "),
        per_tick(scales.events),
        per_tick(scales.own) / f64::from(SEATS),
        shots as f64 / f64::from(TICKS),
    );
    tell(&report);
    assert!(mean <= MOST, "{report}");
}
