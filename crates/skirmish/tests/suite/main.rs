//! Skirmish as a room runs it: everything through `World::advance`.

mod bot_match;
mod combat;
mod harness;
mod maps;
mod rounds;
mod traffic;
mod vectors;
mod walking;

use tickwire_game::testing::Check;
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::options::Options;

/// What every game must keep: sync, save and load, hostile inputs, prediction, views. Rounds are as
/// short as they can be, so that one ends and the next begins on the way.
#[test]
fn keeps_the_rules_of_a_game() {
    let options = Options { round_s: 20, score_limit: 3, ..Options::default() };
    let assets = harness::depot();
    Check::<Skirmish>::new().options(options).assets(&assets).ticks(900).run();
}
