//! The bots step: a short match of bots against the release server.

use std::fs;

use serde_json::Value;

use super::Outcome;
use super::context::Context;
use super::error::StepError;
use super::server::Server;
use crate::command::{command, run};

/// Small enough for two slow cores, long enough for kills, respawns and pick-ups.
const MATCH: [&str; 10] =
    ["--game", "skirmish", "--rooms", "2", "--per-room", "12", "--seconds", "8", "--seed", "1"];

/// A match is alive when players do this much, per player and minute.
const LIVELY: [(&str, f64); 2] = [("shots_per_player_min", 20.0), ("kills_per_player_min", 1.0)];
/// Mean bytes of a snapshot, at most: what 16 players may cost.
const MOST_BYTES: f64 = 160.0;

/// Lets bots play and looks at their report.
pub(super) fn bots(context: &mut Context) -> Result<Outcome, StepError> {
    let binary = context.binary("bots")?;
    let report = context.out()?.join("bots.json");
    let server = Server::start(context, "bots")?;
    let mut bots = command(&context.root, binary);
    bots.args(["--url", &server.url()]).args(MATCH).arg("--json").arg(&report);
    if let Err(error) = run(&mut bots) {
        server.show_log();
        return Err(error.into());
    }
    let text = fs::read_to_string(&report).map_err(|source| StepError::file(&report, source))?;
    let what = report.display().to_string();
    let figures = serde_json::from_str(&text).map_err(|source| StepError::Json { what, source })?;
    judge(&figures)?;
    server.stop()?;
    Ok(Outcome::Passed)
}

/// Every snapshot verified, nothing wrong, and a match that was alive.
fn judge(figures: &Value) -> Result<(), StepError> {
    let figure = |name: &str| {
        figures[name].as_f64().ok_or_else(|| StepError::Wrong(format!("no `{name}` in the report")))
    };
    for name in ["desyncs", "errors", "disconnects"] {
        let value = figure(name)?;
        if value != 0.0 {
            return Err(StepError::Wrong(format!("{value} {name}")));
        }
    }
    let (all, verified) = (figure("snapshots")?, figure("snapshots_verified")?);
    if all < 1.0 || verified < all {
        return Err(StepError::Wrong(format!("{verified} of {all} snapshots verified")));
    }
    for (name, least) in LIVELY {
        let value = figure(name)?;
        if value < least {
            return Err(StepError::Wrong(format!("`{name}` is {value}, below {least}")));
        }
    }
    let bytes = figure("snapshot_bytes_mean")?;
    if bytes <= 0.0 || bytes > MOST_BYTES {
        return Err(StepError::Wrong(format!("snapshots of {bytes} bytes, not 0..={MOST_BYTES}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "desyncs": 0, "errors": 0, "disconnects": 0, "snapshots": 100,
            "snapshots_verified": 100, "shots_per_player_min": 20.5, "kills_per_player_min": 1.5,
            "snapshot_bytes_mean": 140.0,
        })
    }

    #[test]
    fn only_a_clean_and_lively_match_passes() {
        assert!(judge(&good()).is_ok());
        for (name, bad, told) in [
            ("desyncs", json!(1), "1 desyncs"),
            ("errors", json!(3), "3 errors"),
            ("disconnects", json!(null), "no `disconnects` in the report"),
            ("snapshots", json!(0), "100 of 0 snapshots verified"),
            ("snapshots_verified", json!(99), "99 of 100 snapshots verified"),
            ("shots_per_player_min", json!(0.0), "`shots_per_player_min` is 0, below 20"),
            ("kills_per_player_min", json!(0.5), "`kills_per_player_min` is 0.5, below 1"),
            ("snapshot_bytes_mean", json!(161.0), "snapshots of 161 bytes, not 0..=160"),
        ] {
            let mut figures = good();
            figures[name] = bad;
            assert_eq!(judge(&figures).unwrap_err().to_string(), told);
        }
    }
}
