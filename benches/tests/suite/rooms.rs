//! The workload in real rooms: what every client decodes is the truth, and all that it must see.

use tickwire_benches::arena::config::{A, B50, C, Config};
use tickwire_benches::arena::play::{Play, Tally};
use tickwire_benches::levels::Coder;
use tickwire_benches::workload::Workload;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::prior::Prior;
use tickwire_wire::stream::Trainer;

/// Plays `config` for `ticks` after half a second; `Play` compares every state of every client.
fn played(config: &Config, level: Level, ticks: u32) -> Tally {
    played_by(config, &Coder { level, prior: None }, ticks)
}

fn played_by(config: &Config, coder: &Coder, ticks: u32) -> Tally {
    let mut tally = Tally::default();
    let mut play = Play::open(config, 3, coder).unwrap();
    play.run(15, None).unwrap();
    play.run(ticks, Some(&mut tally)).unwrap();
    assert_eq!(tally.snapshots, u64::from(ticks) * u64::from(config.players));
    tally
}

#[test]
fn every_client_has_the_state_of_every_tick() {
    let all = [A, C].into_iter().flat_map(|config| Level::ALL.map(|level| (config, level)));
    for (config, level) in all {
        let tally = played(&config, level, 60);
        let players = f64::from(config.players);
        assert_eq!((tally.rows_mean(), tally.rows_in_radius_mean()), (players, players));
        // Own are a kind byte, flags, low bytes of tick and acknowledged input, the margin.
        assert!((5.0..6.0).contains(&tally.own_bytes_mean()), "{}", tally.own_bytes_mean());
        assert!(tally.bytes_mean() < f64::from(config.peer_bytes), "{}", tally.bytes_mean());
    }
}

#[test]
fn a_view_holds_every_entity_within_its_radius() {
    let config = Config { players: 24, npcs: 60, ..B50 };
    for level in Level::ALL {
        let tally = played(&config, level, 90);
        assert!(tally.rows >= tally.rows_in_radius, "each one within is sent");
        assert!(tally.rows_mean() < 60.0, "but not everything: {}", tally.rows_mean());
        assert!((1.0..2.5).contains(&tally.ratio()), "{}", tally.ratio());
        let everything = played(&Config { view_radius: None, ..config }, level, 90);
        assert_eq!(everything.rows_mean(), 84.0);
        assert!(tally.bytes < everything.bytes);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let config = Config { players: 8, npcs: 20, ..B50 };
    for level in Level::ALL {
        let (one, two) = (played(&config, level, 30), played(&config, level, 30));
        assert_eq!((one.bytes, one.rows), (two.bytes, two.rows));
    }
}

#[test]
fn a_prior_of_its_own_makes_a_rooms_snapshots_smaller() {
    let taught = Workload::arena(&A, 300, 1000);
    let bytes = Trainer::from_prior(None).learn(|trainer| {
        trainer.play(&Layout::new(&taught.schema), (1..).zip(&taught.states), 1.0);
    });
    let prior = Some(Prior::from_bytes(&bytes).unwrap());
    let level = Level::Ranged;
    let own = played_by(&A, &Coder { level, prior }, 60);
    assert!(own.bytes * 20 < played(&A, level, 60).bytes * 19, "{}", own.bytes_mean());
}
