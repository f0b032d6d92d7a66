//! One WebSocket connection: handshake, frames in, frames out. No task of its own.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use fastwebsockets::handshake;
use http_body_util::Empty;
use hyper::Request;
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rand::RngExt;
use rand::rngs::SmallRng;
use tickwire_wire::close::{self, Close};
use tickwire_wire::message::SUBPROTOCOL;
use tickwire_wire::websocket::{
    FrameDecoder, FrameLimits, Message, Opcode, Role, write_close, write_frame,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::address::Address;
use crate::limits::{CONNECT_TIMEOUT_MS, READ_BYTES, REQUEST_TIMEOUT_MS, WRITE_QUEUE_BYTES};
use crate::line::Line;

/// An open WebSocket.
///
/// The owner loops: [`fill`](Self::fill), then [`next_message`](Self::next_message) until it gives
/// `None`, and [`send`](Self::send) whenever there is something to say. `fill` also writes what
/// `send` could not, so nothing is stuck while the owner waits.
pub struct Connection {
    stream: Line,
    /// Whether TLS may hold bytes that it took and the socket did not.
    unflushed: bool,
    decoder: FrameDecoder,
    /// Where the socket's bytes are read to.
    chunk: Box<[u8]>,
    /// The message last handed out.
    message: Vec<u8>,
    /// Frames that the socket has not taken yet; those before `written` it has.
    outgoing: Vec<u8>,
    written: usize,
    /// Draws frame masks. They protect proxies from hostile pages, not secrets; a native client
    /// sends nothing that a page has chosen.
    masks: SmallRng,
}

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No TCP connection.
    #[error("server not reachable at {address}: {source}")]
    Unreachable {
        /// Host and port that were tried.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The server did not agree to speak WebSocket.
    #[error("{address} refused the WebSocket at {path}: {problem}")]
    Refused {
        /// Host and port.
        address: String,
        /// Path of the socket.
        path: String,
        /// What came instead.
        problem: String,
    },
}

/// How a connection ended; see [`Close::retryable`] and [`Advice`](crate::backoff::Advice).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("connection ended: {0}")]
pub struct Ended(pub Close);

impl Connection {
    /// Connects to the WebSocket at `path` of the server, such as [`Seat::socket`](crate::rest::Seat).
    ///
    /// # Errors
    /// See [`ConnectError`]; at most 15 s pass before the last of them.
    pub async fn open(address: &Address, path: &str) -> Result<Self, ConnectError> {
        let limit = Duration::from_millis(CONNECT_TIMEOUT_MS);
        let stream = address.connect(limit).await.map_err(|source| ConnectError::Unreachable {
            address: address.authority().to_owned(),
            source,
        })?;
        let limit = Duration::from_millis(REQUEST_TIMEOUT_MS);
        let shaken = tokio::time::timeout(limit, shake_hands(address, path, stream))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {REQUEST_TIMEOUT_MS} ms")));
        let (stream, early) = shaken.map_err(|problem| ConnectError::Refused {
            address: address.authority().to_owned(),
            path: path.to_owned(),
            problem,
        })?;
        let mut decoder = FrameDecoder::new(Role::Client, FrameLimits::FROM_SERVER);
        decoder.push(&early);
        Ok(Self {
            stream,
            unflushed: false,
            decoder,
            chunk: vec![0; READ_BYTES].into_boxed_slice(),
            message: Vec::new(),
            outgoing: Vec::new(),
            written: 0,
            masks: rand::make_rng(),
        })
    }

    /// Waits until bytes have come, and takes them in; meanwhile writes what waits to be written.
    /// May be cancelled at any point without losing anything.
    ///
    /// # Errors
    /// [`Ended`] with [`Close::cut`] when the line is down.
    pub async fn fill(&mut self) -> Result<(), Ended> {
        loop {
            let done = poll_fn(|cx| self.poll(cx)).await;
            match done {
                Done::Read(Ok(count)) if count > 0 => {
                    self.decoder.push(&self.chunk[..count]);
                    return Ok(());
                }
                Done::Wrote(Ok(count)) => self.wrote(count),
                Done::Read(_) | Done::Wrote(Err(_)) => return Err(Ended(Close::cut())),
            }
        }
    }

    /// Writes if there is something to write, and reads.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Done> {
        let Self { stream, outgoing, written, unflushed, chunk, .. } = self;
        let waiting = &outgoing[*written..];
        let mut stream = Pin::new(stream);
        if !waiting.is_empty()
            && let Poll::Ready(wrote) = stream.as_mut().poll_write(cx, waiting)
        {
            *unflushed = true;
            return Poll::Ready(Done::Wrote(wrote));
        }
        if *unflushed && let Poll::Ready(flushed) = stream.as_mut().poll_flush(cx) {
            *unflushed = false;
            if let Err(error) = flushed {
                return Poll::Ready(Done::Wrote(Err(error)));
            }
        }
        let mut buffer = ReadBuf::new(chunk);
        let read = ready!(stream.poll_read(cx, &mut buffer));
        Poll::Ready(Done::Read(read.map(|()| buffer.filled().len())))
    }

    /// The next whole binary message that has come, `None` when more bytes are needed. Pings are
    /// answered on the way.
    ///
    /// # Errors
    /// [`Ended`] with the server's close, or with what the server got wrong; it is told.
    pub fn next_message(&mut self) -> Result<Option<&[u8]>, Ended> {
        loop {
            let end = match self.decoder.next() {
                Ok(None) => return Ok(None),
                Ok(Some(Message::Binary(message))) => {
                    self.message.clear();
                    self.message.extend_from_slice(message);
                    break;
                }
                Ok(Some(Message::Ping(payload))) => {
                    let mask = Some(self.masks.random());
                    write_frame(&mut self.outgoing, Opcode::Pong, payload, mask);
                    if self.outgoing.len() - self.written > WRITE_QUEUE_BYTES {
                        return Err(Ended(Close::cut()));
                    }
                    continue;
                }
                Ok(Some(Message::Pong(_))) => continue,
                Ok(Some(Message::Text(_))) => {
                    let end = Close::new(close::TEXT_MESSAGE, "text message");
                    self.write_close(&end);
                    end
                }
                Ok(Some(Message::Close(close))) => match close {
                    Some((code, reason)) => Close::new(code, reason),
                    None => Close::new(close::NORMAL, ""),
                },
                Err(violation) => {
                    let end = violation.close();
                    self.write_close(&end);
                    end
                }
            };
            return Err(Ended(end));
        }
        Ok(Some(&self.message))
    }

    /// Sends one binary message: at once when the socket takes it, else with the next
    /// [`fill`](Self::fill).
    ///
    /// # Errors
    /// [`Ended`] when the line is down, or has taken nothing for 256 KiB.
    pub fn send(&mut self, message: &[u8]) -> Result<(), Ended> {
        let mask = Some(self.masks.random());
        write_frame(&mut self.outgoing, Opcode::Binary, message, mask);
        self.write_now()
    }

    /// Says goodbye: sends a close frame and waits, at most 1 s, until the server has answered it.
    pub async fn close(mut self, end: &Close) {
        self.write_close(end);
        let farewell = async {
            while self.fill().await.is_ok() {
                loop {
                    match self.next_message() {
                        Ok(Some(_)) => {}
                        Ok(None) => break,
                        Err(_) => return,
                    }
                }
            }
        };
        let _timed_out = tokio::time::timeout(Duration::from_secs(1), farewell).await;
    }

    fn write_close(&mut self, end: &Close) {
        let mask = Some(self.masks.random());
        write_close(&mut self.outgoing, end, mask);
        // Best effort: the connection ends either way.
        let _sent = self.write_now();
    }

    fn write_now(&mut self) -> Result<(), Ended> {
        while self.written < self.outgoing.len() {
            match self.stream.try_write(&self.outgoing[self.written..]) {
                Ok(count) => {
                    self.unflushed = true;
                    self.wrote(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return Err(Ended(Close::cut())),
            }
        }
        let waiting = self.outgoing.len() - self.written;
        if waiting > WRITE_QUEUE_BYTES { Err(Ended(Close::cut())) } else { Ok(()) }
    }

    fn wrote(&mut self, count: usize) {
        self.written += count;
        if self.written == self.outgoing.len() {
            self.outgoing.clear();
            self.written = 0;
        }
    }
}

/// Which half of a socket has come along.
enum Done {
    Read(io::Result<usize>),
    Wrote(io::Result<usize>),
}

/// The opening handshake: the socket back, with bytes that came right behind the answer.
async fn shake_hands(address: &Address, path: &str, stream: Line) -> Result<(Line, Bytes), String> {
    let request = Request::builder()
        .uri(address.path(path))
        .header(HOST, address.authority())
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "Upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Protocol", SUBPROTOCOL)
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    let (socket, _response) = handshake::client(&TokioExecutor::new(), request, stream)
        .await
        .map_err(|error| error.to_string())?;
    let upgraded: Upgraded = socket.into_inner().into_inner();
    let parts =
        upgraded.downcast::<TokioIo<Line>>().map_err(|_| "hyper lost the socket".to_owned())?;
    Ok((parts.io.into_inner(), parts.read_buf))
}
