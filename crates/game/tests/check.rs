//! `testing::check`: passes a sound game, and finds each planted offence.

#[path = "support/offences.rs"]
mod offences;
#[path = "support/zoo.rs"]
mod zoo;

use tickwire_game::Game;
use tickwire_game::testing::{Check, Failure, Rule, check, try_check};
use zoo::Zoo;

#[test]
fn a_sound_game_passes() {
    Check::<Zoo>::new().assets(&zoo::ASSETS).seeds(0..3).run();
    check::<offences::Sound>();
}

#[test]
fn a_room_that_does_not_open_is_told() {
    let failure = failure::<Zoo>();
    assert_eq!(failure.rule, Rule::Opens);
    assert!(failure.detail.contains("ground.txt"), "{failure}");
}

fn failure<G: Game>() -> Failure {
    try_check::<G>().expect_err("the offence was not found")
}

#[test]
fn a_static_counter_is_found() {
    let failure = failure::<offences::StaticCounter>();
    assert!(matches!(failure.rule, Rule::SavesEverything | Rule::Replays), "{failure}");
    let text = failure.to_string();
    assert!(text.contains("static-counter") && text.contains("seed 1"), "{text}");
    assert!(failure.tick > 0, "{text}");
}

#[test]
fn a_field_that_is_not_saved_is_found() {
    assert_eq!(failure::<offences::Forgetful>().rule, Rule::SavesEverything);
}

#[test]
fn a_panic_on_hostile_input_is_found() {
    let failure = failure::<offences::Brittle>();
    assert_eq!(failure.rule, Rule::NeverPanics);
    assert!(failure.detail.contains("out of bounds"), "{failure}");
}

#[test]
fn a_view_that_tells_secrets_is_found() {
    assert_eq!(failure::<offences::Gossip>().rule, Rule::ViewsKeepSecrets);
}

#[test]
fn a_prediction_by_what_no_client_knows_is_found() {
    let failure = failure::<offences::Seer>();
    assert_eq!(failure.rule, Rule::Predicts);
    assert!(failure.detail.contains("skipped field"), "{failure}");
}

#[test]
fn a_prediction_that_moves_others_is_found() {
    let failure = failure::<offences::Puppeteer>();
    assert_eq!(failure.rule, Rule::Predicts);
    assert!(failure.detail.contains("not the player's"), "{failure}");
}

#[test]
fn a_refusal_that_changes_the_state_is_found() {
    assert_eq!(failure::<offences::HalfDone>().rule, Rule::RefusalsChangeNothing);
}

#[test]
fn a_clamp_that_never_settles_is_found() {
    assert_eq!(failure::<offences::Restless>().rule, Rule::ClampsOnce);
}

#[test]
#[should_panic(expected = "static-counter breaks the rule")]
fn check_panics_with_the_failure() {
    check::<offences::StaticCounter>();
}
