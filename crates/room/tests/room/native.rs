//! The native client's session against a room, over a line with delay and cuts.

use std::collections::VecDeque;

use tickwire_client::session::{ClientEvent, InputMode, Options as ClientOptions, Session};
use tickwire_game::{ColumnReader, Dice, Level, Profile, Wire};
use tickwire_room::{AnyRoom, ConnId, Delivery, Outgoing, Room, RoomConfig};

use crate::harness::{START_US, config};
use crate::yard::{Command, Event, Input, Options, Yard};

const STEP_US: u64 = 1_000;

/// A message on its way, and when it arrives.
type OnTheWay = VecDeque<(u64, Vec<u8>)>;

/// One client at the end of its line.
struct Line {
    session: Session,
    conn: ConnId,
    delay_us: u64,
    up: OnTheWay,
    down: OnTheWay,
    heard: Vec<u32>,
    dice: Dice,
}

struct World {
    room: Room<Yard>,
    lines: Vec<Line>,
    now_us: u64,
    conns: u64,
}

impl Line {
    /// Later messages never overtake earlier ones.
    fn arrival_us(way: &OnTheWay, dice: &mut Dice, now_us: u64, delay_us: u64) -> u64 {
        let jitter_us = u64::from(dice.below(delay_us as u32 / 4 + 1));
        way.back().map_or(0, |(at_us, _)| *at_us).max(now_us + delay_us + jitter_us)
    }

    fn send(&mut self, now_us: u64, bytes: Vec<u8>) {
        let at_us = Self::arrival_us(&self.up, &mut self.dice, now_us, self.delay_us);
        self.up.push_back((at_us, bytes));
    }

    fn play(&mut self, now_us: u64) {
        while let Some((_, bytes)) = self.down.pop_front_if(|(at_us, _)| *at_us <= now_us) {
            self.session.receive(now_us, &bytes).unwrap();
        }
        while let Some(event) = self.session.poll_event() {
            match event {
                ClientEvent::Event { columns, .. } => {
                    if let Event::Rung { n } = Event::get(&mut ColumnReader::new(&columns)) {
                        self.heard.push(n);
                    }
                }
                ClientEvent::Desync { .. } => panic!("a desync"),
                _ => {}
            }
        }
        while let Some(number) = self.session.due_input(now_us) {
            let x = self.dice.below(9) as i8 - 4;
            let mut columns = Vec::new();
            Input { x, y: -x, jump: self.dice.chance(0.1) }.put(&mut columns);
            self.session.queue_input(number, &columns).unwrap();
        }
        while let Some(bytes) = self.session.take_outgoing(now_us) {
            self.send(now_us, bytes);
        }
    }
}

impl World {
    fn new(modes: &[(InputMode, u64)]) -> Self {
        Self::coded(None, modes)
    }

    /// A room whose streams are coded at `level`, and a client of each mode so many µs away.
    fn coded(level: Option<Level>, modes: &[(InputMode, u64)]) -> Self {
        let options =
            Options { crumbs: 40, wander: true, cell_size: Some(32.0), ..Options::default() };
        let config = RoomConfig { bots: 6, level, ..config() };
        let mut world = Self {
            room: Room::open(options, &(), config, START_US).unwrap(),
            lines: Vec::new(),
            now_us: START_US,
            conns: 0,
        };
        for &(input_mode, delay_us) in modes {
            let seat = world.room.reserve(START_US, Profile::default()).unwrap();
            let options = ClientOptions { input_mode, verify: true, client: "test".into() };
            world.lines.push(Line {
                session: Session::new(seat.ticket, options),
                conn: ConnId(0),
                delay_us,
                up: VecDeque::new(),
                down: VecDeque::new(),
                heard: Vec::new(),
                dice: Dice::new(delay_us, 0, 0),
            });
            world.connect(world.lines.len() - 1);
        }
        world
    }

    fn connect(&mut self, index: usize) {
        self.conns += 1;
        let line = &mut self.lines[index];
        line.conn = ConnId(self.conns);
        self.room.connect(self.now_us, line.conn);
        let hello = line.session.hello(self.now_us);
        line.send(self.now_us, hello);
    }

    /// The line is cut: what is on the way in either direction is lost.
    fn cut(&mut self, index: usize) {
        let line = &mut self.lines[index];
        self.room.disconnect(self.now_us, line.conn);
        line.session.disconnected();
        line.up.clear();
        line.down.clear();
    }

    fn run(&mut self, us: u64) {
        let end_us = self.now_us + us;
        while self.now_us < end_us {
            self.now_us += STEP_US;
            self.step();
        }
    }

    fn step(&mut self) {
        let Self { room, lines, now_us, .. } = self;
        let now_us = *now_us;
        for line in lines.iter_mut() {
            while let Some((_, bytes)) = line.up.pop_front_if(|(at_us, _)| *at_us <= now_us) {
                room.receive(now_us, line.conn, &bytes);
            }
        }
        if now_us >= room.next_tick_us() {
            room.tick(now_us);
            room.encode(now_us);
        }
        room.release(&mut |conn, outgoing| {
            let Some(line) = lines.iter_mut().find(|line| line.conn == conn) else {
                return Delivery::Queued;
            };
            let bytes = match outgoing {
                Outgoing::Snapshot { own, shared } => [own, shared].concat(),
                Outgoing::Message(bytes) => bytes.to_vec(),
                Outgoing::Close(close) => panic!("closed: {close}"),
            };
            let at_us = Line::arrival_us(&line.down, &mut line.dice, now_us, line.delay_us);
            line.down.push_back((at_us, bytes));
            Delivery::Queued
        });
        for line in lines.iter_mut() {
            line.play(now_us);
        }
    }
}

fn ring(line: &mut Line, n: u32) {
    let mut columns = Vec::new();
    Command::Ring { n }.put(&mut columns);
    line.session.command(&columns).unwrap();
}

#[test]
fn sessions_follow_the_room_and_their_inputs_come_in_time() {
    use InputMode::{Latest, Scheduled};
    let mut world = World::new(&[(Scheduled, 1_000), (Scheduled, 60_000), (Latest, 30_000)]);
    world.run(4_000_000);
    let before: Vec<_> = world.lines.iter().map(|line| *line.session.stats()).collect();
    world.run(10_000_000);
    for (line, before) in world.lines.iter().zip(before) {
        let stats = line.session.stats();
        assert_eq!((stats.desyncs, stats.connections), (0, 1));
        assert_eq!(stats.snapshots_verified, stats.snapshots);
        assert!(stats.snapshots - before.snapshots > 290);
        assert_eq!(stats.late_inputs, before.late_inputs, "{} us away", line.delay_us);
        let starved = stats.starved_ticks - before.starved_ticks;
        let is_scheduled = line.session.welcome().unwrap().input_mode == Scheduled;
        assert!(!is_scheduled || starved == 0, "{starved} starved, {} us away", line.delay_us);
        assert!(line.session.acked_input().unwrap() > 300);
    }
}

#[test]
fn rooms_of_every_level_are_followed_also_over_cuts() {
    for level in [None, Some(Level::Packed), Some(Level::Ranged), Some(Level::RangedMax)] {
        let mut world = World::coded(level, &[(InputMode::Scheduled, 20_000)]);
        assert_eq!(world.room.info().level, level.unwrap_or(Level::Ranged));
        world.run(3_000_000);
        world.cut(0);
        world.run(300_000);
        world.connect(0);
        world.run(3_000_000);
        let session = &world.lines[0].session;
        assert_eq!(session.welcome().unwrap().level, world.room.info().level);
        let stats = session.stats();
        assert_eq!((stats.desyncs, stats.connections), (0, 2));
        assert!(stats.snapshots > 160, "{}", stats.snapshots);
        assert_eq!(stats.snapshots_verified, stats.snapshots);
    }
}

#[test]
fn commands_and_events_are_neither_lost_nor_doubled_over_cuts() {
    let mut world = World::new(&[(InputMode::Scheduled, 40_000), (InputMode::Scheduled, 5_000)]);
    world.run(1_000_000);
    let mut dice = Dice::new(4, 0, 0);
    let mut sent = Vec::new();
    for n in 1..=120 {
        if world.lines[0].session.unacknowledged() < 60 {
            ring(&mut world.lines[0], n);
            sent.push(n);
        }
        world.run(u64::from(dice.below(200_000)));
        if dice.chance(0.15) {
            let index = dice.below(2) as usize;
            world.cut(index);
            world.run(u64::from(dice.below(3_000_000)));
            world.connect(index);
        }
    }
    world.run(2_000_000);
    assert!(world.room.counters().resumes > 10);
    assert_eq!(world.room.world().state().bell.rung, sent.iter().sum::<u32>());
    for line in &world.lines {
        assert_eq!(line.heard, sent);
        assert_eq!(line.session.stats().desyncs, 0);
    }
}
