//! RFC 6455 byte for byte: what others' suites do not see, against the echo and against the match path.
//!
//! Frames are made and read by hand here, so that a fault that both sides of our own code share would
//! still show. A case is a line: its name, what is sent, what must come back. Every case is sent in one
//! piece and byte by byte, and ends with a close frame and the end of the stream.

mod bytes;
mod case;
mod closes;
mod flow;
mod order;
mod requests;
mod sizes;
mod text;

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use tickwire_server::config::Limits;
use tickwire_server::echo::{EchoServer, RunningEcho};

use crate::raw::{connect, read_answer};

/// An echo on any free port.
fn echo(change: impl FnOnce(&mut Limits)) -> RunningEcho {
    let mut limits = Limits::default();
    change(&mut limits);
    EchoServer::new(([127, 0, 0, 1], 0).into(), limits).start().unwrap()
}

/// The request that opens a WebSocket at `path`.
fn request(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: here.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// A stream on which a WebSocket is open.
fn open(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(request(path).as_bytes()).unwrap();
    let answer = read_answer(&mut stream);
    assert_eq!(answer.status, 101, "{answer:?}");
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    stream
}
