//! How a world goes from tick to tick: order, refusals, what it tells, what prediction sees.

#[path = "support/zoo.rs"]
mod zoo;

use tickwire_game::wire::columns::Extract;
use tickwire_game::{
    Connection, From, Guess, Id, LeaveReason, PlayerId, Profile, Replicate, Reply, Team, TickEntry,
    To, Vec2, View, Viewer, World, inputs, predict,
};
use zoo::{Animal, Command, Event, Input, MoreInput, Options, Zoo};

fn world() -> World<Zoo> {
    World::create(Options::default(), &zoo::ASSETS, 11).expect("a zoo opens")
}

fn profile(name: &str) -> Profile {
    Profile { name: name.to_owned(), ..Profile::default() }
}

fn world_with(players: &[u16]) -> World<Zoo> {
    let mut world = world();
    let mut entry = world.next_entry();
    entry.joins = players.iter().map(|id| (PlayerId(*id), profile("Ada"))).collect();
    let happenings = world.advance(&entry);
    assert!(happenings.refused_joins.is_empty());
    world
}

fn animal(world: &World<Zoo>, player: u16) -> &Animal {
    world.state().animals.owned_by(PlayerId(player)).expect("every player has one").1
}

#[test]
fn an_entry_is_applied_in_its_order() {
    let mut world = world_with(&[1, 2]);
    assert_eq!(world.tick(), 1);
    let mut entry = world.next_entry();
    // The seat that 1 leaves can be taken again in the same tick; the command of the new 1 counts.
    entry.joins.push((PlayerId(1), profile("Grace")));
    entry.leaves.push((PlayerId(1), LeaveReason::Left));
    entry.pings.push((PlayerId(1), 9_999));
    entry.connections.push((PlayerId(1), Connection::Away));
    entry.commands.push((From::Player(PlayerId(1)), 1, Command::Rename("Rex".into())));
    entry.replies.push(Reply { tick: 1, n: 0, command: Command::Feed });
    let happenings = world.advance(&entry);
    assert_eq!(world.tick(), 2);
    assert!(happenings.refused_joins.is_empty() && happenings.refused_commands.is_empty());
    let player = world.players().get(Id::new(1)).unwrap();
    assert_eq!((&*player.name, player.ping_ms, player.online), ("Grace", 4095, false));
    assert_eq!(animal(&world, 1).name, "Rex");
    assert!(animal(&world, 1).tame, "the game was told of the cut line");
    assert_eq!(world.state().weather.celsius, 30, "the back end's answer is its command");
}

#[test]
fn what_comes_from_strangers_is_refused_or_ignored() {
    let mut world = world_with(&[1]);
    let mut idle = world.clone();
    let mut entry = world.next_entry();
    for stranger in [0, 7, u16::MAX] {
        let stranger = PlayerId(stranger);
        entry.leaves.push((stranger, LeaveReason::Left));
        entry.connections.push((stranger, Connection::Away));
        entry.pings.push((stranger, 5));
        entry.commands.push((From::Player(stranger), 3, Command::Feed));
        entry.inputs.push((stranger, Input { jump: true, ..Input::default() }));
    }
    let happenings = world.advance(&entry);
    assert_eq!(happenings.refused_commands.len(), 3);
    assert_eq!(happenings.refused_commands[0].2.reason, "you have no seat in this room");
    idle.advance(&idle.next_entry());
    assert_eq!(world.hash(), idle.hash());
}

#[test]
fn seats_are_counted_and_taken_once() {
    let mut world = world_with(&[1, 2, 3, 4, 5]);
    let mut entry = world.next_entry();
    entry.joins = vec![
        (PlayerId(0), profile("nobody")),
        (PlayerId(3), profile("again")),
        (PlayerId(6), profile("wolf")),
        (PlayerId(7), profile("last")),
        (PlayerId(8), profile("late")),
    ];
    let refused = world.advance(&entry).refused_joins;
    let reasons: Vec<_> =
        refused.iter().map(|(player, refusal)| (player.0, refusal.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (0, "this seat is taken"),
            (3, "this seat is taken"),
            (6, "no wolves"),
            (8, "the room is full")
        ]
    );
    assert_eq!(
        world.players().ids().iter().map(|id| id.raw()).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 7]
    );
}

#[test]
fn teams_show_once_the_function_has_returned() {
    let world = world_with(&[1, 2]);
    let team = |id| world.players().get(Id::new(id)).unwrap().team;
    assert_eq!((team(1), team(2)), (Team(2), Team(1)));
}

#[test]
fn events_carry_the_tick_of_their_state() {
    let mut world = world_with(&[1]);
    let mut entry = world.next_entry();
    let more = MoreInput { bark: true, ..MoreInput::default() };
    entry.inputs.push((PlayerId(1), Input { more, ..Input::default() }));
    let happenings = world.advance(&entry);
    let [barked] = &happenings.events[..] else { panic!("one event") };
    assert_eq!((barked.tick, barked.to, barked.reliable), (world.tick(), To::Everyone, false));
    assert!(matches!(barked.event, Event::Barked { by: PlayerId(1), .. }));
    assert!(happenings.effects.is_empty(), "the one of `enter` went with its own tick");
}

#[test]
fn inputs_are_forced_into_sense_and_the_last_counts() {
    let walk = |x: f32| Input { walk: Vec2::new(x, 0.0), ..Input::default() };
    let run = |inputs: Vec<(PlayerId, Input)>| {
        let mut world = world_with(&[1]);
        let mut entry = world.next_entry();
        entry.inputs = inputs;
        world.advance(&entry);
        world.hash()
    };
    let me = PlayerId(1);
    assert_eq!(run(vec![(me, walk(50.0))]), run(vec![(me, walk(1.0))]));
    assert_eq!(run(vec![(me, walk(-1.0)), (me, walk(1.0))]), run(vec![(me, walk(1.0))]));
    assert_eq!(run(vec![(me, walk(f32::NAN))]), run(Vec::new()));
    assert_ne!(run(vec![(me, walk(1.0))]), run(Vec::new()));
}

#[test]
#[should_panic(expected = "an entry of another tick")]
fn a_gap_is_not_played() {
    world().advance(&TickEntry::new(2));
}

#[test]
fn a_client_predicts_what_the_server_computes() {
    let mut world = world_with(&[1, 2]);
    let mut entry = world.next_entry();
    let mut input = Input { walk: Vec2::new(0.3, -0.7), jump: true, ..Input::default() };
    input.more.look = 2.0;
    entry.inputs.push((PlayerId(1), input.clone()));

    let mut sent = Extract::default();
    world.extract(&mut sent);
    let mut theirs = zoo::State::from_columns(&sent, 1);
    let players = predict::players_of(&sent);
    inputs::settle::<Zoo>(&mut input);
    let guess: Guess<'_, Zoo> =
        Guess { tick: 2, tick_hz: 30, fixed: &**world.fixed(), players: &players };
    guess.step(&mut theirs, PlayerId(1), &input);

    world.advance(&entry);
    let (_, guessed) = theirs.animals.owned_by(PlayerId(1)).unwrap();
    let real = animal(&world, 1);
    assert_eq!(
        (guessed.pos, guessed.vel, guessed.heading, guessed.height),
        (real.pos, real.vel, real.heading, real.height)
    );
    assert_ne!(real.pos, Vec2::ZERO);
    assert!(real.height > 1.5, "shared dice fell alike on both sides");
}

#[test]
fn views_only_add() {
    let world = world_with(&[1]);
    let (id, animal) = world.state().animals.owned_by(PlayerId(1)).unwrap();
    let view = world.view(Viewer::Player(PlayerId(1)));
    assert!(!view.is_everything());
    assert_eq!(view.areas()[0].middle, animal.pos);
    assert_eq!(view.rows()[0].id, id.raw());
    assert!(view.rows()[0].row_type.ends_with("::Animal"));
    assert!(world.view(Viewer::Spectator).is_everything());

    let mut many = View::new();
    (0..1_000).for_each(|_| {
        many.near(Vec2::ZERO, 1.0);
        many.also(id);
        many.also(Id::<Animal>::NONE);
    });
    assert!(many.areas().len() <= 8 && many.rows().len() <= 64, "a view stays small");
}

#[test]
fn a_room_opens_with_its_assets_or_not_at_all() {
    let refusal = World::<Zoo>::create(Options::default(), &(), 1).err().unwrap();
    assert_eq!(refusal.reason, "there is no asset `ground.txt`");
    let loaded = world();
    assert_eq!(loaded.assets().len(), 1);
    assert_eq!(loaded.assets()[0].path, "ground.txt");
}
