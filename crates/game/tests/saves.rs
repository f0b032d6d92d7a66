//! Worlds, entries and recordings as bytes: they come back whole, and damaged ones are refused without harm.

#[path = "support/zoo.rs"]
mod zoo;

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_game::bytes::ByteReader;
use tickwire_game::wire::columns::Extract;
use tickwire_game::wire::layout::Layout;
use tickwire_game::wire::prior::Prior;
use tickwire_game::wire::stream::StreamEncoder;
use tickwire_game::{
    Connection, From, LeaveReason, Level, LoadError, PlayerId, Profile, Recording, Reply, Team,
    TickEntry, Vec2, World, prior,
};
use zoo::{Command, Ground, Input, Options, Zoo};

fn played(ticks: u32) -> (World<Zoo>, Recording<Zoo>) {
    let mut world = World::create(Options { storms: true }, &zoo::ASSETS, 5).expect("a zoo opens");
    let mut recording = Recording::new(Options { storms: true }, 5);
    for _ in 0..ticks {
        let mut entry = world.next_entry();
        if entry.tick <= 4 {
            let player = PlayerId(entry.tick as u16);
            entry.joins.push((player, Profile { name: "Ada".to_owned(), ..Profile::default() }));
        }
        let players = world.players().ids().into_iter().map(|id| PlayerId(id.raw() as u16));
        entry.inputs = players.map(|player| (player, world.bot_input(player))).collect();
        recording.push(&entry);
        world.advance(&entry);
    }
    (world, recording)
}

fn load(bytes: &[u8]) -> Result<World<Zoo>, LoadError> {
    World::load(bytes, Options { storms: true }, Arc::new(Ground { friction: 0.9 }))
}

fn full_entry() -> TickEntry<Zoo> {
    let mut entry = TickEntry::new(300);
    entry.leaves.push((PlayerId(1), LeaveReason::Kicked));
    let profile = Profile { name: "Grace".to_owned(), bot: true, team: Team(2) };
    entry.joins.push((PlayerId(900), profile));
    entry.connections.push((PlayerId(2), Connection::Away));
    entry.connections.push((PlayerId(3), Connection::Online));
    entry.pings.push((PlayerId(2), 65_535));
    entry.replies.push(Reply { tick: 7, n: 1, command: Command::Rename("Rex".into()) });
    entry.commands.push((From::Backend, 0, Command::Feed));
    entry.commands.push((From::Player(PlayerId::NONE), u32::MAX, Command::Feed));
    entry.commands.push((From::Player(PlayerId(u16::MAX)), 4, Command::Feed));
    let input = Input { walk: Vec2::new(0.5, -1.0), hold: true, ..Input::default() };
    entry.inputs.push((PlayerId(2), input));
    entry
}

#[test]
fn a_loaded_world_is_the_one_that_was_saved() {
    let (world, _) = played(60);
    let loaded = load(&world.save()).unwrap();
    assert_eq!(loaded.hash(), world.hash());
    assert_eq!((loaded.tick(), loaded.seed()), (60, 5));
    assert_eq!(loaded.assets(), world.assets());
    let animal =
        |world: &World<Zoo>| world.state().animals.owned_by(PlayerId(2)).unwrap().1.clone();
    assert_eq!(animal(&loaded), animal(&world));
    assert!(!animal(&loaded).memory.is_empty(), "skipped fields are saved");
    assert_eq!(loaded.state().visits, world.state().visits);
}

#[test]
fn ids_count_on_after_a_load() {
    let (mut world, _) = played(10);
    let mut entry = world.next_entry();
    let last = world.state().animals.ids().last().copied().unwrap();
    entry.leaves.push((PlayerId(4), LeaveReason::Left));
    world.advance(&entry);
    let mut loaded = load(&world.save()).unwrap();
    let mut entry = loaded.next_entry();
    entry.joins.push((PlayerId(5), Profile::default()));
    loaded.advance(&entry);
    let newest = loaded.state().animals.ids().last().copied().unwrap();
    assert_eq!(newest.raw(), last.raw() + 1, "the id of the animal that left is not given again");
}

#[test]
fn a_recording_plays_again_to_the_same_hashes() {
    let (world, recording) = played(90);
    let again = Recording::<Zoo>::load(&recording.save()).unwrap();
    assert_eq!(again.len(), 90);
    let mut ticks = 0;
    let replayed = again.replay(&zoo::ASSETS, |_| ticks += 1).unwrap();
    assert_eq!((ticks, replayed.hash()), (90, world.hash()));
    assert!(again.replay(&(), |_| {}).is_err(), "an asset is missing");
}

#[test]
fn a_prior_is_learnt_from_recordings() {
    let (_, recording) = played(200);
    let learn = |ticks| prior::train(&[played(ticks).1, recording.clone()], &zoo::ASSETS).unwrap();
    let bytes = learn(90);
    assert_eq!(Prior::from_bytes(&bytes).unwrap().bytes(), bytes);
    assert_eq!(learn(90), bytes);
    assert_ne!(learn(60), bytes, "it is the recordings that decide");
    assert!(prior::train(std::slice::from_ref(&recording), &()).is_err(), "an asset is missing");

    // In place: a room's snapshots get smaller.
    let schema = World::<Zoo>::schema();
    let cost = |layout: Layout| {
        let mut encoder = StreamEncoder::new(Arc::new(layout));
        let mut out = Vec::new();
        let mut extract = Extract::default();
        recording
            .replay(&zoo::ASSETS, |world| {
                world.extract(&mut extract);
                encoder.advance(world.tick(), &extract.public, &mut out);
            })
            .unwrap();
        out.len()
    };
    let own = Prior::from_bytes(&bytes).unwrap();
    let (own, shipped) = (
        cost(Layout::with_prior(&schema, Level::Ranged, &own)),
        cost(Layout::coded(&schema, Level::Ranged)),
    );
    assert!(own < shipped, "{own} of {shipped} bytes");
}

#[test]
fn an_entry_comes_back_whole() {
    let mut bytes = Vec::new();
    full_entry().save(&mut bytes);
    let mut reader = ByteReader::new(&bytes);
    let loaded = TickEntry::<Zoo>::load(&mut reader).unwrap();
    assert!(reader.is_empty());
    let entry = full_entry();
    assert_eq!(loaded.tick, entry.tick);
    assert_eq!(loaded.leaves, entry.leaves);
    assert_eq!(loaded.joins, entry.joins);
    assert_eq!(loaded.connections, entry.connections);
    assert_eq!(loaded.pings, entry.pings);
    assert_eq!(loaded.replies, entry.replies);
    assert_eq!(loaded.commands, entry.commands);
    assert_eq!(loaded.inputs, entry.inputs);
}

#[test]
fn saves_of_others_are_refused() {
    let bytes = played(3).0.save();
    assert_eq!(load(&[]).err(), Some(LoadError::End));
    let mut other_format = bytes.clone();
    other_format[0] = 9;
    assert_eq!(load(&other_format).err(), Some(LoadError::Format(9)));
    let mut other_schema = bytes.clone();
    other_schema[3] ^= 1;
    assert!(matches!(load(&other_schema).err(), Some(LoadError::Schema { .. })));
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(load(&longer).err(), Some(LoadError::Trailing));
}

#[test]
fn every_truncation_is_refused() {
    let bytes = played(8).0.save();
    for len in 0..bytes.len() {
        assert!(load(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Damage is refused, or gives a world that can go on: it never panics.
    #[test]
    fn damaged_saves_do_no_harm(at in 20_usize..4_000, flip in 1_u8..=255) {
        let mut bytes = played(8).0.save();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        if let Ok(mut world) = load(&bytes) {
            prop_assert_eq!(load(&world.save()).unwrap().hash(), world.hash());
            if world.tick() < u32::MAX {
                world.advance(&world.next_entry());
            }
        }
    }

    #[test]
    fn random_bytes_are_no_entry_that_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(entry) = TickEntry::<Zoo>::load(&mut ByteReader::new(&bytes)) {
            let mut again = Vec::new();
            entry.save(&mut again);
            prop_assert!(TickEntry::<Zoo>::load(&mut ByteReader::new(&again)).is_ok());
        }
        prop_assert!(Recording::<Zoo>::load(&bytes).is_err() || !bytes.is_empty());
    }
}
