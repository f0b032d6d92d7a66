//! Requests that are not a WebSocket handshake get their 4xx and a reason; none gets a 101.

use super::start;
use crate::raw::{Socket, exchange, frame, upgrade_request};
use tickwire_wire::websocket::Opcode;

#[test]
fn each_fault_has_its_status_and_code() {
    let server = start(|_| ());
    let address = server.addr();
    let right = upgrade_request(address, "main");
    let cases = [
        (right.replace("GET ", "POST "), 405, "method_not_allowed"),
        (right.replace("GET ", "HEAD "), 405, ""),
        (right.replace("HTTP/1.1", "HTTP/1.0"), 400, "http_version"),
        (right.replace("upgrade: websocket\r\n", ""), 426, "upgrade_required"),
        (right.replace("connection: Upgrade\r\n", ""), 400, "connection_header"),
        (right.replace("version: 13", "version: 12"), 426, "websocket_version"),
        (right.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="), 400, "websocket_key"),
        (right.replace("tickwire.1", "tickwire.9"), 400, "subprotocol"),
        (
            right.replace("upgrade:", "origin: https://evil.example\r\nupgrade:"),
            403,
            "origin_not_allowed",
        ),
        (
            right.replace(
                "upgrade:",
                "origin: http://a.example\r\norigin: http://a.example\r\nupgrade:",
            ),
            400,
            "repeated_header",
        ),
        (right.replace("/v1/play/main", "/v1/play/%ff"), 400, "bad_path"),
        (right.replace("upgrade:", "content-length: 3\r\nupgrade:"), 400, "unexpected_body"),
    ];
    for (request, status, code) in cases {
        let answer = if code.is_empty() {
            // An answer to HEAD has no body.
            exchange_head(address, &request)
        } else {
            let answer = exchange(address, request.as_bytes());
            assert_eq!(answer.error(), code, "{request}");
            answer.status
        };
        assert_eq!(answer, status, "{request}");
    }
    server.stop().unwrap();
}

fn exchange_head(address: std::net::SocketAddr, request: &str) -> u16 {
    use std::io::{Read, Write};
    let mut stream = crate::raw::connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    String::from_utf8_lossy(&start[9..]).parse().unwrap()
}

#[test]
fn what_is_no_http_at_all_gets_400() {
    let server = start(|_| ());
    let answer = exchange(server.addr(), b"\x16\x03\x01\x02\x00 this is TLS or worse\r\n\r\n");
    assert_eq!(answer.status, 400);
    server.stop().unwrap();
}

#[test]
fn a_head_above_the_limit_gets_431() {
    let server = start(|_| ());
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n", "c".repeat(9_000));
    assert_eq!(exchange(server.addr(), request.as_bytes()).status, 431);
    server.stop().unwrap();
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    use std::io::{Read, Write};
    let server = start(|config| config.limits.http_head_ms = 100);
    let mut stream = crate::raw::connect(server.addr());
    stream.write_all(b"GET / HTTP/1.1\r\nhost: ").unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    server.stop().unwrap();
}

#[test]
fn bytes_behind_the_request_reach_the_room() {
    let server = start(|_| ());
    let stream = crate::raw::connect(server.addr());
    let early = frame(Opcode::Binary, b"early");
    let mut socket = Socket::open_on(stream, server.addr(), "main", &early);
    assert_eq!(socket.message(), b"early");
    server.stop().unwrap();
}
