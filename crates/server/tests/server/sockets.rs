//! What clients do wrong on their match socket, one close code each, and what it does to others.

use std::time::{Duration, Instant};

use socket2::{Domain, Socket as System, Type};
use tickwire_wire::websocket::{Opcode, write_frame, write_head};

use super::start;
use crate::pretend::KICK_ME;
use crate::raw::{Came, Socket, eventually, frame, metric};

#[test]
fn each_fault_has_its_close_code_while_the_good_client_gets_every_tick() {
    let server = start(|_| ());
    let address = server.addr();
    let mut good = Socket::enter(address, "main");
    let first = good.tick();

    let mut unmasked = Vec::new();
    write_frame(&mut unmasked, Opcode::Binary, b"x", None);
    let mut huge = Vec::new();
    write_head(&mut huge, Opcode::Binary, 1 << 40, Some([0; 4]));
    let mut fragments = frame(Opcode::Binary, b"x");
    fragments[0] &= 0x7f;
    for _ in 0..17 {
        let mut more = frame(Opcode::Continuation, b"x");
        more[0] &= 0x7f;
        fragments.extend(more);
    }
    let bad_reason = [&1000_u16.to_be_bytes()[..], &[0xff, 0xfe]].concat();
    let cases: [(Vec<u8>, u16, &str); 9] = [
        (b"\xff\xfe random bytes that are no frame".to_vec(), 1002, "reserved bits"),
        (unmasked, 1002, "without a mask"),
        (frame(Opcode::Continuation, b"x"), 1002, "continuation"),
        (frame(Opcode::Text, b"{}"), 1003, "binary"),
        (frame(Opcode::Close, &bad_reason), 1007, "UTF-8"),
        (huge, 1009, "size limit"),
        (frame(Opcode::Binary, &[0; 5_000]), 1009, "5000 bytes"),
        (fragments, 1009, "fragments"),
        (frame(Opcode::Binary, KICK_ME), 4003, "as you wish"),
    ];
    for (bytes, code, reason) in cases {
        let mut socket = Socket::open(address, "main");
        socket.send_raw(&bytes);
        let (its_code, its_reason) = socket.close();
        assert_eq!(its_code, code, "{its_reason}");
        assert!(its_reason.contains(reason), "{its_reason}");
        socket.send(Opcode::Close, &code.to_be_bytes());
        assert_eq!(socket.next(), Came::End);
    }
    let mut random = 1_u64;
    for _ in 0..50 {
        let mut socket = Socket::open(address, "main");
        let bytes: Vec<u8> = (0..200)
            .map(|_| {
                random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (random >> 33) as u8
            })
            .collect();
        socket.send_raw(&bytes);
    }

    // A frame that is cut off by the end of the stream harms nobody either.
    let mut cut = Socket::open(address, "main");
    cut.send_raw(&frame(Opcode::Binary, b"the rest never comes")[..9]);
    drop(cut);

    let last = metric(address, "tickwire_ticks_total") as u32;
    let mut before = first;
    while before <= last.max(first + 1) {
        before = good.tick_after(before);
    }
    assert_eq!(metric(address, "tickwire_ticks_skipped_total"), 0.0);
    assert_eq!(metric(address, "tickwire_snapshots_skipped_total"), 0.0);
    server.stop().unwrap();
}

#[test]
fn a_room_that_is_not_there_is_told_on_the_socket() {
    let server = start(|_| ());
    let mut socket = Socket::open(server.addr(), "nowhere");
    assert_eq!(socket.close(), (4004, "no such room".into()));
    server.stop().unwrap();
}

#[test]
fn pings_are_answered_and_a_close_is_echoed() {
    let server = start(|_| ());
    let mut socket = Socket::open(server.addr(), "main");
    socket.send(Opcode::Ping, b"there?");
    loop {
        match socket.next() {
            Came::Pong(payload) => break assert_eq!(payload, b"there?"),
            Came::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
    socket.send(Opcode::Close, &1000_u16.to_be_bytes());
    assert_eq!(socket.close().0, 1000);
    assert_eq!(socket.next(), Came::End);
    server.stop().unwrap();
}

#[test]
fn too_many_control_frames_are_too_fast() {
    let server = start(|_| ());
    let mut socket = Socket::open(server.addr(), "main");
    let flood: Vec<u8> = (0..200).flat_map(|_| frame(Opcode::Ping, b"!")).collect();
    socket.send_raw(&flood);
    assert_eq!(socket.close().0, 4008);
    server.stop().unwrap();
}

#[test]
fn no_hello_and_no_sign_of_life_have_their_own_codes() {
    let server = start(|config| {
        config.limits.hello_ms = 200;
        config.limits.idle_ms = 400;
        config.limits.ping_ms = 60_000;
    });
    let mut silent = Socket::open(server.addr(), "main");
    let mut idle = Socket::enter(server.addr(), "main");
    assert_eq!(silent.close(), (4005, "too late".into()));
    assert_eq!(idle.close(), (4010, "nothing came for 400 ms".into()));
    server.stop().unwrap();
}

#[test]
fn a_client_that_answers_pings_is_not_idle() {
    let server = start(|config| {
        config.limits.idle_ms = 400;
        config.limits.ping_ms = 100;
    });
    let mut socket = Socket::enter(server.addr(), "main");
    let end = Instant::now() + Duration::from_millis(1_000);
    while Instant::now() < end {
        socket.tick();
    }
    server.stop().unwrap();
}

#[test]
fn a_client_that_does_not_read_is_cut_and_the_others_go_on() {
    let server = start(|config| config.limits.progress_ms = 500);
    let address = server.addr();
    let made = crate::raw::post(
        address,
        "/v1/rooms",
        r#"{"game":"pretend","id":"big","options":{"snapshot_bytes":2000}}"#,
    );
    assert_eq!(made.status, 201);
    let mut good = Socket::enter(address, "big");
    let mut before = good.tick();

    let system = System::new(Domain::IPV4, Type::STREAM, None).unwrap();
    system.set_recv_buffer_size(4096).unwrap();
    system.connect(&address.into()).unwrap();
    let stream: std::net::TcpStream = system.into();
    stream.set_read_timeout(Some(crate::raw::PATIENCE)).unwrap();
    let mut slow = Socket::open_on(stream, address, "big", &frame(Opcode::Binary, b"hello"));
    assert_eq!(slow.message(), b"hello");

    let mut cut = false;
    let end = Instant::now() + crate::raw::PATIENCE;
    while !cut {
        assert!(Instant::now() < end, "the slow client was never cut");
        let tick = good.tick_after(before);
        before = tick;
        if tick.is_multiple_of(10) {
            cut = metric(address, "tickwire_closes_total{code=\"4013\"}") == 1.0;
        }
    }
    let (code, reason) = slow.close();
    assert_eq!((code, reason.as_str()), (4013, "no byte taken for 500 ms"));
    assert!(metric(address, "tickwire_snapshots_skipped_total") > 0.0);
    server.stop().unwrap();
}

#[test]
fn a_client_that_never_reads_again_is_dropped_all_the_same() {
    let server = start(|config| {
        config.limits.progress_ms = 200;
        config.limits.close_ms = 200;
    });
    let address = server.addr();
    let body = r#"{"game":"pretend","id":"big","options":{"snapshot_bytes":60000}}"#;
    assert_eq!(crate::raw::post(address, "/v1/rooms", body).status, 201);
    let _deaf = Socket::enter(address, "big");
    eventually("the socket is gone", || {
        metric(address, "tickwire_closes_total{code=\"4013\"}") == 1.0
            && metric(address, "tickwire_sockets{state=\"closing\"}") == 0.0
            && metric(address, "tickwire_queued_bytes") == 0.0
    });
    server.stop().unwrap();
}

#[test]
fn strangers_of_one_address_are_few() {
    let server = start(|config| {
        config.limits.per_ip_exempt.clear();
        config.limits.per_ip_unauthenticated = 3;
        config.limits.per_ip_sockets = 5;
    });
    let address = server.addr();
    let _strangers: Vec<_> = (0..3).map(|_| crate::raw::connect(address)).collect();
    eventually("all three are counted", || {
        let mut fourth = crate::raw::connect(address);
        let answer = crate::raw::read_answer(&mut fourth);
        answer.status == 429 && answer.error() == "too_many_sockets"
    });
    server.stop().unwrap();
}
