//! Clients that do not read, or hardly: what they cost, what they get, and when they are cut.

use std::io::Read as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket as System, Type};
use tickwire_server::Running;
use tickwire_wire::websocket::Opcode;

use super::start;
use crate::raw::{Came, PATIENCE, Socket, connect, eventually, frame, metric, post};

/// What a socket may cost, whatever its client does; the room keeps up to 64 KiB of messages beside it.
const SOCKET_BYTES: f64 = 192.0 * 1024.0;

/// A server with a room `big` whose snapshots have so many bytes, 50 of them a second.
fn start_big(progress_ms: u64, snapshot_bytes: usize) -> Running {
    let server = start(|config| config.limits.progress_ms = progress_ms);
    open_big(&server, snapshot_bytes);
    server
}

fn open_big(server: &Running, snapshot_bytes: usize) {
    let body = format!(
        r#"{{"game":"pretend","id":"big","options":{{"snapshot_bytes":{snapshot_bytes}}}}}"#
    );
    assert_eq!(post(server.addr(), "/v1/rooms", &body).status, 201);
}

/// A client whose kernel keeps little for it.
fn enter_narrow(address: SocketAddr) -> Socket {
    let system = System::new(Domain::IPV4, Type::STREAM, None).unwrap();
    system.set_recv_buffer_size(4096).unwrap();
    system.connect(&address.into()).unwrap();
    let stream: std::net::TcpStream = system.into();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut socket = Socket::open_on(stream, address, "big", &frame(Opcode::Binary, b"hello"));
    assert_eq!(socket.message(), b"hello");
    socket
}

/// The most memory that any client is seen to cost until one is cut.
fn most_until_cut(address: SocketAddr, mut meanwhile: impl FnMut()) -> f64 {
    let mut most = 0.0_f64;
    eventually("the deaf client is cut", || {
        meanwhile();
        most = most.max(metric(address, "tickwire_socket_bytes_max"));
        metric(address, "tickwire_closes_total{code=\"4013\"}") == 1.0
    });
    most
}

#[test]
fn a_client_that_never_reads_costs_little_whatever_it_is_sent() {
    // Kept as the newest; too large for that; and what would not even be kept as a rest.
    for (snapshot_bytes, least) in [(30_000, 30_000.0), (85_000, 50_000.0), (2_000_000, 0.0)] {
        let server = start_big(1_000, snapshot_bytes);
        let mut deaf = enter_narrow(server.addr());
        let mut said = 0;
        let most = most_until_cut(server.addr(), || {
            // Each is echoed as a reliable message, each ping asks for a pong.
            for _ in 0..5 {
                deaf.say(&[7; 4_000]);
            }
            if said < 10 {
                deaf.send(Opcode::Ping, &[7; 125]);
            }
            said += 1;
        });
        assert!(most <= SOCKET_BYTES, "{most} bytes with snapshots of {snapshot_bytes}");
        assert!(most >= least, "{most} bytes with snapshots of {snapshot_bytes}: who measures?");
        server.stop().unwrap();
    }
}

#[test]
fn who_never_reads_is_cut_after_whole_seconds_and_who_reads_a_little_is_not() {
    let server = start_big(2_000, 3_000);
    let address = server.addr();
    let mut trickle = enter_narrow(address);
    let begin = Instant::now();
    let deaf = enter_narrow(address);
    let mut cut_after = None;
    let mut buffer = [0; 4096];
    while begin.elapsed() < Duration::from_secs(6) {
        let count = trickle.stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the one that reads was cut");
        std::thread::sleep(Duration::from_millis(150));
        if cut_after.is_none() && metric(address, "tickwire_closes_total{code=\"4013\"}") == 1.0 {
            cut_after = Some(begin.elapsed());
        }
    }
    let cut_after = cut_after.expect("the one that does not read was never cut");
    assert!(cut_after >= Duration::from_secs(2), "{cut_after:?}");
    assert_eq!(metric(address, "tickwire_closes_total{code=\"4013\"}"), 1.0);
    assert_eq!(metric(address, "tickwire_sockets{state=\"playing\"}"), 1.0);
    drop(deaf);
    server.stop().unwrap();
}

#[test]
fn after_a_pause_the_newest_snapshot_comes_and_not_those_between() {
    let server = start_big(60_000, 20_000);
    let address = server.addr();
    let mut socket = enter_narrow(address);
    let first = socket.tick();
    eventually("a hundred ticks have passed", || {
        metric(address, "tickwire_snapshots_skipped_total") > 100.0
    });
    let mut ticks = vec![first];
    while ticks.last().unwrap() - first < 100 {
        ticks.push(socket.tick());
    }
    assert!(ticks.is_sorted_by(|a, b| a < b), "{ticks:?}");
    // What the kernel and the rest of a frame held is old; the one that was kept, and all after, are not.
    assert!(ticks.len() < 15, "{ticks:?}");
    server.stop().unwrap();
}

#[test]
fn a_kept_snapshot_does_not_come_after_the_close() {
    let server = start_big(500, 20_000);
    let mut socket = enter_narrow(server.addr());
    eventually("it is cut", || {
        metric(server.addr(), "tickwire_closes_total{code=\"4013\"}") == 1.0
    });
    let (code, _) = socket.close();
    assert_eq!(code, 4013);
    assert_eq!(socket.next(), Came::End);
    server.stop().unwrap();
}

#[test]
fn a_healthy_client_gets_frames_as_long_as_may_wait_and_a_little_more() {
    // What the kernel takes at once comes on top; without a setting for it, a frame of 104 KiB may wait.
    for (tail_bytes, snapshot_bytes) in [(None, 120 * 1024), (Some(256 * 1024), 256 * 1024)] {
        let server = start(|config| {
            config.limits.tail_bytes = tail_bytes.unwrap_or(config.limits.tail_bytes);
        });
        open_big(&server, snapshot_bytes);
        let address = server.addr();
        let hello = frame(Opcode::Binary, b"hello");
        let mut socket = Socket::open_on(connect(address), address, "big", &hello);
        assert_eq!(socket.message(), b"hello");
        let first = socket.tick();
        while socket.tick() < first + 10 {}
        assert_eq!(metric(address, "tickwire_closes_total{code=\"4013\"}"), 0.0);
        server.stop().unwrap();
    }
}

#[test]
fn a_client_that_closes_while_much_waits_still_gets_all_of_it() {
    let server = start_big(60_000, 20_000);
    let address = server.addr();
    let mut socket = enter_narrow(address);
    eventually("its socket is busy", || metric(address, "tickwire_snapshots_skipped_total") > 20.0);
    socket.send(Opcode::Close, &1000_u16.to_be_bytes());
    eventually("its close is heard", || {
        metric(address, "tickwire_sockets{state=\"closing\"}") == 1.0
    });
    assert_eq!(socket.close().0, 1000);
    assert_eq!(socket.next(), Came::End);
    server.stop().unwrap();
}
