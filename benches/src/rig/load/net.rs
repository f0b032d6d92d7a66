//! The clients' sockets: on epoll while they shake hands, and then there or on io_uring.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};
use tickwire_ring::{Completion, Ring, SocketId};

use crate::limits::READ_BYTES;
use crate::rig::job::Io;
use crate::rig::poller::Poller;
use crate::rig::ring_for;

/// All sockets, by the numbers of their clients.
pub(super) struct Net {
    poller: Poller,
    /// Where sockets go that are in play, if not back to the poller.
    ring: Option<Ring>,
    lines: Vec<Line>,
    /// Lines on the poller.
    polled: u32,
    buffer: Box<[u8; READ_BYTES]>,
}

/// One client's socket.
#[derive(Default)]
struct Line {
    socket: Place,
    connected: bool,
    /// What the socket did not take yet.
    tail: Vec<u8>,
}

/// Where a socket is.
#[derive(Default)]
enum Place {
    #[default]
    Nowhere,
    Polled(TcpStream),
    Ring(SocketId),
}

/// What came.
pub(super) enum Arrival<'a> {
    /// The connection stands.
    Connected,
    /// Bytes.
    Bytes(&'a [u8]),
    /// The other side has ended it, or it failed.
    Closed,
}

impl Net {
    pub(super) fn new(clients: u32, io: Io) -> io::Result<Self> {
        let mut lines = Vec::new();
        lines.resize_with(clients as usize, Line::default);
        let ring = match io {
            Io::Epoll => None,
            Io::Uring => Some(ring_for(clients as usize)?),
        };
        let buffer = Box::new([0; READ_BYTES]);
        Ok(Self { poller: Poller::new()?, ring, lines, polled: 0, buffer })
    }

    /// Begins to connect; [`Arrival::Connected`] or [`Arrival::Closed`] follows.
    /// With `mute` the socket takes as little as sockets can, so that it is soon full.
    pub(super) fn connect(
        &mut self,
        client: u32,
        address: SocketAddr,
        mute: bool,
    ) -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if mute {
            socket.set_recv_buffer_size(1)?;
        }
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        let in_progress = Some(rustix::io::Errno::INPROGRESS.raw_os_error());
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() != in_progress => return Err(error),
            _ => {}
        }
        let stream = TcpStream::from(socket);
        self.poller.add(client, &stream)?;
        self.polled += 1;
        self.lines[client as usize] =
            Line { socket: Place::Polled(stream), connected: false, tail: Vec::new() };
        Ok(())
    }

    /// Moves a socket that has shaken hands to where sockets in play are.
    pub(super) fn settle(&mut self, client: u32) -> io::Result<()> {
        let Some(ring) = &mut self.ring else { return Ok(()) };
        let line = &mut self.lines[client as usize];
        match std::mem::take(&mut line.socket) {
            Place::Polled(stream) if line.tail.is_empty() => {
                self.poller.remove(&stream)?;
                self.polled -= 1;
                line.socket = Place::Ring(ring.adopt(stream.into(), client.into())?);
            }
            other => line.socket = other,
        }
        Ok(())
    }

    /// From now on nothing is read from a socket that has not settled.
    pub(super) fn mute(&mut self, client: u32) -> io::Result<()> {
        match &self.lines[client as usize].socket {
            Place::Polled(stream) => self.poller.remove(stream),
            _ => Ok(()),
        }
    }

    /// Sends bytes, now (on io_uring: with the next [`Net::submit`]) or as soon as the socket takes
    /// them. A broken socket shows when it is read.
    pub(super) fn send(&mut self, client: u32, bytes: &[u8]) {
        let Self { lines, ring, .. } = self;
        let line = &mut lines[client as usize];
        let taken = match line.tail.is_empty() {
            true => line.write(bytes, ring.as_mut()),
            false => 0,
        };
        line.tail.extend_from_slice(&bytes[taken..]);
    }

    /// Ends a connection.
    pub(super) fn close(&mut self, client: u32) {
        let line = std::mem::take(&mut self.lines[client as usize]);
        match (line.socket, &mut self.ring) {
            (Place::Polled(_), _) => self.polled -= 1,
            (Place::Ring(id), Some(ring)) => ring.remove(id),
            _ => {}
        }
    }

    /// Hands out what has come, without waiting; says whether there may be more.
    pub(super) fn drain(&mut self, mut take: impl FnMut(u32, Arrival<'_>)) -> io::Result<bool> {
        let Self { poller, ring, lines, polled, buffer } = self;
        let mut more = false;
        if *polled > 0 {
            more = poller.poll(|ready| {
                let line = &mut lines[ready.number as usize];
                if !matches!(line.socket, Place::Polled(_)) {
                    return;
                }
                if ready.writable {
                    if !std::mem::replace(&mut line.connected, true) {
                        take(ready.number, Arrival::Connected);
                    }
                    line.flush(None);
                }
                let mut bytes = |bytes: &[u8]| take(ready.number, Arrival::Bytes(bytes));
                if ready.readable && !line.read(&mut **buffer, &mut bytes) {
                    *line = Line::default();
                    *polled -= 1;
                    take(ready.number, Arrival::Closed);
                }
            })?;
        }
        if let Some(ring) = ring {
            let mut sent = Vec::new();
            ring.drain(|completion| complete(completion, lines, &mut sent, &mut take))?;
            flush(&sent, lines, ring);
        }
        Ok(more)
    }

    /// Hands over what was sent, in one system call, where that was not done at once.
    pub(super) fn submit(&mut self, mut take: impl FnMut(u32, Arrival<'_>)) -> io::Result<()> {
        let Self { ring: Some(ring), lines, .. } = self else { return Ok(()) };
        let mut sent = Vec::new();
        ring.submit(|completion| complete(completion, lines, &mut sent, &mut take))?;
        flush(&sent, lines, ring);
        Ok(())
    }
}

/// Passes a completion on; those with room for more and something that waits go into `sent`.
fn complete(
    completion: Completion<'_>,
    lines: &mut [Line],
    sent: &mut Vec<u32>,
    take: &mut impl FnMut(u32, Arrival<'_>),
) {
    match completion {
        Completion::Received { tag, bytes } => take(tag as u32, Arrival::Bytes(bytes)),
        Completion::Sent { tag } if !lines[tag as usize].tail.is_empty() => sent.push(tag as u32),
        Completion::Ended { tag, .. } | Completion::Failed { tag, .. } => {
            take(tag as u32, Arrival::Closed);
        }
        Completion::Sent { .. } | Completion::Busy { .. } => {}
    }
}

fn flush(sent: &[u32], lines: &mut [Line], ring: &mut Ring) {
    for &client in sent {
        lines[client as usize].flush(Some(ring));
    }
}

impl Line {
    /// Writes what the socket takes now; says how many bytes that is.
    fn write(&mut self, bytes: &[u8], ring: Option<&mut Ring>) -> usize {
        match (&mut self.socket, ring) {
            (Place::Polled(stream), _) => stream.write(bytes).unwrap_or(0),
            (Place::Ring(id), Some(ring)) => ring.send(*id, &[bytes]).unwrap_or(0),
            _ => 0,
        }
    }

    fn flush(&mut self, mut ring: Option<&mut Ring>) {
        let tail = std::mem::take(&mut self.tail);
        let mut done = 0;
        while done < tail.len() {
            match self.write(&tail[done..], ring.as_deref_mut()) {
                0 => break,
                taken => done += taken,
            }
        }
        self.tail = tail;
        self.tail.drain(..done);
    }

    /// Reads until there is no more; false when the connection has ended.
    fn read(&mut self, buffer: &mut [u8], take: &mut dyn FnMut(&[u8])) -> bool {
        let Place::Polled(stream) = &mut self.socket else { return true };
        loop {
            match stream.read(buffer) {
                Ok(0) => return false,
                Ok(count) => {
                    take(&buffer[..count]);
                    if count < buffer.len() {
                        return true;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }
}
