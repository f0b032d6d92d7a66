//! Vectors of states: streams chunk by chunk, and whole snapshot messages.

use std::sync::Arc;

use serde_json::{Value, json};
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::events::write_events;
use tickwire_wire::schema::Schema;
use tickwire_wire::snapshot::{
    Chunk, Hashes, MARGIN_UNKNOWN, OwnSection, PrivateEncoder, needs_full_tick,
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
    /// Tick of the newest snapshot.
    newest: Option<u32>,
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
        let restart = step == 6;
        let second = (2..7).contains(&step);
        let mut chunks = Vec::new();
        let mut hashes = Vec::new();
        let state = self.world.public.clone();
        let keyframe =
            write_state(&mut self.first, 0, tick, &state, restart, &mut chunks, &mut hashes);
        if second {
            let part = part_of(&self.world);
            write_state(&mut self.second, SECOND, tick, &part, false, &mut chunks, &mut hashes);
        } else if step == 7 {
            Chunk::Left { stream: SECOND }.write(tick, &mut chunks);
        }
        let events = self.events(tick);
        if !events.is_empty() {
            let mut bytes = Vec::new();
            let columns = events.iter().map(|(tick, columns)| (*tick, &columns[..]));
            write_events(&self.schema.event, tick, columns, &mut bytes);
            Chunk::Events { stream: 0, bytes: &bytes }.write(tick, &mut chunks);
        }
        let mut private = Vec::new();
        let any = self.private.encode(&self.rows(), keyframe, &mut private);
        let own = OwnSection {
            tick,
            full_tick: keyframe || needs_full_tick(self.newest, tick),
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
        };
        let mut bytes = Vec::new();
        own.write(&mut bytes);
        bytes.extend(chunks);
        self.newest = Some(tick);
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

/// Writes a stream's state chunk, if it needs one, and notes its hash. Returns whether it is a keyframe.
fn write_state(
    encoder: &mut StreamEncoder,
    stream: u32,
    tick: u32,
    state: &StateColumns,
    restart: bool,
    chunks: &mut Vec<u8>,
    hashes: &mut Vec<u32>,
) -> bool {
    let mut delta = Vec::new();
    let advance = encoder.advance(tick, state, &mut delta);
    let keyframe = restart || advance == Advance::First;
    if keyframe {
        let mut bytes = Vec::new();
        encoder.keyframe(&mut bytes);
        let base = encoder.tick().unwrap();
        Chunk::Keyframe { stream, base, bytes: &bytes }.write(tick, chunks);
    } else if let Advance::Delta { base } = advance {
        Chunk::Delta { stream, base, bytes: &delta }.write(tick, chunks);
    } else {
        return false;
    }
    hashes.push(encoder.hash());
    keyframe
}
