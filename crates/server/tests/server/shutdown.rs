//! The end: probes say so, clients are told when to come back, nobody new gets in.

use super::start;
use crate::raw::{Socket, eventually, get, metric, post};
use std::time::{Duration, Instant};

#[test]
fn clients_are_told_when_to_come_back_while_the_probe_says_no() {
    let server = start(|config| {
        config.shutdown.linger_ms = 700;
        config.shutdown.retry_after_ms = 1_234;
    });
    let address = server.addr();
    let mut playing = Socket::enter(address, "main");
    let mut waiting = Socket::open(address, "main");
    let began = Instant::now();
    let stopping = std::thread::spawn(move || server.stop());
    crate::raw::eventually("/readyz says no", || get(address, "/readyz").status == 503);
    assert_eq!(get(address, "/healthz").status, 200);
    let join = post(address, "/v1/rooms/main/join", r#"{"name":"late"}"#);
    assert_eq!((join.status, join.error().as_str()), (503, "draining"));
    assert_eq!(join.header("retry-after"), Some("2"));
    for socket in [&mut playing, &mut waiting] {
        assert_eq!(socket.close(), (1012, "retry after 1234 ms".into()));
        let code = 1012_u16.to_be_bytes();
        socket.send(tickwire_wire::websocket::Opcode::Close, &code);
    }
    stopping.join().unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn a_client_that_does_not_answer_does_not_hold_the_server_up() {
    let server = start(|_| ());
    let mut deaf = Socket::enter(server.addr(), "main");
    let began = Instant::now();
    server.stop().unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(deaf.close().0, 1012);
}

#[test]
fn clients_of_every_shard_are_told() {
    let server = start(|config| config.shard.count = 3);
    let address = server.addr();
    let rooms = ["main", "second", "third"];
    for room in &rooms[1..] {
        let body = format!(r#"{{"game":"pretend","id":"{room}"}}"#);
        assert_eq!(post(address, "/v1/rooms", &body).status, 201);
    }
    let shard = |index| metric(address, &format!("tickwire_shard_rooms{{shard=\"{index}\"}}"));
    eventually("each has a room", || [0, 1, 2].map(shard) == [1.0; 3]);
    let mut sockets = rooms.map(|room| Socket::enter(address, room));
    eventually("each has its socket", || {
        [0, 1, 2].into_iter().all(|index| {
            let labels = format!("{{shard=\"{index}\",state=\"playing\"}}");
            metric(address, &format!("tickwire_shard_sockets{labels}")) == 1.0
        })
    });
    assert_eq!(metric(address, "tickwire_sockets{state=\"playing\"}"), 3.0);
    let stopping = std::thread::spawn(move || server.stop());
    for socket in &mut sockets {
        assert_eq!(socket.close().0, 1012);
    }
    stopping.join().unwrap().unwrap();
}
