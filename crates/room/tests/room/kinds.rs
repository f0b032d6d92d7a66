//! Rooms opened with the game's types erased, as the server does.

use std::sync::atomic::{AtomicU32, Ordering};

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

/// A game without anything in it. Unless it is `SOUND`, its prior is none.
struct Tiny<const SOUND: bool>;

/// How often the sound one has loaded its fixed data.
static LOADS: AtomicU32 = AtomicU32::new(0);

#[derive(Clone, Replicate)]
struct Nothing {}

impl<const SOUND: bool> Game for Tiny<SOUND> {
    const NAME: &'static str = "tiny";
    const PRIOR: Option<&'static [u8]> = if SOUND { None } else { Some(b"ZIP!") };
    type Options = u8;
    type Fixed = Vec<u8>;
    type State = Nothing;
    type Input = ();
    type Command = ();
    type Event = ();
    type Effect = ();

    fn settings(_: &u8) -> Settings {
        Settings::default()
    }

    fn load(_: &u8, assets: &mut AssetReader<'_>) -> Result<Vec<u8>, Refusal> {
        LOADS.fetch_add(u32::from(SOUND), Ordering::Relaxed);
        Ok(assets.read("map")?.into_owned())
    }

    fn create(_: &u8, _: &mut Cx<'_, Self>) -> Result<Nothing, Refusal> {
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

const MAP: [(&str, &[u8]); 1] = [("map", b"one")];
const NEW_MAP: [(&str, &[u8]); 1] = [("map", b"two")];

#[test]
fn rooms_of_equal_options_and_assets_share_what_was_loaded() {
    let kind = kind::<Tiny<true>>();
    let open =
        |options: u8, assets| kind.open(&json!(options), assets, config(), START_US).unwrap();
    let loads = |count, what: &str| assert_eq!(LOADS.load(Ordering::Relaxed), count, "{what}");
    let first = open(1, &MAP);
    let second = open(1, &MAP);
    loads(1, "the same for both");
    let other = open(2, &MAP);
    loads(2, "other options");
    let changed = open(1, &NEW_MAP);
    loads(3, "the asset has changed");
    let again = open(1, &NEW_MAP);
    loads(3, "the newer is kept");
    drop((changed, again));
    let late = open(1, &MAP);
    loads(4, "nobody uses the newest any more");
    drop((first, second, other, late));
    assert!(kind.open(&json!(1), &(), config(), START_US).is_err(), "without the asset");
    loads(5, "tried in vain");
}

#[test]
fn a_prior_that_is_none_is_told_with_its_game() {
    let kind = kind::<Tiny<false>>();
    let said = "the prior of the game `tiny`: a prior starts with `TWP1`";
    assert_eq!(kind.prior().unwrap_err().reason, said);
    let opened = kind.open(&json!(null), &MAP, config(), START_US);
    assert_eq!(opened.err().map(|refusal| refusal.reason).as_deref(), Some(said));
    let opened = Room::<Tiny<false>>::open(0, &MAP, config(), START_US);
    assert_eq!(opened.err().map(|refusal| refusal.reason).as_deref(), Some(said));
}
