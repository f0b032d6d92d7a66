//! Own rows ahead of the server: equal to the bit when nothing interferes, mended softly when something does.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_client::predictor::Predictor;
use tickwire_client::session::{ClientEvent, InputMode, Options, Session};
use tickwire_client::typed;

use crate::rink::{Input, Options as RinkOptions, Rink};
use crate::server::{ME, Server, TICK_US, columns_of};

/// Index of `pucks` in the schema, and of its field `pos`.
const PUCKS: usize = 1;
const POS: usize = 1;

struct Game {
    session: Session,
    server: Server,
    predictor: Predictor<Rink>,
    /// Messages under way to the client: arrival time and bytes.
    down: VecDeque<(u64, Vec<u8>)>,
    /// Messages under way to the server.
    up: VecDeque<(u64, Vec<u8>)>,
    delay_us: u64,
    /// Own position as predicted for each input's tick.
    predicted: Vec<(u32, tickwire_game::Vec2)>,
    /// Own position as the server computed it.
    truth: Vec<(u32, tickwire_game::Vec2)>,
    /// Greatest change of the drawn position within one tick, in metres.
    jump: f64,
    drawn: Option<[f64; 3]>,
}

impl Game {
    fn new(options: RinkOptions, input_mode: InputMode, delay_us: u64) -> Self {
        let mut server = Server::new(options);
        let mut session = Session::new("t", Options { input_mode, ..Options::default() });
        let hello = session.hello(0);
        for message in server.connect(&hello) {
            session.receive(2 * delay_us, &message).unwrap();
        }
        let welcome = session.welcome().unwrap();
        let mut assets = typed::FetchedAssets::default();
        assets.insert("maps/ice.json", *b"{}");
        let fixed = Arc::new(typed::fixed::<Rink>(welcome, &assets).unwrap());
        let predictor = Predictor::new(welcome, session.schema().unwrap(), fixed);
        Self {
            session,
            server,
            predictor,
            down: VecDeque::new(),
            up: VecDeque::new(),
            delay_us,
            predicted: Vec::new(),
            truth: Vec::new(),
            jump: 0.0,
            drawn: None,
        }
    }

    fn run(&mut self, ticks: u32) {
        let end = self.server.world.tick() + ticks;
        while self.server.world.tick() < end {
            let tick_us = u64::from(self.server.world.tick() + 1) * TICK_US;
            for now_us in (tick_us - TICK_US..tick_us).step_by(500) {
                self.client(now_us);
                while self.up.front().is_some_and(|(at, _)| *at <= now_us) {
                    let (at_us, message) = self.up.pop_front().unwrap();
                    self.server.receive(at_us, &message);
                }
            }
            for message in self.server.tick(tick_us) {
                self.down.push_back((tick_us + self.delay_us, message));
            }
            let pos = self.server.world.state().pucks.owned_by(ME).unwrap().1.pos;
            self.truth.push((self.server.world.tick(), pos));
        }
    }

    fn client(&mut self, now_us: u64) {
        while self.down.front().is_some_and(|(at, _)| *at <= now_us) {
            let (at_us, message) = self.down.pop_front().unwrap();
            self.session.receive(at_us, &message).unwrap();
            while let Some(event) = self.session.poll_event() {
                if let ClientEvent::Snapshot(info) = event {
                    let state = self.session.state().unwrap();
                    self.predictor.confirm(at_us, info.tick, info.acked_input, state);
                }
            }
        }
        if let Some(number) = self.session.due_input(now_us) {
            let input = Input {
                x: if number % 40 < 20 { 1 } else { -1 },
                y: if number % 30 < 15 { 1 } else { 0 },
                jump: number % 25 == 0,
            };
            self.session.queue_input(number, &columns_of(&input)).unwrap();
            self.predictor.input(number, &input);
            if let Some(state) = self.predictor.state() {
                let pos = state.pucks.owned_by(ME).unwrap().1.pos;
                self.predicted.push((number, pos));
                self.watch(now_us);
            }
        }
        while let Some(message) = self.session.take_outgoing(now_us) {
            self.up.push_back((now_us + self.delay_us, message));
        }
    }

    /// Notes how far the drawn position moved since the last tick.
    fn watch(&mut self, now_us: u64) {
        let id = self.predictor.state().unwrap().pucks.owned_by(ME).unwrap().0;
        let drawn = self.predictor.numbers(now_us, 1.0, PUCKS, id.raw(), POS).unwrap();
        if let Some(before) = self.drawn.replace(drawn) {
            let moved = (drawn[0] - before[0]).hypot(drawn[1] - before[1]);
            self.jump = self.jump.max(moved);
        }
    }
}

#[test]
fn predicted_positions_are_the_servers_to_the_bit() {
    for delay_us in [1_000, 40_000, 120_000] {
        let mut game = Game::new(RinkOptions::default(), InputMode::Scheduled, delay_us);
        game.run(60);
        let before = game.predictor.mispredictions();
        game.predicted.clear();
        game.run(600);
        assert_eq!(game.predictor.mispredictions(), before, "delay {delay_us} µs");
        let compared = game
            .predicted
            .iter()
            .filter_map(|(tick, pos)| {
                let truth = game.truth.iter().find(|(other, _)| other == tick)?;
                assert_eq!(truth.1, *pos, "tick {tick}, delay {delay_us} µs");
                Some(())
            })
            .count();
        assert!(compared > 550, "{compared}");
        let ahead = game.predictor.ahead() as u64;
        assert!(ahead <= 2 * delay_us / TICK_US + 3, "{ahead} inputs ahead");
    }
}

#[test]
fn in_latest_mode_a_quiet_line_is_predicted_too() {
    let mut game = Game::new(RinkOptions::default(), InputMode::Latest, 40_000);
    game.run(60);
    let before = game.predictor.mispredictions();
    game.run(300);
    let mispredicted = game.predictor.mispredictions() - before;
    assert!(mispredicted <= 3, "{mispredicted} in 300 ticks");
}

#[test]
fn what_the_server_alone_decides_is_counted_and_mended_without_a_jump() {
    let options = RinkOptions { gust_every: 50 };
    let mut game = Game::new(options, InputMode::Scheduled, 80_000);
    game.run(60);
    let before = game.predictor.mispredictions();
    game.jump = 0.0;
    game.run(500);
    let gusts = game.predictor.mispredictions() - before;
    // A gust is noticed at its tick; what follows is predicted on top of it.
    assert_eq!(gusts, 10);
    // Top speed is below 8 m/s: 0.27 m a tick. A gust alone would make the picture jump by 0.4 m more.
    assert!(game.jump < 0.45, "drawn position moved {} m in a tick", game.jump);
}

#[test]
fn nothing_is_predicted_before_the_first_snapshot_and_memory_is_bounded() {
    let mut game = Game::new(RinkOptions::default(), InputMode::Scheduled, 1_000);
    for number in 10..1_000 {
        game.predictor.input(number, &Input::default());
    }
    assert!(game.predictor.state().is_none());
    assert!(game.predictor.ahead() <= 256);
    game.predictor.input(u32::MAX, &Input::default());
    assert!(game.predictor.ahead() <= 256);
}
