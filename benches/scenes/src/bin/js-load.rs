//! Writes a stream of many moving entities at every level to a file, for the benches of the JavaScript SDK
//! in `assets/web/sdk/test/bench`.
//!
//! `cargo run --release -p tickwire-scenes --bin js-load -- --scene vehicles --out target/load.json`.
#![expect(clippy::print_stderr, reason = "a command line tool complains on stderr")]

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_scenes::{SCENES, SceneEntry};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::schema::Schema;
use tickwire_wire::stream::{Advance, StreamEncoder};

/// Between the ids of one copy of a scene and those of the next.
const IDS_APART: u32 = 100_000;

/// Writes a load for the benches of the JavaScript SDK.
#[derive(Parser)]
struct Args {
    /// A scene by its name.
    #[arg(long, default_value = "vehicles")]
    scene: String,
    /// Entities at least: so many copies of the scene, each of another seed, are put into one room.
    #[arg(long, default_value_t = 1000)]
    entities: usize,
    /// Snapshots after the first.
    #[arg(long, default_value_t = 300)]
    snapshots: usize,
    /// The file.
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    match write(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn write(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let scene = SCENES.iter().find(|scene| scene.name == args.scene).ok_or("no such scene")?;
    let schema = (scene.schema)();
    let states = crowd(scene, args);
    let levels: serde_json::Map<String, Value> = Level::ALL
        .into_iter()
        .map(|level| (level.name().to_owned(), stream(&schema, level, &states)))
        .collect();
    let rows: usize = states.iter().flat_map(|state| &state.tables).map(|table| table.len()).sum();
    let load = json!({
        "scene": scene.name,
        "entities_mean": rows as f64 / states.len() as f64,
        "schema": schema.to_json(),
        "levels": levels,
    });
    fs::write(&args.out, load.to_string())?;
    Ok(())
}

/// The states of several copies of a scene in one.
fn crowd(scene: &SceneEntry, args: &Args) -> Vec<StateColumns> {
    let mut states: Vec<StateColumns> = Vec::new();
    for copy in 0_u32.. {
        let entities = states.first().map_or(0, |first| first.tables.iter().map(|t| t.len()).sum());
        if entities >= args.entities {
            break;
        }
        let more = (scene.states)(1 + u64::from(copy), args.snapshots + 1);
        if states.is_empty() {
            states = more;
            continue;
        }
        for (state, more) in states.iter_mut().zip(&more) {
            for (table, more) in state.tables.iter_mut().zip(&more.tables) {
                more.iter().for_each(|(id, row)| table.push(id + copy * IDS_APART, row));
            }
        }
    }
    states
}

/// A keyframe of the first state, a delta for each of the others, and the hash of the last.
fn stream(schema: &Schema, level: Level, states: &[StateColumns]) -> Value {
    let mut encoder = StreamEncoder::new(Arc::new(Layout::coded(schema, level)));
    let (mut keyframe, mut deltas) = (Vec::new(), Vec::new());
    for (tick, state) in (1_u32..).zip(states) {
        let mut bytes = Vec::new();
        match encoder.advance(tick, state, &mut bytes) {
            Advance::First => encoder.keyframe(&mut keyframe),
            Advance::Unchanged => {}
            Advance::Delta { base } => deltas.push(json!([base, tick, hex(&bytes)])),
        }
    }
    json!({"keyframe": hex(&keyframe), "deltas": deltas, "hash": encoder.hash()})
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
