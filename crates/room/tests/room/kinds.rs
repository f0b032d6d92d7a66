//! Rooms opened with the game's types erased, as the server does.

use serde_json::json;
use tickwire_game::{
    AssetReader, Cx, Game, Inputs, LeaveReason, PlayerId, Profile, Refusal, Replicate, Settings,
    World,
};
use tickwire_room::{Room, RoomConfig, kind};

use crate::harness::{START_US, config};
use crate::yard::Yard;

#[test]
fn a_kind_opens_rooms_from_json() {
    let kind = kind::<Yard>();
    assert_eq!(kind.name(), "yard");
    let (json, hash) = kind.schema();
    assert_eq!(*hash, tickwire_wire::schema::schema_hash(json));
    assert_eq!(*hash, World::<Yard>::schema().hash());
    let open = |options| kind.open(&options, &(), config(), START_US);
    let room = open(json!({ "seats": 3, "tick_hz": 20 })).unwrap();
    assert_eq!((room.info().seats, room.info().tick_hz), (3, 20));
    assert_eq!(open(json!(null)).unwrap().info().seats, 8);
    assert_eq!(room.info().schema_hash, *hash);
}

#[test]
fn what_a_game_or_its_options_refuse_is_not_opened() {
    let kind = kind::<Yard>();
    let refusal = |options, config| match kind.open(&options, &(), config, START_US) {
        Ok(_) => panic!("opened"),
        Err(refusal) => refusal.reason,
    };
    assert!(refusal(json!({ "sets": 3 }), config()).starts_with("options: unknown field `sets`"));
    assert!(refusal(json!({ "seats": "many" }), config()).starts_with("options: invalid type"));
    assert_eq!(refusal(json!({ "crumbs": 666 }), config()), "too many crumbs");
    let seats = refusal(json!({ "seats": 0 }), config());
    assert_eq!(seats, "seats is 0, allowed are 1 to 4096");
    for id in [String::new(), "x".repeat(65)] {
        let config = RoomConfig { id, ..config() };
        assert_eq!(refusal(json!(null), config), "a room id has 1 to 64 bytes");
    }
}

/// A game whose prior is none.
struct Spoilt;

#[derive(Clone, Replicate)]
struct Nothing {}

impl Game for Spoilt {
    const NAME: &'static str = "spoilt";
    const PRIOR: Option<&'static [u8]> = Some(b"ZIP!");
    type Options = ();
    type Fixed = ();
    type State = Nothing;
    type Input = ();
    type Command = ();
    type Event = ();
    type Effect = ();

    fn settings((): &()) -> Settings {
        Settings::default()
    }

    fn load((): &(), _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn create((): &(), _: &mut Cx<'_, Self>) -> Result<Nothing, Refusal> {
        Ok(Nothing {})
    }

    fn enter(
        _: &mut Nothing,
        _: PlayerId,
        _: &Profile,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        Ok(())
    }

    fn leave(_: &mut Nothing, _: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {}

    fn tick(_: &mut Nothing, _: &Inputs<'_, Self>, _: &mut Cx<'_, Self>) {}
}

#[test]
fn a_prior_that_is_none_is_told_with_its_game() {
    let kind = kind::<Spoilt>();
    let said = "the prior of the game `spoilt`: a prior starts with `TWP1`";
    assert_eq!(kind.prior().unwrap_err().reason, said);
    let opened = kind.open(&json!(null), &(), config(), START_US);
    assert_eq!(opened.err().map(|refusal| refusal.reason).as_deref(), Some(said));
    let opened = Room::<Spoilt>::open((), &(), config(), START_US);
    assert_eq!(opened.err().map(|refusal| refusal.reason).as_deref(), Some(said));
}
