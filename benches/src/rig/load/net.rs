//! The clients' sockets.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};

use crate::limits::READ_BYTES;
use crate::rig::poller::Poller;

/// All sockets, by the numbers of their clients.
pub(super) struct Net {
    poller: Poller,
    sockets: Vec<Line>,
    buffer: Box<[u8; READ_BYTES]>,
}

/// One client's socket.
#[derive(Default)]
struct Line {
    stream: Option<TcpStream>,
    connected: bool,
    /// What the socket did not take yet.
    tail: Vec<u8>,
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
    pub(super) fn new(clients: u32) -> io::Result<Self> {
        let mut sockets = Vec::new();
        sockets.resize_with(clients as usize, Line::default);
        Ok(Self { poller: Poller::new()?, sockets, buffer: Box::new([0; READ_BYTES]) })
    }

    /// Begins to connect; [`Arrival::Connected`] or [`Arrival::Closed`] follows.
    pub(super) fn connect(&mut self, client: u32, address: SocketAddr) -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&address.into()) {
            Err(error)
                if error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) =>
            {
                return Err(error);
            }
            _ => {}
        }
        let stream = TcpStream::from(socket);
        self.poller.add(client, &stream)?;
        self.sockets[client as usize] =
            Line { stream: Some(stream), connected: false, tail: Vec::new() };
        Ok(())
    }

    /// Sends bytes, now or as soon as the socket takes them. A broken socket shows when it is read.
    pub(super) fn send(&mut self, client: u32, bytes: &[u8]) {
        let line = &mut self.sockets[client as usize];
        let mut taken = 0;
        if line.tail.is_empty()
            && let Some(stream) = &mut line.stream
        {
            taken = stream.write(bytes).unwrap_or(0);
        }
        line.tail.extend_from_slice(&bytes[taken..]);
    }

    /// Ends a connection.
    pub(super) fn close(&mut self, client: u32) {
        self.sockets[client as usize] = Line::default();
    }

    /// Hands out what has come, without waiting; says whether there may be more.
    pub(super) fn drain(&mut self, mut take: impl FnMut(u32, Arrival<'_>)) -> io::Result<bool> {
        let Self { poller, sockets, buffer } = self;
        poller.poll(|ready| {
            let line = &mut sockets[ready.number as usize];
            if ready.writable && line.stream.is_some() {
                if !std::mem::replace(&mut line.connected, true) {
                    take(ready.number, Arrival::Connected);
                }
                line.flush();
            }
            if ready.readable
                && !line.read(&mut **buffer, &mut |bytes| take(ready.number, Arrival::Bytes(bytes)))
            {
                *line = Line::default();
                take(ready.number, Arrival::Closed);
            }
        })
    }
}

impl Line {
    fn flush(&mut self) {
        while !self.tail.is_empty()
            && let Some(stream) = &mut self.stream
            && let Ok(taken @ 1..) = stream.write(&self.tail)
        {
            self.tail.drain(..taken);
        }
    }

    /// Reads until there is no more; false when the connection has ended.
    fn read(&mut self, buffer: &mut [u8], take: &mut dyn FnMut(&[u8])) -> bool {
        while let Some(stream) = &mut self.stream {
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
        true
    }
}
