//! Requests: what is no WebSocket handshake gets its 4xx, and nothing but a 101 opens a socket.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;

use super::bytes::{BINARY, FIN, close, frame, read_to_end};
use super::{echo, request};
use crate::pretend::start;
use crate::raw::{connect, read_answer};

/// What is done to a right request, and the answer's status.
type Change = (&'static str, fn(String) -> String, u16);

/// A header more.
fn add(request: String, header: &str) -> String {
    request.replacen("\r\n", &format!("\r\n{header}\r\n"), 1)
}

/// A header less.
fn remove(request: String, name: &str) -> String {
    let lines = request.split_inclusive("\r\n");
    lines.filter(|line| !line.starts_with(&format!("{name}:"))).collect()
}

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

const BAD: [Change; 35] = [
    ("POST", |r| r.replace("GET ", "POST "), 405),
    ("HEAD", |r| r.replace("GET ", "HEAD "), 405),
    ("PUT", |r| r.replace("GET ", "PUT "), 405),
    ("OPTIONS", |r| r.replace("GET ", "OPTIONS "), 405),
    ("a method of nobody", |r| r.replace("GET ", "PLAY "), 405),
    ("a method in small letters", |r| r.replace("GET ", "get "), 405),
    ("HTTP/1.0", |r| r.replace("HTTP/1.1", "HTTP/1.0"), 400),
    ("HTTP/0.9", |r| r.replace(" HTTP/1.1", ""), 400),
    ("HTTP/3.0", |r| r.replace("HTTP/1.1", "HTTP/3.0"), 400),
    ("no Host", |r| remove(r, "Host"), 400),
    ("two Hosts", |r| add(r, "Host: there.example"), 400),
    ("no Upgrade", |r| remove(r, "Upgrade"), 426),
    ("another Upgrade", |r| r.replace("Upgrade: websocket", "Upgrade: h2c"), 426),
    ("a longer Upgrade", |r| r.replace("Upgrade: websocket", "Upgrade: websockets"), 426),
    ("an empty Upgrade", |r| r.replace("Upgrade: websocket", "Upgrade:"), 426),
    ("no Connection", |r| remove(r, "Connection"), 400),
    ("another Connection", |r| r.replace("Connection: Upgrade", "Connection: keep-alive"), 400),
    ("a longer Connection", |r| r.replace("Connection: Upgrade", "Connection: Upgrades"), 400),
    ("no version", |r| remove(r, "Sec-WebSocket-Version"), 426),
    ("version 8", |r| r.replace("Version: 13", "Version: 8"), 426),
    ("version 0", |r| r.replace("Version: 13", "Version: 0"), 426),
    ("version 013", |r| r.replace("Version: 13", "Version: 013"), 426),
    ("versions in a list", |r| r.replace("Version: 13", "Version: 13, 8"), 426),
    ("two versions", |r| add(r, "Sec-WebSocket-Version: 13"), 400),
    ("no key", |r| remove(r, "Sec-WebSocket-Key"), 400),
    ("an empty key", |r| r.replace(KEY, ""), 400),
    ("a key of 15 bytes", |r| r.replace(KEY, "dGhlIHNhbXBsZSBub25j"), 400),
    ("a key of 17 bytes", |r| r.replace(KEY, "dGhlIHNhbXBsZSBub25jZSE="), 400),
    ("a key without its padding", |r| r.replace(KEY, "dGhlIHNhbXBsZSBub25jZQ"), 400),
    ("a key that is not base64", |r| r.replace(KEY, "dGhlIHNhbXBsZSBub25j!!=="), 400),
    ("a key whose last bits are not zero", |r| r.replace(KEY, "dGhlIHNhbXBsZSBub25jZR=="), 400),
    ("two keys", |r| add(r, "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), 400),
    ("a body", |r| add(r, "Content-Length: 4") + "body", 400),
    ("a body in chunks", |r| add(r, "Transfer-Encoding: chunked") + "0\r\n\r\n", 400),
    ("a foreign page", |r| add(r, "Origin: https://evil.example"), 403),
];

const OVERSIZED: [Change; 2] = [
    ("a head of 9 KB", |r| add(r, &format!("Cookie: {}", "c".repeat(9_000))), 431),
    ("a hundred headers", |r| add(r, &["X-More: 1"; 100].join("\r\n")), 431),
];

const GOOD: [Change; 12] = [
    ("as it is", |r| r, 101),
    ("a query", |r| r.replace(" HTTP/", "?case=1&agent=x HTTP/"), 101),
    ("names in capitals", |r| r.replace("Upgrade:", "UPGRADE:").replace("Host:", "HOST:"), 101),
    ("Upgrade in capitals", |r| r.replace("websocket\r\n", "WebSocket\r\n"), 101),
    ("Upgrade in a list", |r| r.replace("Upgrade: websocket", "Upgrade: h2c, websocket"), 101),
    ("Connection in a list", |r| r.replace(": Upgrade", ": keep-alive, upgrade"), 101),
    ("Connection in two lines", |r| add(r, "Connection: keep-alive"), 101),
    ("space around values", |r| r.replace("Version: 13", "Version:  \t13 "), 101),
    ("an empty body", |r| add(r, "Content-Length: 0"), 101),
    ("extensions", |r| add(r, "Sec-WebSocket-Extensions: permessage-deflate; x=\"y\", z"), 101),
    ("its own page", |r| add(r, "Origin: http://here.example"), 101),
    ("our subprotocol", |r| add(r, "Sec-WebSocket-Protocol: tickwire.1"), 101),
];

/// The status of the answer, and the header of extensions in it. `pieces`: in how many writes it goes.
fn status(address: SocketAddr, name: &str, request: &str, pieces: usize) -> u16 {
    let mut stream = connect(address);
    for piece in request.as_bytes().chunks(request.len().div_ceil(pieces)) {
        // It may have been refused before its end.
        let _ = stream.write_all(piece);
    }
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8_lossy(&start[9..]).parse().unwrap_or_else(|_| panic!("{name}: {start:?}"))
}

fn check(address: SocketAddr, path: &str) {
    for (name, change, expected) in BAD.iter().chain(&GOOD) {
        let request = change(request(path));
        for pieces in [1, request.len()] {
            assert_eq!(status(address, name, &request, pieces), *expected, "{name}");
        }
    }
    for (name, change, expected) in OVERSIZED {
        assert_eq!(status(address, name, &change(request(path)), 1), expected, "{name}");
    }
}

#[test]
fn requests_to_the_echo() {
    let server = echo(|_| ());
    for path in ["/", "/v1/play/main", "/any/other"] {
        check(server.addr(), path);
    }
    server.stop();
}

#[test]
fn requests_to_a_match() {
    let server = start(|_| ());
    check(server.addr(), "/v1/play/main");
    server.stop().unwrap();
}

#[test]
fn the_answer_names_no_extension_and_of_subprotocols_the_first() {
    let server = echo(|_| ());
    let answer = |header: &str| {
        let mut stream = connect(server.addr());
        stream.write_all(add(request("/"), header).as_bytes()).unwrap();
        read_answer(&mut stream)
    };
    let extended = answer("Sec-WebSocket-Extensions: permessage-deflate");
    assert_eq!((extended.status, extended.header("sec-websocket-extensions")), (101, None));
    assert_eq!(extended.header("sec-websocket-protocol"), None);
    let several = answer("Sec-WebSocket-Protocol: chat.v2, chat");
    assert_eq!((several.status, several.header("sec-websocket-protocol")), (101, Some("chat.v2")));
    let none = answer("Sec-WebSocket-Protocol:");
    assert_eq!((none.status, none.header("sec-websocket-protocol")), (101, None));
    server.stop();
}

#[test]
fn what_comes_behind_the_request_is_answered_too() {
    let server = echo(|_| ());
    let mut stream = connect(server.addr());
    let sent = [request("/").into_bytes(), frame(FIN | BINARY, b"early"), close(1000)].concat();
    stream.write_all(&sent).unwrap();
    assert_eq!(read_answer(&mut stream).status, 101);
    let frames = read_to_end(&mut stream, "early");
    assert_eq!(frames[0], (FIN | BINARY, b"early".to_vec()));
    assert_eq!(frames.len(), 2);
    server.stop();
}

#[test]
fn a_refused_request_opens_nothing() {
    let server = echo(|_| ());
    let mut stream = connect(server.addr());
    let bad = remove(request("/"), "Sec-WebSocket-Key");
    stream.write_all(&[bad.into_bytes(), frame(FIN | BINARY, b"hello")].concat()).unwrap();
    assert_eq!(read_answer(&mut stream).status, 400);
    // The frame is no request either: at most another 400 comes, then the end.
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 400"), "{rest:?}");
    server.stop();
}
