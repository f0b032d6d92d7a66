//! Readiness events of epoll, drained once per wake-up, and a `send` per message.

use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use rustix::event::{Timespec, epoll};

use super::streams::{Left, Streams};
use super::{Arrival, Driver};
use crate::slab::Key;

/// Events taken from the system in one call; a full batch is followed by another. 12 KiB.
const EVENTS: usize = 1024;

/// What is watched: all of it, once. An edge comes when something changes, so that no call is needed to
/// change what is watched.
const WATCHED: epoll::EventFlags = epoll::EventFlags::IN
    .union(epoll::EventFlags::OUT)
    .union(epoll::EventFlags::RDHUP)
    .union(epoll::EventFlags::ET);

/// After one of these the end of the stream, or its error, is there to be read.
const END: epoll::EventFlags =
    epoll::EventFlags::RDHUP.union(epoll::EventFlags::HUP).union(epoll::EventFlags::ERR);

const NO_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Sockets behind edge-triggered readiness: a socket is read until it has no more, or until its budget
/// is spent and it waits in `unread` for the next wake-up.
pub(crate) struct Epoll {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    streams: Streams,
    /// Sockets that had more to read than their budget.
    unread: Vec<Key>,
}

impl Epoll {
    /// # Errors
    /// When the system has no more descriptors.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(EVENTS),
            streams: Streams::new(),
            unread: Vec::new(),
        })
    }

    fn read(&mut self, key: Key, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        if self.streams.read(key, take) == Left::More {
            self.unread.push(key);
        }
    }

    fn arrived(&mut self, event: epoll::Event, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let (flags, data) = (event.flags, event.data);
        let key = Key::from_u64(data.u64());
        let Some(stream) = self.streams.get(key) else { return };
        if flags.contains(epoll::EventFlags::OUT) && std::mem::take(&mut stream.waits) {
            take(key, Arrival::Writable);
        }
        if flags.intersects(epoll::EventFlags::IN | END) {
            stream.hung_up |= flags.intersects(END);
            // One that is listed comes again.
            if !stream.listed {
                self.read(key, take);
            }
        }
    }
}

impl Driver for Epoll {
    fn adopt(&mut self, key: Key, stream: TcpStream) -> io::Result<()> {
        let socket = self.streams.insert(key, stream)?;
        let data = epoll::EventData::new_u64(key.to_u64());
        let watched = epoll::add(&self.epoll, socket, data, WATCHED);
        if watched.is_err() {
            self.streams.remove(key);
        }
        Ok(watched?)
    }

    fn drain(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        self.streams.begin_turn();
        for key in std::mem::take(&mut self.unread) {
            let Some(stream) = self.streams.get(key) else { continue };
            stream.listed = false;
            self.read(key, take);
        }
        let mut events = std::mem::take(&mut self.events);
        loop {
            events.clear();
            let room = rustix::buffer::spare_capacity(&mut events);
            // An interrupted call leaves no events; what was ready is reported next time.
            if epoll::wait(&self.epoll, room, Some(&NO_WAIT)).is_err() {
                break;
            }
            for event in &events {
                self.arrived(*event, take);
            }
            if events.len() < EVENTS {
                break;
            }
        }
        self.events = events;
    }

    fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize> {
        self.streams.write(key, parts)
    }

    fn finish(&mut self, key: Key) {
        self.streams.finish(key);
    }

    /// A descriptor that closes is no longer watched.
    fn remove(&mut self, key: Key) {
        self.streams.remove(key);
    }

    /// Everything went out when it was written.
    fn submit(&mut self, _: &mut dyn FnMut(Key, Arrival<'_>)) {}
}
