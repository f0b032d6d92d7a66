//! How many rooms one core takes.

use serde_json::{Value, json};
use tickwire_benches::ceiling::{Ceiling, Step};
use tickwire_benches::rig::PartError;

use crate::Args;
use crate::window::Window;

/// The highest number of rooms that holds, step by step.
pub(super) fn find_max(args: &Args) -> Result<Value, PartError> {
    let mut ceiling = Ceiling::new(args.rooms, args.max_rooms);
    let (mut steps, mut best, mut last) = (Vec::new(), None, None);
    while let Some(rooms) = ceiling.next() {
        let window = match Window::of(args, rooms, 0) {
            Ok(window) => window,
            // So many do not even get in.
            Err(error @ (PartError::Failed(_) | PartError::Silent(_) | PartError::Ended)) => {
                if args.json.is_none() {
                    println!("{rooms} rooms: {error}");
                }
                steps.push(json!({ "rooms": rooms, "holds": false, "fault": error.to_string() }));
                ceiling.take(Step { rooms, holds: false });
                continue;
            }
            Err(error) => return Err(error),
        };
        let step = window.step(args);
        if args.json.is_none() {
            window.print(args);
            println!("  {}\n", if step.holds { "holds" } else { "does not hold" });
        }
        let mut report = window.report(args);
        report["holds"] = step.holds.into();
        steps.push(report.clone());
        ceiling.take(step);
        if step.holds {
            best = Some(report);
        } else if window.is_load_bound() {
            last = Some(report);
        }
    }
    let mut report = best.unwrap_or_else(|| json!({}));
    report["max_rooms"] = ceiling.held().into();
    report["load_bound_beyond"] = json!(last.as_ref().map(|report| &report["server_core_pct"]));
    report["steps"] = steps.into();
    if args.json.is_none() {
        println!("highest number of rooms that holds: {}", ceiling.held());
        if let Some(report) = &last {
            println!(
                "beyond it the load's core was full; the server used {:.0} % of its own",
                report["server_core_pct"].as_f64().unwrap_or(0.0)
            );
        }
    }
    Ok(report)
}
