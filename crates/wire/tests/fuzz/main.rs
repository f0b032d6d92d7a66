//! Mutation fuzzing of every decoder, decided by a seed: real bytes, made wrong again and again. A few
//! seconds of it run with all tests; `cargo xtask fuzz --seconds N` goes on for longer.
#![allow(clippy::unwrap_used, missing_docs)] // a failing test may panic
#![allow(
    dead_code,
    reason = "the generators are those of the codec's tests, which use all of them"
)]

#[path = "../codec/games.rs"]
mod games;
mod mutation;
mod target;
#[path = "../codec/worlds.rs"]
mod worlds;

use std::panic::{AssertUnwindSafe, catch_unwind};

use target::Target;
use worlds::Dice;

/// Seconds of a run with all tests.
const SHORT_S: u64 = 2;
/// Inputs made of one set of targets before the next one is generated.
const INPUTS_PER_SET: u32 = 2_000;

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a run has an end, and says how far it came"
)]
fn no_bytes_break_a_decoder() {
    let seconds = number("TICKWIRE_FUZZ_SECONDS").unwrap_or(SHORT_S);
    let first = number("TICKWIRE_FUZZ_SEED").unwrap_or(1);
    let start = std::time::Instant::now();
    let (mut seed, mut inputs) = (first, 0_u64);
    while start.elapsed().as_secs() < seconds {
        let mut dice = Dice(seed);
        let targets = target::all(&mut dice);
        for round in 0..INPUTS_PER_SET {
            let target = &targets[dice.below(targets.len() as u64) as usize];
            let input = mutation::mutated(&mut dice, &target.corpus);
            run(target, &input, seed);
            inputs += 1;
            if round % 64 == 0 && start.elapsed().as_secs() >= seconds {
                break;
            }
        }
        seed += 1;
    }
    println!("{inputs} inputs, seeds {first} to {}", seed - 1);
    assert!(inputs > 0);
}

/// Gives an input to a decoder; a panic tells how to have it again.
fn run(target: &Target, input: &[u8], seed: u64) {
    if catch_unwind(AssertUnwindSafe(|| (target.decode)(input))).is_err() {
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        panic!("{} broke: TICKWIRE_FUZZ_SEED={seed}, input {hex}", target.name);
    }
}

/// Real bytes go through every decoder without an error, or the corpus is worth nothing.
#[test]
fn the_corpus_is_of_real_bytes() {
    for seed in 1..20 {
        for target in target::all(&mut Dice(seed)) {
            assert!(!target.corpus.is_empty(), "{}", target.name);
            for input in &target.corpus {
                assert!((target.decode)(input), "{}, seed {seed}", target.name);
            }
        }
    }
}
