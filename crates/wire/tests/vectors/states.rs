//! Vectors of states: streams chunk by chunk, and whole snapshot messages.

use std::sync::Arc;

use serde_json::{Value, json};
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::events::write_events;
use tickwire_wire::schema::Schema;
use tickwire_wire::snapshot::{
    Chunk, Hashes, MARGIN_UNKNOWN, Newest, OwnSection, PrivateEncoder, Sections, needs_full_head,
    write_chunk_count, write_steady,
};
use tickwire_wire::stream::{Advance, StreamEncoder};

use crate::worlds::{self, Dice, World};
use crate::{hex, schemas};

/// Ids and rows of each table.
fn tables_of(state: &StateColumns) -> Value {
    let table = |table: &tickwire_wire::columns::TableColumns| {
        let rows: Vec<&[u32]> = table.iter().map(|(_, row)| row).collect();
        json!({"ids": table.ids, "rows": rows})
    };
    state.tables.iter().map(table).collect()
}

/// The rows of an interest cell, say: without single rows, and not all of the others.
fn part_of(world: &World) -> StateColumns {
    let mut part = StateColumns::public(&world.layout);
    for (index, table) in world.public.tables.iter().enumerate() {
        for (id, row) in table.iter().filter(|(id, _)| id % 3 != 0) {
            if !world.layout.tables[index].single {
                part.tables[index].push(id, row);
            }
        }
    }
    part
}

/// Each: `schema` (index), `part` (whether only some rows), `steps` as {tick, kind, base, hex, hash,
/// tables}: kind `keyframe`, `delta`, or `unchanged`, for which nothing is sent. A keyframe in the
/// middle is of the same state as the delta before it.
pub(crate) fn streams() -> Value {
    let mut all = Vec::new();
    for (index, schema) in schemas::list().iter().enumerate() {
        for part in [false, true] {
            let seed = index as u64 * 2 + u64::from(part);
            let steps = stream(schema, seed, part);
            all.push(json!({"schema": index, "part": part, "steps": steps}));
        }
    }
    Value::Array(all)
}

fn stream(schema: &Schema, seed: u64, part: bool) -> Vec<Value> {
    let mut dice = Dice(seed);
    let mut world = World::new(schema);
    let mut encoder = StreamEncoder::new(Arc::clone(&world.layout));
    let mut tick = 1000;
    let mut steps = Vec::new();
    for step in 0..9 {
        world.step(&mut dice);
        tick += if step == 4 { 300 } else { 1 + u32::from(step == 2) };
        let state = if part { part_of(&world) } else { world.public.clone() };
        let mut bytes = Vec::new();
        match encoder.advance(tick, &state, &mut bytes) {
            Advance::First => steps.push(keyframe(tick, &encoder)),
            Advance::Unchanged => steps.push(json!({"tick": tick, "kind": "unchanged"})),
            Advance::Delta { base } => {
                let after = encoder.state();
                steps.push(json!({
                    "tick": tick,
                    "kind": "delta",
                    "base": base,
                    "hex": hex(&bytes),
                    "hash": encoder.hash(),
                    "tables": tables_of(after),
                }));
            }
        }
        if step == 5 {
            steps.push(keyframe(encoder.tick().unwrap(), &encoder));
        }
    }
    steps
}

fn keyframe(tick: u32, encoder: &StreamEncoder) -> Value {
    let mut bytes = Vec::new();
    encoder.keyframe(&mut bytes);
    json!({
        "tick": tick,
        "kind": "keyframe",
        "hex": hex(&bytes),
        "hash": encoder.hash(),
        "tables": tables_of(encoder.state()),
    })
}

/// Each: `schema` (index), `player`, `messages`: whole messages of one client (kind byte included)
/// with what they mean. `private` has the private columns of the player's rows, per table.
pub(crate) fn snapshots() -> Value {
    let mut all = Vec::new();
    for (index, schema) in schemas::list().iter().enumerate() {
        // Seeds under which the player owns rows, and in the second schema loses one.
        let messages = Client::new(schema, 120 + index as u64).messages();
        all.push(json!({"schema": index, "player": PLAYER, "messages": messages}));
    }
    Value::Array(all)
}

const PLAYER: u16 = 1;

/// A stream besides stream 0 that the client joins later.
const SECOND: u32 = 77;

/// All that a server keeps for one client, and its room.
struct Client {
    schema: Schema,
    dice: Dice,
    world: World,
    first: StreamEncoder,
    second: StreamEncoder,
    private: PrivateEncoder,
    /// What the newest snapshot told.
    newest: Option<Newest>,
}

impl Client {
    fn new(schema: &Schema, seed: u64) -> Self {
        let world = World::new(schema);
        Self {
            schema: schema.clone(),
            dice: Dice(seed),
            first: StreamEncoder::new(Arc::clone(&world.layout)),
            second: StreamEncoder::new(Arc::clone(&world.layout)),
            private: PrivateEncoder::new(Arc::clone(&world.layout), PLAYER),
            world,
            newest: None,
        }
    }

    fn messages(mut self) -> Vec<Value> {
        let mut tick = 500;
        (0..8)
            .map(|step| {
                tick += if step == 5 { 400 } else { 1 };
                self.world.step(&mut self.dice);
                self.message(step, tick)
            })
            .collect()
    }

    /// Rows of stream 0; those of `part_of` are in the second stream, once there is one.
    fn message(&mut self, step: u32, tick: u32) -> Value {
        let first = if step == 6 { Way::Keyframe } else { Way::Delta };
        let second = (2..7).contains(&step);
        let state = self.world.public.clone();
        let mut streams = vec![(0, advance(&mut self.first, tick, &state, first))];
        if second {
            let part = part_of(&self.world);
            let way = if step == 4 { Way::CatchUp } else { Way::Delta };
            streams.push((SECOND, advance(&mut self.second, tick, &part, way)));
        }
        let keyframe = matches!(streams[0].1, State::Keyframe { .. });
        let (mut count, mut specials, mut hashes) = (0, Vec::new(), Vec::new());
        let mut special = |chunk: Chunk<'_>| {
            count += 1;
            chunk.write(tick, &mut specials);
        };
        if step == 7 {
            special(Chunk::Left { stream: SECOND });
        }
        for (stream, state) in &streams {
            let stream = *stream;
            match state {
                State::Keyframe { base, bytes, hash } => {
                    special(Chunk::Keyframe { stream, base: *base, bytes });
                    hashes.push(*hash);
                }
                State::CatchUp { from, base, bytes, hash } => {
                    special(Chunk::CatchUp { stream, from: *from, base: *base, bytes });
                    hashes.push(*hash);
                }
                State::Delta { .. } | State::Unchanged => {}
            }
        }
        let events = self.events(tick);
        if !events.is_empty() {
            let mut bytes = Vec::new();
            let columns = events.iter().map(|(tick, columns)| (*tick, &columns[..]));
            write_events(&self.schema.event, tick, columns, &mut bytes);
            special(Chunk::Events { stream: 0, bytes: &bytes });
        }
        let mut chunks = Vec::new();
        if count > 0 {
            write_chunk_count(count, &mut chunks);
            chunks.extend(specials);
        }
        let mut deltas = Vec::new();
        for (_, state) in &streams {
            match state {
                State::Delta { bytes, hash } => {
                    hashes.push(*hash);
                    deltas.push(Some(&bytes[..]));
                }
                State::Unchanged => deltas.push(None),
                State::Keyframe { .. } | State::CatchUp { .. } => {}
            }
        }
        let steady = write_steady(deltas.iter().copied(), &mut chunks);
        let mut private = Vec::new();
        let any = self.private.encode(&self.rows(), keyframe, &mut private);
        let own = OwnSection {
            tick,
            full: keyframe || needs_full_head(self.newest, tick, tick as u16),
            acked_input: tick as u16,
            input_margin: if step == 0 { MARGIN_UNKNOWN } else { 3 - step as i8 },
            reliable_received: (step == 3).then_some(300),
            counters: (step % 3 == 1).then_some((step, 200 * step)),
            hashes: match step % 3 {
                0 => Hashes::Full(hashes.into()),
                1 => Hashes::Low16(hashes.into()),
                _ => Hashes::None,
            },
            private: any.then_some(&private[..]),
            sections: Sections { special: count > 0, steady },
        };
        let mut bytes = Vec::new();
        own.write(&mut bytes);
        bytes.extend(chunks);
        self.newest = Some(own.newest());
        json!({
            "hex": hex(&bytes),
            "tick": tick,
            "acked_input": own.acked_input,
            "input_margin": own.input_margin,
            "reliable_received": own.reliable_received,
            "counters": own.counters,
            "keyframe": keyframe,
            "tables": tables_of(&state),
            "private": self.owned(),
            "events": events,
        })
    }

    fn events(&mut self, tick: u32) -> Vec<(u32, Vec<u32>)> {
        let count = self.dice.below(3);
        (0..count)
            .map(|age| {
                let mut columns = Vec::new();
                worlds::value(&mut self.dice, &self.schema.event, &mut columns);
                (tick - age as u32, columns)
            })
            .collect()
    }

    fn rows(&self) -> Extract {
        let mut rows = Extract::default();
        for (public, private) in self.world.public.tables.iter().zip(&self.world.private.tables) {
            let (to_public, to_private) = rows.append(public.width, private.width);
            to_public.copy_from(public);
            to_private.copy_from(private);
        }
        rows
    }

    fn owned(&self) -> Value {
        let mut owned = StateColumns::private(&self.world.layout);
        for (index, table) in self.world.layout.tables.iter().enumerate() {
            let Some(owner) = table.owner.filter(|_| table.private_width > 0) else { continue };
            for (row, (id, cells)) in self.world.public.tables[index].iter().enumerate() {
                if cells[owner] == u32::from(PLAYER) {
                    owned.tables[index].push(id, self.world.private.tables[index].row(row));
                }
            }
        }
        tables_of(&owned)
    }
}

/// What a client is sent of a stream.
enum State {
    Keyframe { base: u32, bytes: Vec<u8>, hash: u32 },
    CatchUp { from: u32, base: u32, bytes: Vec<u8>, hash: u32 },
    Delta { bytes: Vec<u8>, hash: u32 },
    Unchanged,
}

/// How a client is to reach a stream's newest state.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Delta,
    CatchUp,
    Keyframe,
}

/// Moves a stream on. One without a state before needs a keyframe in any case.
fn advance(encoder: &mut StreamEncoder, tick: u32, state: &StateColumns, way: Way) -> State {
    let mut bytes = Vec::new();
    let advance = encoder.advance(tick, state, &mut bytes);
    let (base, hash) = (encoder.tick().unwrap(), encoder.hash());
    match (advance, way) {
        (Advance::Delta { .. }, Way::Delta) => State::Delta { bytes, hash },
        (Advance::Unchanged, Way::Delta | Way::CatchUp) => State::Unchanged,
        (Advance::Delta { base: from }, Way::CatchUp) => {
            bytes.clear();
            assert!(encoder.catch_up(from, &mut bytes));
            State::CatchUp { from, base, bytes, hash }
        }
        (Advance::First, _) | (_, Way::Keyframe) => {
            bytes.clear();
            encoder.keyframe(&mut bytes);
            State::Keyframe { base, bytes, hash }
        }
    }
}
