//! The seeded simulator, with a few seeds. Another range: `TICKWIRE_SIM_SEEDS=100..200`.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its verdict")]

use std::ops::Range;

use tickwire_sim::world::{Conditions, Verdict, simulate, simulate_under};

/// Seeds that are run by default.
const SEEDS: Range<u64> = 1..13;

fn map() -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/maps/depot.json")).unwrap()
}

fn run(seed: u64) -> Verdict {
    let map = map();
    let assets: [(&str, &[u8]); 1] = [("maps/depot.json", &map)];
    match simulate(seed, &assets) {
        Ok(verdict) => verdict,
        Err(fault) => panic!("seed {seed}: {fault}\n{:#?}", Conditions::of(seed)),
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("TICKWIRE_SIM_SEEDS") else { return SEEDS };
    let (from, to) = text.split_once("..").expect("TICKWIRE_SIM_SEEDS=FROM..TO");
    from.parse().unwrap()..to.parse().unwrap()
}

#[test]
fn clients_and_room_agree_whatever_happens_to_the_lines() {
    let mut sum = Verdict::default();
    for seed in seeds() {
        let verdict = run(seed);
        assert!(verdict.snapshots > 100, "seed {seed}: {verdict:?}");
        sum.cuts += verdict.cuts;
        sum.resumes += verdict.resumes;
        sum.resent += verdict.resent;
        sum.commands += verdict.commands;
        sum.reliable += verdict.reliable;
        sum.mischief += verdict.mischief;
        sum.closed += verdict.closed;
    }
    if seeds() == SEEDS {
        // Else the seeds do not try what they should.
        assert!(sum.cuts > 20 && sum.resumes > 20, "{sum:?}");
        assert!(sum.resent > 5 && sum.commands > 300 && sum.reliable > 30, "{sum:?}");
        assert!(sum.mischief > 500 && sum.closed > 20, "{sum:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    assert_eq!(run(3), run(3));
    assert_ne!(run(3).hash, run(4).hash);
}

#[test]
fn a_full_room_on_a_bad_line() {
    let map = map();
    let assets: [(&str, &[u8]); 1] = [("maps/depot.json", &map)];
    let conditions = Conditions {
        clients: 16,
        strangers: 3,
        bots: 16,
        seconds: 16,
        delay_us: (60_000, 150_000),
        jitter_us: 60_000,
        cuts_per_s: 0.5,
        skips: 0.05,
        stalls_per_s: 0.2,
    };
    let verdict = simulate_under(&conditions, 99, &assets).unwrap();
    assert!(verdict.cuts > 20 && verdict.reliable > 10, "{verdict:?}");
}
