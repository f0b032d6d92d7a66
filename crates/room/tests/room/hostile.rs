//! Whatever bytes come, in whatever state: nothing panics, and nobody else notices.

use proptest::prelude::*;
use tickwire_room::{AnyRoom, ConnId, RoomConfig};
use tickwire_wire::message::{Auth, ClientMessage, encode_client_reliable, encode_ping};

use crate::harness::{Table, config};
use crate::probe::command_bytes;
use crate::yard::{Command, Input, Options};

/// What a hostile client does.
#[derive(Clone, Debug)]
enum Act {
    /// Opens a connection and says nothing.
    Connect,
    /// Takes a seat as it should.
    Join,
    /// Sends these bytes on one of its connections.
    Raw(usize, Vec<u8>),
    /// Sends a proper message, with some bytes changed, on one of its connections.
    Bent {
        conn: usize,
        message: usize,
        flips: Vec<(usize, u8)>,
        cut: Option<usize>,
    },
    /// Cuts one of its connections.
    Cut(usize),
    /// Takes up the seat of one of its connections.
    Resume(usize),
    /// One of its sockets takes nothing from now on.
    Stall(usize),
    Tick(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = prop::collection::vec(any::<u8>(), 0..80);
    let kinds = prop::sample::select(vec![0x01_u8, 0x02, 0x03, 0x04, 0x00, 0x81]);
    let with_kind = (kinds, bytes.clone()).prop_map(|(kind, mut bytes)| {
        bytes.insert(0, kind);
        bytes
    });
    let flips = prop::collection::vec((0..200_usize, any::<u8>()), 0..4);
    prop_oneof![
        1 => Just(Act::Connect),
        2 => Just(Act::Join),
        2 => (any::<usize>(), bytes).prop_map(|(conn, bytes)| Act::Raw(conn, bytes)),
        4 => (any::<usize>(), with_kind).prop_map(|(conn, bytes)| Act::Raw(conn, bytes)),
        8 => (any::<usize>(), 0..8_usize, flips, prop::option::weighted(0.2, 0..60_usize)).prop_map(
            |(conn, message, flips, cut)| Act::Bent { conn, message, flips, cut }
        ),
        1 => any::<usize>().prop_map(Act::Cut),
        1 => any::<usize>().prop_map(Act::Resume),
        1 => any::<usize>().prop_map(Act::Stall),
        3 => (0..20_u8).prop_map(Act::Tick),
    ]
}

/// A message as a proper client would send it.
fn proper(table: &Table, conn: ConnId, which: usize) -> Vec<u8> {
    let probe = table.probe(conn);
    let first = table.tick_now() + 1;
    let mut bytes = Vec::new();
    let body = match which {
        0 => return probe.hello_bytes(),
        1 => return probe.inputs(first, &[Input { x: 4, y: 4, jump: true }; 15]),
        2 => return probe.inputs(first, &[Input::default()]),
        3 => return encode_ping([1, 2, 3, 4]).to_vec(),
        4 => ClientMessage::Command(command_bytes(&Command::Ring { n: 1 })),
        5 => ClientMessage::Command(command_bytes(&Command::Whisper { n: 40 })),
        6 => ClientMessage::Chat("hello".into()),
        _ => ClientMessage::Leave,
    };
    encode_client_reliable(probe.next_seq, &body, &mut bytes);
    bytes
}

fn bend(mut bytes: Vec<u8>, flips: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    for &(at, mask) in flips {
        let len = bytes.len();
        bytes[at % len] ^= mask;
    }
    bytes.truncate(cut.unwrap_or(usize::MAX));
    bytes
}

fn perform(table: &mut Table, mine: &mut Vec<ConnId>, act: &Act) {
    let pick = |mine: &[ConnId], index: &usize| (!mine.is_empty()).then(|| index % mine.len());
    match act {
        Act::Connect => mine.push(table.connect(Auth::Ticket("x".into()))),
        Act::Join => {
            let profile =
                tickwire_game::Profile { name: "\u{0}\u{202e}x".repeat(40), ..Default::default() };
            let now_us = table.now_us;
            if let Ok(seat) = table.room.reserve(now_us, profile) {
                let conn = table.connect(Auth::Ticket(seat.ticket));
                table.hello(conn);
                mine.push(conn);
            }
        }
        Act::Raw(index, bytes) => {
            if let Some(at) = pick(mine, index) {
                table.send(mine[at], bytes);
            }
        }
        Act::Bent { conn, message, flips, cut } => {
            if let Some(at) = pick(mine, conn) {
                let bytes = bend(proper(table, mine[at], *message), flips, *cut);
                if *message >= 4 {
                    table.probe_mut(mine[at]).next_seq += 1;
                }
                table.send(mine[at], &bytes);
            }
        }
        Act::Cut(index) => {
            if let Some(at) = pick(mine, index) {
                table.cut(mine[at]);
            }
        }
        Act::Resume(index) => {
            if let Some(at) = pick(mine, index)
                && table.probe(mine[at]).welcome.is_some()
            {
                table.stuck.remove(&mine[at]);
                let conn = table.resume(mine[at]);
                mine.push(conn);
            }
        }
        Act::Stall(index) => {
            if let Some(at) = pick(mine, index) {
                table.stuck.insert(mine[at]);
            }
        }
        Act::Tick(count) => table.ticks(usize::from(*count)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn hostile_clients_disturb_nobody(acts in prop::collection::vec(act(), 1..80)) {
        let options = Options { crumbs: 8, wander: true, seats: 12, ..Options::default() };
        let mut table = Table::with(options, RoomConfig { bots: 4, record: true, ..config() });
        let witness = table.join("witness");
        table.tick();
        let mut mine = Vec::new();
        for act in &acts {
            perform(&mut table, &mut mine, act);
            // The witness goes on as always: acknowledges, and plays.
            let first = table.tick_now() + 1;
            table.inputs(witness, first, &[Input { x: 1, ..Input::default() }]);
            table.tick();
            let probe = table.probe(witness);
            prop_assert_eq!(probe.newest().tick, table.tick_now());
            prop_assert!(probe.close.is_none());
        }
        let mut extract = tickwire_wire::columns::Extract::default();
        table.room.world().extract(&mut extract);
        prop_assert_eq!(table.probe(witness).merged(), extract.public);
        let info = table.room.info();
        prop_assert!(info.players <= info.seats && info.bots <= 4);
        let bytes = table.room.recording().unwrap();
        let recording = tickwire_game::Recording::<crate::yard::Yard>::load(&bytes).unwrap();
        let world = recording.replay(&(), |_| {}).unwrap();
        prop_assert_eq!(world.hash(), table.room.world().hash());
    }
}
