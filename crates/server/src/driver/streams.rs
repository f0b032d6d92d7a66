//! What drivers that go by readiness have in common: sockets by key, reading within a budget, sending.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};

use super::Arrival;
use crate::limits::READ_BUDGET_BYTES;
use crate::slab::Key;

/// Messages up to this length are copied into one piece and sent by `send`; longer ones go by `writev`.
/// A copy of 4 KiB costs less than what the kernel takes more for a list of pieces (0.2-0.5 µs).
const GATHER_BYTES: usize = 4 * 1024;

/// Parts of one write: head, own section, shared section.
const MAX_PARTS: usize = 3;

/// Non-blocking sockets.
pub(super) struct Streams {
    /// Indexed by the key's index.
    places: Vec<Option<Stream>>,
    /// What was read last.
    buffer: Box<[u8; READ_BUDGET_BYTES]>,
    /// What is sent in one piece.
    piece: Vec<u8>,
    /// The current wake-up.
    turn: u64,
}

pub(super) struct Stream {
    key: Key,
    pub(super) socket: TcpStream,
    /// Whether its end has been handed out.
    pub(super) ended: bool,
    /// Whether a write was cut short or refused since it was writable last.
    pub(super) waits: bool,
    /// Whether its end is there to be read, behind what else there is.
    pub(super) hung_up: bool,
    /// Whether its driver comes back to it by itself.
    pub(super) listed: bool,
    /// The wake-up that `turn_bytes` counts for.
    turn: u64,
    /// Bytes read in it.
    turn_bytes: usize,
}

/// What reading left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The socket was read empty.
    Nothing,
    /// The budget is spent, and there may be more.
    More,
}

impl Streams {
    pub(super) fn new() -> Self {
        Self {
            places: Vec::new(),
            buffer: Box::new([0; READ_BUDGET_BYTES]),
            piece: Vec::with_capacity(GATHER_BYTES),
            turn: 0,
        }
    }

    pub(super) fn insert(&mut self, key: Key, socket: TcpStream) -> io::Result<&TcpStream> {
        socket.set_nonblocking(true)?;
        if self.places.len() <= key.index() {
            self.places.resize_with(key.index() + 1, || None);
        }
        let stream = Stream {
            key,
            socket,
            ended: false,
            waits: false,
            hung_up: false,
            listed: false,
            turn: 0,
            turn_bytes: 0,
        };
        Ok(&self.places[key.index()].insert(stream).socket)
    }

    /// A new wake-up: every socket has its budget again.
    pub(super) fn begin_turn(&mut self) {
        self.turn += 1;
    }

    /// Closes a socket.
    pub(super) fn remove(&mut self, key: Key) {
        if self.get(key).is_some() {
            self.places[key.index()] = None;
        }
    }

    pub(super) fn get(&mut self, key: Key) -> Option<&mut Stream> {
        find(&mut self.places, key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Key, &Stream)> {
        self.places.iter().flatten().map(|stream| (stream.key, stream))
    }

    /// Hands out what a socket holds, up to what is left of its budget. When it came shorter than there was room, the
    /// socket is empty and needs no second look, unless it has hung up.
    pub(super) fn read(&mut self, key: Key, take: &mut dyn FnMut(Key, Arrival<'_>)) -> Left {
        let Some(stream) = find(&mut self.places, key).filter(|stream| !stream.ended) else {
            return Left::Nothing;
        };
        if stream.turn != self.turn {
            stream.turn = self.turn;
            stream.turn_bytes = 0;
        }
        loop {
            let room = self.buffer.len() - stream.turn_bytes;
            if room == 0 {
                return Left::More;
            }
            match stream.socket.read(&mut self.buffer[..room]) {
                Ok(0) => break,
                Ok(count) => {
                    stream.turn_bytes += count;
                    take(key, Arrival::Bytes(&self.buffer[..count]));
                    if count < room && !stream.hung_up {
                        return Left::Nothing;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Left::Nothing,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        stream.ended = true;
        take(key, Arrival::Closed);
        Left::Nothing
    }

    /// Sends `parts`; 0 when the socket is busy.
    ///
    /// # Errors
    /// When the socket is broken.
    pub(super) fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize> {
        let Some(stream) = find(&mut self.places, key) else {
            return Err(ErrorKind::NotConnected.into());
        };
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        if bytes <= GATHER_BYTES {
            self.piece.clear();
            parts.iter().for_each(|part| self.piece.extend_from_slice(part));
        }
        let sent = loop {
            // `write` of a `TcpStream` is send(2) without SIGPIPE.
            let outcome = match parts {
                [part] => stream.socket.write(part),
                _ if bytes <= GATHER_BYTES => stream.socket.write(&self.piece),
                _ => write_list(&mut stream.socket, parts),
            };
            match outcome {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break 0,
                other => break other?,
            }
        };
        stream.waits |= sent < bytes;
        Ok(sent)
    }

    /// Ends the sending side.
    pub(super) fn finish(&mut self, key: Key) {
        if let Some(stream) = self.get(key) {
            // Fails only when the other side is gone already.
            let _ = stream.socket.shutdown(Shutdown::Write);
        }
    }
}

fn find(places: &mut [Option<Stream>], key: Key) -> Option<&mut Stream> {
    places.get_mut(key.index())?.as_mut().filter(|stream| stream.key == key)
}

fn write_list(socket: &mut TcpStream, parts: &[&[u8]]) -> io::Result<usize> {
    debug_assert!(parts.len() <= MAX_PARTS, "{} parts", parts.len());
    let mut slices = [IoSlice::new(&[]); MAX_PARTS];
    for (slice, part) in slices.iter_mut().zip(parts) {
        *slice = IoSlice::new(part);
    }
    socket.write_vectored(&slices[..parts.len().min(MAX_PARTS)])
}
