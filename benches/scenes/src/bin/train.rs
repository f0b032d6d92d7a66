//! Trains the prior that the protocol ships, on every scene but none of the recordings it is judged by.
//!
//! `cargo run --release -p tickwire-scenes --bin train -- --out FILE [--ticks 900] [--seeds 4]`; usually
//! through `cargo xtask train-priors`.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tickwire_scenes::SCENES;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::stream::{FITTING_PASSES, Trainer};

/// Trains the prior that the protocol ships.
#[derive(Parser)]
struct Args {
    /// Where to write it.
    #[arg(long)]
    out: PathBuf,
    /// Snapshots of each scene.
    #[arg(long, default_value_t = 900)]
    ticks: usize,
    /// Seeds of each scene.
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// The first seed; the benches use seeds below 1000.
    #[arg(long, default_value_t = 1000)]
    first_seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let mut recordings: Vec<(Layout, Vec<StateColumns>)> = Vec::new();
    for scene in SCENES {
        for seed in args.first_seed..args.first_seed + args.seeds {
            println!("{} {seed}", scene.name);
            let states = (scene.states)(seed, args.ticks);
            recordings.push((Layout::new(&(scene.schema)()), states));
        }
    }
    let mut trainer = Trainer::new();
    for pass in 0..=FITTING_PASSES {
        println!("pass {pass}");
        trainer.begin();
        for (layout, states) in &recordings {
            trainer.play(layout, states, 1.0);
        }
        if pass < FITTING_PASSES {
            trainer.fit();
        }
    }
    let bytes = trainer.finish();
    println!("{} bytes", bytes.len());
    match std::fs::write(&args.out, bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}: {error}", args.out.display());
            ExitCode::FAILURE
        }
    }
}
