//! Trains the prior that the protocol ships, on every scene but none of the recordings it is judged by.
//!
//! `cargo run --release -p tickwire-scenes --bin train -- --out FILE [--ticks 900] [--seeds 5]`; usually
//! through `cargo xtask train-priors`. The same sources give the same bytes, on any number of threads.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clap::Parser;
use tickwire_scenes::SCENES;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::stream::Trainer;

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

/// One room of a scene.
struct Recording {
    /// Index of the scene.
    scene: usize,
    layout: Layout,
    states: Vec<StateColumns>,
}

impl Recording {
    fn play(&self, trainer: &mut Trainer, weight: f64) -> u64 {
        trainer.play(&self.layout, (1..).zip(&self.states), weight)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seeds = args.first_seed..args.first_seed + args.seeds;
    let rooms: Vec<(usize, u64)> =
        seeds.flat_map(|seed| (0..SCENES.len()).map(move |scene| (scene, seed))).collect();
    let recordings = in_parallel(&rooms, |&(scene, seed)| Recording {
        scene,
        layout: Layout::new(&(SCENES[scene].schema)()),
        states: (SCENES[scene].states)(seed, args.ticks),
    });
    let weights = balance(&recordings);
    let mut pass = 0;
    let bytes = Trainer::new().learn(|trainer| {
        pass += 1;
        println!("pass {pass}");
        let knows = &*trainer;
        let shares = in_parallel(&recordings, |recording| {
            let mut share = knows.share();
            recording.play(&mut share, weights[recording.scene]);
            share
        });
        // In the same order, however many threads there are: sums of floats depend on it.
        shares.iter().for_each(|share| trainer.absorb(share));
    });
    println!("{} bytes", bytes.len());
    match std::fs::write(&args.out, bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}: {error}", args.out.display());
            ExitCode::FAILURE
        }
    }
}

/// What a residual of each scene counts for, so that every scene counts as much as any other, and
/// all together as much as they have residuals.
fn balance(recordings: &[Recording]) -> Vec<f64> {
    let trainer = Trainer::new();
    let counts = in_parallel(recordings, |recording| recording.play(&mut trainer.share(), 1.0));
    let mut residuals = vec![0; SCENES.len()];
    for (recording, count) in recordings.iter().zip(counts) {
        residuals[recording.scene] += count;
    }
    let mean = residuals.iter().sum::<u64>() as f64 / SCENES.len() as f64;
    for (scene, count) in SCENES.iter().zip(&residuals) {
        println!("{:<12} {count:>9} residuals", scene.name);
    }
    residuals.iter().map(|&count| mean / count.max(1) as f64).collect()
}

/// Does `work` for each item on all cores; results are in the order of the items.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let serve = || {
        let mut done = Vec::new();
        while let Some((index, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((index, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(serve)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
