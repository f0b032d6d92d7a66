//! The native client and the bots over real sockets, against the real server in this process.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its verdict")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use tickwire_client::play::{Options, Play, PlayError, Update};
use tickwire_client::predictor::Predictor;
use tickwire_client::rest::Api;
use tickwire_client::session::Options as SessionOptions;
use tickwire_game::{Dice, Game};
use tickwire_server::{Config, Running, Server};
use tickwire_sim::args::Args;
use tickwire_sim::games;
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::messages::Command;

/// A server with the room `skirmish` and four bots in it.
fn server(address: &str) -> Running {
    let mut config = Config { listen: address.parse().unwrap(), ..Config::default() };
    config.room.bots = 4;
    config.shutdown.linger_ms = 0;
    config.shutdown.retry_after_ms = 100;
    Server::new(config).game::<Skirmish>().start().unwrap()
}

fn api(address: SocketAddr) -> Api {
    Api::new(&format!("http://{address}")).unwrap()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(30), work).await.expect("within 30 s")
    })
}

async fn seat(api: &Api) -> Play<Skirmish> {
    let session = SessionOptions { verify: true, ..SessionOptions::default() };
    let options = Options { session, ..Options::default() };
    Play::join(api, "skirmish", "Ada", options).await.unwrap()
}

/// Plays until `done` says so, with inputs like a bot's.
async fn play_until(
    play: &mut Play<Skirmish>,
    mut done: impl FnMut(&Play<Skirmish>, &Update<Skirmish>) -> bool,
) -> Result<(), PlayError> {
    loop {
        let update = play.next().await?;
        if let Update::Input(number) = update
            && let Some(state) = play.state()
        {
            let mut dice = Dice::new(1, number, 1);
            let fixed = play.fixed().unwrap();
            let input = Skirmish::bot(&state, play.me(), fixed, &mut dice);
            play.input(number, &input)?;
        }
        if done(play, &update) {
            return Ok(());
        }
    }
}

fn snapshots(count: u64) -> impl FnMut(&Play<Skirmish>, &Update<Skirmish>) -> bool {
    move |play, _| play.stats().snapshots >= count
}

#[test]
fn a_seat_is_played_with_prediction_and_interpolation() {
    let running = server("127.0.0.1:0");
    let api = api(running.addr());
    block_on(async {
        let mut play = seat(&api).await;
        let mut ahead = 0;
        play_until(&mut play, |play, _| {
            ahead = ahead.max(play.predictor().map_or(0, Predictor::ahead));
            play.stats().snapshots >= 90
        })
        .await
        .unwrap();
        let stats = *play.stats();
        assert_eq!((stats.snapshots, stats.snapshots_verified, stats.desyncs), (90, 90, 0));
        let me = play.me();
        let predictor = play.predictor().unwrap();
        assert!(predictor.state().unwrap().avatar(me).is_some());
        assert!((1..=5).contains(&ahead), "{ahead} inputs ahead of the server");
        // A respawn or a bump into someone is not foreseen; walking is.
        assert!(predictor.mispredictions() < 15, "{}", predictor.mispredictions());
        let drawn = play.clock().unwrap().drawn(play.now_us());
        let sample = play.interpolator().unwrap().sample(drawn).unwrap();
        let newest = play.session().tick().unwrap();
        let from = sample.from_tick();
        assert!(from < newest && from + 6 > newest, "drawn from {from}, newest {newest}");
        // Server-side bots fill the room up to four players, this one included.
        assert_eq!(sample.held().tables[0].len(), 4);

        play.command(&Command::Colour { hue: 9 }).unwrap();
        let dressed = |play: &Play<Skirmish>, _: &Update<Skirmish>| {
            play.state().unwrap().avatar(me).unwrap().hue == 9
        };
        play_until(&mut play, dressed).await.unwrap();
        let room = api.room("skirmish").await.unwrap();
        assert_eq!((room.players, room.clients), (1, 1));
        play.leave().await;
        // The list of rooms is as of the last tick.
        let mut room = api.room("skirmish").await.unwrap();
        for _ in 0..100 {
            if room.players == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            room = api.room("skirmish").await.unwrap();
        }
        assert_eq!((room.players, room.clients), (0, 0));
    });
    running.stop().unwrap();
}

#[test]
fn after_a_cut_the_seat_is_resumed_and_commands_arrive_once() {
    let running = server("127.0.0.1:0");
    let api = api(running.addr());
    block_on(async {
        let mut play = seat(&api).await;
        play_until(&mut play, snapshots(20)).await.unwrap();
        let me = play.me();
        play.cut();
        play.command(&Command::Colour { hue: 5 }).unwrap();
        let mut resumed = false;
        play_until(&mut play, |_, update| {
            resumed |= matches!(update, Update::Welcome { resumed: true });
            resumed
        })
        .await
        .unwrap();
        let before = play.stats().snapshots;
        play_until(&mut play, snapshots(before + 10)).await.unwrap();
        assert_eq!(play.me(), me);
        assert_eq!(play.stats().connections, 2);
        assert_eq!(play.stats().desyncs, 0);
        assert_eq!(play.state().unwrap().avatar(me).unwrap().hue, 5);
        assert_eq!(play.session().unacknowledged(), 0);
        play.leave().await;
    });
    running.stop().unwrap();
}

#[test]
fn a_server_that_has_forgotten_the_seat_gives_another() {
    let running = server("127.0.0.1:0");
    let address = running.addr();
    let api = api(address);
    // The client's sockets belong to one runtime, which outlives both servers.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut play = runtime.block_on(seat(&api));
    runtime.block_on(play_until(&mut play, snapshots(10))).unwrap();
    running.stop().unwrap();
    // Its tickets are signed with another key.
    let running = server(&address.to_string());
    let mut reconnecting = 0;
    let mut welcomes = Vec::new();
    let done = |play: &Play<Skirmish>, update: &Update<Skirmish>| {
        match update {
            Update::Reconnecting { .. } => reconnecting += 1,
            Update::Welcome { resumed } => welcomes.push(*resumed),
            _ => {}
        }
        !welcomes.is_empty() && play.session().tick().is_some_and(|tick| tick > 5)
    };
    runtime.block_on(async {
        let playing = play_until(&mut play, done);
        tokio::time::timeout(Duration::from_secs(20), playing).await.unwrap().unwrap();
    });
    assert_eq!(welcomes, [false], "a new seat, not the old one");
    // At least: told to come back (1012), then refused the token (4001).
    assert!(reconnecting >= 2, "{reconnecting}");
    assert!(play.predictor().unwrap().state().is_some());
    runtime.block_on(play.leave());
    running.stop().unwrap();
}

#[test]
fn what_the_server_refuses_is_an_error_that_says_why() {
    let running = server("127.0.0.1:0");
    let api = api(running.addr());
    block_on(async {
        let error = Play::<Skirmish>::join(&api, "nowhere", "Ada", Options::default()).await;
        let Err(PlayError::Api(error)) = error else { panic!("there is no such room") };
        assert_eq!(error.code(), Some("room_not_found"));
        assert_eq!(api.rooms(Some("skirmish")).await.unwrap().len(), 1);
        assert!(api.rooms(Some("chess")).await.unwrap_or_default().is_empty());
        assert!(api.asset("maps/depot.json").await.unwrap().len() > 1000);
        assert!(api.asset("maps/../Cargo.toml").await.is_err());
    });
    running.stop().unwrap();
}

#[test]
fn bots_fill_their_rooms_and_report() {
    let running = server("127.0.0.1:0");
    let url = format!("http://{}", running.addr());
    let line =
        ["bots", "--url", &url, "--rooms", "2", "--per-room", "4", "--seconds", "4", "--seed", "3"];
    let args = Arc::new(Args::try_parse_from(line).unwrap());
    let mut seconds = 0;
    let report = block_on(games::play(&args, &mut |progress| {
        seconds = seconds.max(progress.played_s.unwrap_or(0));
        assert!(progress.clients <= progress.of);
    }))
    .unwrap();
    assert!(report.passed(), "{report}\n{:?}", report.troubles);
    assert_eq!((report.clients, report.rooms, report.tick_hz, seconds), (8, 2, 30, 4));
    assert!(report.snapshots >= 8 * 110, "{report}");
    // Nothing changes before the first bot moves: on a slow machine a few snapshots have no state.
    assert!((4.9..=5.0).contains(&report.verify_bytes_mean), "{report}");
    assert!(report.input_to_state_ms.p50 > 0.0 && report.shots_per_player_min > 0.0, "{report}");
    running.stop().unwrap();
}

#[test]
fn bots_say_what_to_do_when_they_cannot_play() {
    let running = server("127.0.0.1:0");
    let url = format!("http://{}", running.addr());
    let fails = |line: &[&str]| {
        let args = Args::try_parse_from(line).unwrap();
        block_on(games::play(&args, &mut |_| {})).unwrap_err().to_string()
    };
    let error = fails(&["bots", "--url", &url, "--per-room", "99"]);
    assert!(error.contains("use --per-room 16 or less"), "{error}");
    let error = fails(&["bots", "--url", &url, "--game", "chess"]);
    assert!(error.contains("skirmish"), "{error}");
    running.stop().unwrap();
    let error = fails(&["bots", "--url", &url]);
    assert!(error.contains("not reachable") && error.contains("cargo run --release"), "{error}");
}
