//! The end: probes say so, clients are told when to come back, nobody new gets in.

use super::start;
use crate::raw::{Socket, get, post};
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
