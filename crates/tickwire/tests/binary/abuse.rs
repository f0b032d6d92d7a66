//! Whatever one client sends, it gets its own clear answer, and the match does not notice.

use std::io::Write as _;
use std::net::{Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use tickwire_skirmish::Skirmish;
use tickwire_wire::message::{
    Auth, ClientMessage, Hello, InputMode, PROTOCOL_VERSION, encode_client_reliable, encode_hello,
};
use tickwire_wire::websocket::Opcode;

use super::start;
use crate::good::Good;
use crate::raw::{Socket, connect, exchange, frame, metric, post, read_answer, upgrade_request};

/// How long a ticket is good, and a little more.
const TICKET_LIFE: Duration = Duration::from_millis(15_200);

fn ticket(address: SocketAddr, room: &str) -> String {
    let seat = post(address, &format!("/v1/rooms/{room}/join"), r#"{"name":"Mallory"}"#);
    assert_eq!(seat.status, 200, "{seat:?}");
    seat.json()["ticket"].as_str().unwrap().to_owned()
}

fn hello(protocol: u16, auth: Auth) -> Vec<u8> {
    let hello = Hello {
        protocol,
        auth,
        input_mode: InputMode::Latest,
        verify: false,
        schema_hash: None,
        prior_hash: None,
        last_tick: None,
        reliable_received: 0,
        epoch_seen: 0,
        client: "test".into(),
    };
    let mut message = Vec::new();
    encode_hello(&hello, &mut message);
    message
}

/// Sends one message and gives the close that it earns.
fn answer_to(address: SocketAddr, room: &str, message: &[u8]) -> (u16, String) {
    let mut socket = Socket::open(address, room);
    socket.say(message);
    socket.close()
}

/// A seat that plays.
fn seated(address: SocketAddr, room: &str) -> Socket {
    let mut socket = Socket::open(address, room);
    socket.say(&hello(PROTOCOL_VERSION, Auth::Ticket(ticket(address, room))));
    assert_eq!(socket.message()[0], tickwire_wire::message::WELCOME);
    socket
}

#[test]
fn each_abuse_has_its_own_answer_and_the_match_does_not_notice() {
    let _alone = crate::ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let program = start(&[]);
    let address = program.address;
    let old_ticket = ticket(address, "skirmish");
    let joined = Instant::now();
    let good = Good::join::<Skirmish>(address, "skirmish");

    tickets_and_versions(address);
    malformed_messages(address);
    raw_bytes(address);

    // Time is what makes a ticket old; the match has gone on all the while.
    std::thread::sleep(TICKET_LIFE.saturating_sub(joined.elapsed()));
    let (code, reason) =
        answer_to(address, "skirmish", &hello(PROTOCOL_VERSION, Auth::Ticket(old_ticket)));
    assert_eq!(code, 4001, "{reason}");
    assert!(reason.contains("expired"), "{reason}");

    good.play_on(10);
    let report = good.leave();
    assert_eq!(report.close, None);
    assert_eq!(metric(address, "tickwire_ticks_skipped_total"), 0.0);
    assert_eq!(metric(address, "tickwire_snapshots_skipped_total"), 0.0);
    // A tick has no snapshot only where a room that its machine kept waiting ran several in one turn, or
    // made fewer for want of time. The first turn of a room does not count its ticks.
    let turns = metric(address, "tickwire_tick_work_seconds_count");
    let rooms = metric(address, "tickwire_rooms");
    let together = metric(address, "tickwire_ticks_total") + rooms - turns;
    let explained = together + metric(address, "tickwire_snapshots_thinned_total");
    let missed = report.missed.len() as f64;
    assert!(missed <= explained, "{missed} missed of {}, {explained} explained", report.snapshots);
    assert_eq!(metric(address, "tickwire_room_panics_total"), 0.0);
}

fn tickets_and_versions(address: SocketAddr) {
    let with = |ticket: &str| hello(PROTOCOL_VERSION, Auth::Ticket(ticket.to_owned()));

    let mut forged = ticket(address, "skirmish").into_bytes();
    let last = forged.len() - 2;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let (code, reason) = answer_to(address, "skirmish", &with(&String::from_utf8(forged).unwrap()));
    assert_eq!(code, 4001, "{reason}");
    let forged_reason = reason;

    let used = ticket(address, "skirmish");
    let mut first = Socket::open(address, "skirmish");
    first.say(&with(&used));
    first.message();
    let (code, used_reason) = answer_to(address, "skirmish", &with(&used));
    assert_eq!(code, 4001, "{used_reason}");
    assert_ne!(used_reason, forged_reason, "each says what is wrong");

    let (code, reason) = answer_to(address, "skirmish", &with("no ticket at all"));
    assert_eq!(code, 4001, "{reason}");
    let resume = hello(PROTOCOL_VERSION, Auth::Resume("made up".into()));
    assert_eq!(answer_to(address, "skirmish", &resume).0, 4001);

    let room = post(address, "/v1/rooms", r#"{"game":"skirmish","id":"other"}"#);
    assert_eq!(room.status, 201);
    let (code, reason) = answer_to(address, "skirmish", &with(&ticket(address, "other")));
    assert_eq!(code, 4001, "{reason}");

    let newer = hello(PROTOCOL_VERSION + 1, Auth::Ticket(ticket(address, "skirmish")));
    let (code, reason) = answer_to(address, "skirmish", &newer);
    assert_eq!(code, 4002);
    assert!(reason.contains('1'), "names the version it speaks: {reason}");

    let (code, reason) = answer_to(address, "nowhere", &with("x"));
    assert_eq!((code, reason.as_str()), (4004, "no such room"));
}

fn malformed_messages(address: SocketAddr) {
    for message in [
        &b""[..],
        b"\x00",
        b"\x01",
        b"\x01\xff\xff\xff\xff\xff",
        b"\x02inputs before hello",
        b"\x7funknown kind",
        b"\x82a snapshot, of all things",
    ] {
        let (code, reason) = answer_to(address, "skirmish", message);
        assert_eq!(code, 4000, "{message:?}: {reason}");
        assert!(!reason.is_empty(), "{message:?}");
    }
    let mut command = Vec::new();
    encode_client_reliable(1, &ClientMessage::Command(vec![0xff; 40]), &mut command);
    let mut gap = Vec::new();
    encode_client_reliable(7, &ClientMessage::Chat("hi".into()), &mut gap);
    for message in [b"\x02\x00".to_vec(), command, gap, b"\x04\x00".to_vec()] {
        let mut socket = seated(address, "skirmish");
        socket.say(&message);
        let (code, reason) = socket.close();
        assert_eq!(code, 4000, "{message:?}: {reason}");
    }
    let mut chatty = seated(address, "skirmish");
    for seq in 1..=200 {
        let mut message = Vec::new();
        encode_client_reliable(seq, &ClientMessage::Chat("spam".into()), &mut message);
        chatty.say(&message);
    }
    assert_eq!(chatty.close().0, 4008);
}

fn raw_bytes(address: SocketAddr) {
    let mut socket = seated(address, "skirmish");
    socket.say(&[0x02; 5_000]);
    let (code, reason) = socket.close();
    assert_eq!(code, 1009);
    assert!(reason.contains("4096"), "{reason}");

    let mut socket = seated(address, "skirmish");
    socket.send_raw(&[0xf3; 300]);
    assert_eq!(socket.close().0, 1002);

    // Cut off within a frame, and a hello cut off within itself.
    let mut socket = seated(address, "skirmish");
    socket.send_raw(&frame(Opcode::Binary, &[2; 100])[..50]);
    socket.stream.shutdown(Shutdown::Write).unwrap();
    let (code, reason) = socket.close();
    assert_eq!(code, 1002);
    assert!(reason.contains("inside a frame"), "{reason}");
    let whole = hello(PROTOCOL_VERSION, Auth::Ticket(ticket(address, "skirmish")));
    for length in [2, 5, whole.len() - 1] {
        assert_eq!(answer_to(address, "skirmish", &whole[..length]).0, 4000, "{length} bytes");
    }

    assert_eq!(exchange(address, b"\x00\x01\x02 what is this\r\n\r\n").status, 400);
    let not_http_1_1 = upgrade_request(address, "skirmish").replace("HTTP/1.1", "HTTP/1.0");
    assert_eq!(exchange(address, not_http_1_1.as_bytes()).error(), "http_version");
    let mut stream = connect(address);
    stream
        .write_all(upgrade_request(address, "skirmish").replace(": 13", ": 7").as_bytes())
        .unwrap();
    assert_eq!(read_answer(&mut stream).error(), "websocket_version");
}

#[test]
fn the_time_for_a_hello_is_the_setting() {
    let program = start(&["--set", "limits.hello_ms=300"]);
    let mut silent = Socket::open(program.address, "skirmish");
    let expected = (4005, "no accepted Hello within 300 ms".to_owned());
    assert_eq!(silent.close(), expected);
}

#[test]
fn seats_that_nobody_takes_are_few_per_address() {
    let few = ["--set", "limits.per_ip_exempt=[]", "--set", "limits.per_ip_reservations=2"];
    let program = start(&few);
    let address = program.address;
    let join = || post(address, "/v1/rooms/skirmish/join", r#"{"name":"Mallory"}"#);
    let first = ticket(address, "skirmish");
    assert_eq!(join().status, 200);
    let refused = join();
    assert_eq!((refused.status, refused.error().as_str()), (429, "too_many_reservations"));
    let mut socket = Socket::open(address, "skirmish");
    socket.say(&hello(PROTOCOL_VERSION, Auth::Ticket(first)));
    assert_eq!(socket.message()[0], tickwire_wire::message::WELCOME);
    assert_eq!(join().status, 200, "a seat that is taken does not count");
    assert_eq!(join().status, 429);
}
