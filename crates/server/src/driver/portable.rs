//! Readiness events (epoll, kqueue) drained once per wake-up, and `writev`.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use mio::event::Event;
use mio::{Events, Interest, Poll, Token};

use super::{Arrival, Driver, MAX_PARTS};
use crate::limits;
use crate::slab::Key;

/// Events taken from the system in one call; a full batch is followed by another.
const EVENTS: usize = 1024;

/// Sockets behind edge-triggered readiness: a socket is read until it has no more, or until its budget
/// is spent and it waits in `unread` for the next wake-up.
pub(crate) struct Portable {
    poll: Poll,
    events: Events,
    /// Indexed by the key's index, which is also the token.
    sockets: Vec<Option<Socket>>,
    /// Sockets that had more to read than their budget.
    unread: Vec<Key>,
    buffer: Box<[u8; limits::READ_BUDGET_BYTES]>,
}

struct Socket {
    key: Key,
    stream: mio::net::TcpStream,
    /// Whether it is in `unread`: it has had its budget, whatever events still say.
    is_unread: bool,
}

impl Portable {
    /// # Errors
    /// When the system has no more descriptors.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(EVENTS),
            sockets: Vec::new(),
            unread: Vec::new(),
            buffer: Box::new([0; limits::READ_BUDGET_BYTES]),
        })
    }

    fn socket(&mut self, key: Key) -> Option<&mut Socket> {
        let socket = self.sockets.get_mut(key.index())?.as_mut()?;
        (socket.key == key).then_some(socket)
    }

    /// Reads one budget's worth.
    fn read(&mut self, key: Key, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let Some(Some(socket)) = self.sockets.get_mut(key.index()) else { return };
        if socket.key != key || socket.is_unread {
            return;
        }
        let mut room = self.buffer.len();
        loop {
            match socket.stream.read(&mut self.buffer[..room]) {
                Ok(0) => return take(key, Arrival::Closed),
                Ok(count) => {
                    take(key, Arrival::Bytes(&self.buffer[..count]));
                    if count == room {
                        socket.is_unread = true;
                        return self.unread.push(key);
                    }
                    room -= count;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return take(key, Arrival::Closed),
            }
        }
    }

    fn arrived(&mut self, event: &Event, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let key = match self.sockets.get(event.token().0) {
            Some(Some(socket)) => socket.key,
            _ => return,
        };
        if event.is_writable() {
            take(key, Arrival::Writable);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.read(key, take);
        }
    }
}

impl Driver for Portable {
    fn adopt(&mut self, key: Key, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(true)?;
        let mut stream = mio::net::TcpStream::from_std(stream);
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut stream, Token(key.index()), interest)?;
        if self.sockets.len() <= key.index() {
            self.sockets.resize_with(key.index() + 1, || None);
        }
        self.sockets[key.index()] = Some(Socket { key, stream, is_unread: false });
        Ok(())
    }

    fn drain(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        for key in std::mem::take(&mut self.unread) {
            if let Some(socket) = self.socket(key) {
                socket.is_unread = false;
            }
            self.read(key, take);
        }
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        loop {
            // A failed or interrupted call leaves no events; what was ready is reported next time.
            if self.poll.poll(&mut events, Some(Duration::ZERO)).is_err() {
                break;
            }
            let mut count = 0;
            for event in &events {
                count += 1;
                self.arrived(event, take);
            }
            if count < EVENTS {
                break;
            }
        }
        self.events = events;
    }

    fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize> {
        let Some(socket) = self.socket(key) else { return Err(ErrorKind::NotConnected.into()) };
        let mut slices = [IoSlice::new(&[]); MAX_PARTS];
        debug_assert!(parts.len() <= MAX_PARTS, "{} parts", parts.len());
        for (slice, part) in slices.iter_mut().zip(parts) {
            *slice = IoSlice::new(part);
        }
        loop {
            match socket.stream.write_vectored(&slices[..parts.len().min(MAX_PARTS)]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
                other => return other,
            }
        }
    }

    fn finish(&mut self, key: Key) {
        if let Some(socket) = self.socket(key) {
            // Fails only when the other side is gone already.
            let _ = socket.stream.shutdown(Shutdown::Write);
        }
    }

    fn remove(&mut self, key: Key) {
        if self.socket(key).is_some()
            && let Some(mut socket) = self.sockets[key.index()].take()
        {
            // Closing the descriptor deregisters it too.
            let _ = self.poll.registry().deregister(&mut socket.stream);
        }
    }

    /// Everything went out when it was written.
    fn submit(&mut self, _: &mut dyn FnMut(Key, Arrival<'_>)) {}
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::slab::Slab;

    #[test]
    fn a_flood_gets_one_budget_each_time_however_long_it_lasts() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let mut driver = Portable::new().unwrap();
        let key = Slab::default().insert(());
        driver.adopt(key, stream).unwrap();
        client.set_nonblocking(true).unwrap();
        let mut came = 0;
        for _ in 0..50 {
            // Fills what room there is, so that each drain has a new event as well.
            while client.write(&[7; 4096]).is_ok() {}
            let before = came;
            driver.drain(&mut |_, arrival| {
                if let Arrival::Bytes(bytes) = arrival {
                    came += bytes.len();
                }
            });
            assert!(came - before <= limits::READ_BUDGET_BYTES, "{} bytes", came - before);
        }
        assert!(came >= 40 * limits::READ_BUDGET_BYTES, "{came} bytes");
    }
}
