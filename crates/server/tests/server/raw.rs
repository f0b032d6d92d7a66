//! A client made of a bare TCP stream: HTTP by hand, WebSocket frames by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;
use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Message, Opcode, Role, write_frame};

/// Time after which a test stops waiting.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The code of a typed error, which must come with a message.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        assert!(json["error"]["message"].as_str().is_some_and(|text| text.len() > 5), "{json}");
        json["error"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends bytes as they are and reads one answer.
pub(crate) fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    exchange_on(connect(address), request)
}

/// The same on a stream of any kind.
pub(crate) fn exchange_on(mut stream: impl Read + Write, request: &[u8]) -> Answer {
    stream.write_all(request).unwrap();
    read_answer(&mut stream)
}

pub(crate) fn read_answer(stream: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        let count = stream.read(&mut byte).unwrap();
        assert!(count == 1, "connection ended after {:?}", String::from_utf8_lossy(&bytes));
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, head, body: Vec::new() };
    let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
    answer.body = vec![0; length];
    stream.read_exact(&mut answer.body).unwrap();
    answer
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Answer {
    exchange(address, format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes())
}

pub(crate) fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(address, request.as_bytes())
}

/// The request that opens a socket of `room`.
pub(crate) fn upgrade_request(address: SocketAddr, room: &str) -> String {
    format!(
        "GET /v1/play/{room} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\n\
         connection: Upgrade\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: tickwire.1\r\n\r\n"
    )
}

/// What came from the server on a match socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Came {
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
    /// The stream ended without a close frame.
    End,
}

/// A match socket.
pub(crate) struct Socket<S = TcpStream> {
    pub(crate) stream: S,
    decoder: FrameDecoder,
}

impl Socket {
    /// Opens a socket of `room`.
    pub(crate) fn open(address: SocketAddr, room: &str) -> Self {
        Self::open_on(connect(address), address, room, &[])
    }
}

impl<S: Read + Write> Socket<S> {
    /// Opens one on a stream; `early` follows the request in the same packet.
    pub(crate) fn open_on(mut stream: S, address: SocketAddr, room: &str, early: &[u8]) -> Self {
        let mut request = upgrade_request(address, room).into_bytes();
        request.extend_from_slice(early);
        stream.write_all(&request).unwrap();
        let answer = read_answer(&mut stream);
        assert_eq!(answer.status, 101, "{answer:?}");
        assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert_eq!(answer.header("sec-websocket-protocol"), Some("tickwire.1"));
        Self { stream, decoder: FrameDecoder::new(Role::Client, FrameLimits::FROM_SERVER) }
    }

    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        // The server may have closed already; what it said is what the test looks at.
        let _ = self.stream.write_all(bytes);
    }

    pub(crate) fn send(&mut self, opcode: Opcode, payload: &[u8]) {
        self.send_raw(&frame(opcode, payload));
    }

    pub(crate) fn say(&mut self, message: &[u8]) {
        self.send(Opcode::Binary, message);
    }

    /// The next thing that comes.
    pub(crate) fn next(&mut self) -> Came {
        let mut buffer = [0; 4096];
        loop {
            match self.decoder.next().unwrap() {
                Some(Message::Binary(bytes)) => return Came::Binary(bytes.to_vec()),
                Some(Message::Ping(bytes)) => return Came::Ping(bytes.to_vec()),
                Some(Message::Pong(bytes)) => return Came::Pong(bytes.to_vec()),
                Some(Message::Close(Some((code, reason)))) => {
                    return Came::Close(code, reason.to_owned());
                }
                Some(other) => panic!("the server sent {other:?}"),
                None => {}
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return Came::End,
                Ok(count) => self.decoder.push(&buffer[..count]),
                Err(error)
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::UnexpectedEof
                    ) =>
                {
                    return Came::End;
                }
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// The next binary message.
    pub(crate) fn message(&mut self) -> Vec<u8> {
        loop {
            match self.next() {
                Came::Binary(bytes) => return bytes,
                Came::Ping(payload) => self.send(Opcode::Pong, &payload),
                Came::Pong(_) => {}
                other => panic!("no message but {other:?}"),
            }
        }
    }

    /// The close frame, whatever comes before it.
    pub(crate) fn close(&mut self) -> (u16, String) {
        loop {
            match self.next() {
                Came::Close(code, reason) => return (code, reason),
                Came::End => panic!("the socket ended without a close frame"),
                _ => {}
            }
        }
    }
}

/// A masked frame.
pub(crate) fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, opcode, payload, Some([1, 2, 3, 4]));
    bytes
}

/// Waits until `holds`.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The value of a metric; `name` includes its labels.
pub(crate) fn metric(address: SocketAddr, name: &str) -> f64 {
    metric_in(&get(address, "/metrics"), name)
}

/// The value of a metric in an answer of `/metrics`.
pub(crate) fn metric_in(answer: &Answer, name: &str) -> f64 {
    let text = str::from_utf8(&answer.body).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no metric {name}")).parse().unwrap()
}
