//! Readiness, `recv` until there is no more, a `send` for each frame.

use std::io::{self, ErrorKind, Read as _};
use std::net::TcpStream;
use std::ops::Range;

use rustix::net::{SendFlags, send};

use super::Mover;
use crate::rig::poller::Poller;

/// Bytes read from one socket at once: many inputs.
const READ_BYTES: usize = 4096;

pub(super) struct Epoll {
    poller: Poller,
    clients: Vec<Client>,
    buffer: [u8; READ_BYTES],
}

struct Client {
    /// `None` once it has left.
    stream: Option<TcpStream>,
    /// Bytes of a frame that the socket took only in part: all frames are alike.
    sent: usize,
}

impl Epoll {
    pub(super) fn new(streams: Vec<TcpStream>) -> io::Result<Self> {
        let poller = Poller::new()?;
        for (number, stream) in (0..).zip(&streams) {
            poller.add(number, stream)?;
        }
        let clients = streams.into_iter().map(|stream| Client { stream: Some(stream), sent: 0 });
        Ok(Self { poller, clients: clients.collect(), buffer: [0; READ_BYTES] })
    }
}

impl Mover for Epoll {
    fn drain(&mut self) -> io::Result<u64> {
        let Self { poller, clients, buffer } = self;
        let mut bytes = 0;
        let mut more = true;
        while more {
            more = poller.poll(|ready| {
                let client = &mut clients[ready.number as usize];
                while let Some(stream) = client.stream.as_mut().filter(|_| ready.readable) {
                    match stream.read(buffer) {
                        Ok(count) if count == buffer.len() => bytes += count as u64,
                        Ok(count) if count > 0 => {
                            bytes += count as u64;
                            break;
                        }
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        _ => client.stream = None,
                    }
                }
            })?;
        }
        Ok(bytes)
    }

    fn send(&mut self, clients: Range<usize>, frame: &[u8]) -> io::Result<()> {
        for client in &mut self.clients[clients] {
            let Some(stream) = &client.stream else { continue };
            match send(stream, &frame[client.sent..], SendFlags::NOSIGNAL) {
                Ok(count) => client.sent = (client.sent + count) % frame.len(),
                // It does not read: it misses a frame.
                Err(rustix::io::Errno::AGAIN) => {}
                Err(_) => client.stream = None,
            }
        }
        Ok(())
    }
}
