//! What a client that never reads does to everyone else.

use serde_json::{Value, json};
use tickwire_benches::rig::PartError;
use tickwire_benches::rounds::Rounds;

use crate::Args;
use crate::window::Window;

/// Times with and times without.
const RUNS: u32 = 5;

/// Runs in turn without and with such clients.
pub(super) fn compare(args: &Args) -> Result<Value, PartError> {
    let (mut without, mut with) = (Rounds::default(), Rounds::default());
    let mut report = json!({});
    for run in 1..=RUNS {
        for (rounds, mute) in [(&mut without, 0), (&mut with, args.mute)] {
            let window = Window::of(args, args.rooms, mute)?;
            let p99_ms = window.echo_p99_ms();
            rounds.push(p99_ms);
            if args.json.is_none() {
                println!(
                    "run {run}: {mute} clients never read, {} cut for it; others' echo p99 {p99_ms:.2} ms",
                    window.too_slow()
                );
            }
            report = window.report(args);
        }
    }
    // What comes by chance: how far apart the runs without such clients are.
    let chance_ms = without.max() - without.min();
    let more_ms = with.median() - without.median();
    if args.json.is_none() {
        println!(
            "without: {:.2} ms ({:.2} to {:.2}); with {}: {:.2} ms ({:.2} to {:.2}): {} the spread of the runs without",
            without.median(),
            without.min(),
            without.max(),
            args.mute,
            with.median(),
            with.min(),
            with.max(),
            if more_ms <= chance_ms { "within" } else { "beyond" },
        );
    }
    let told = |rounds: &Rounds| json!({ "median": rounds.median(), "min": rounds.min(), "max": rounds.max() });
    report["mute"] = json!({
        "clients": args.mute,
        "echo_p99_ms_without": told(&without),
        "echo_p99_ms_with": told(&with),
        "within_spread": more_ms <= chance_ms,
    });
    Ok(report)
}
