//! epoll: which sockets have something.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;

use crate::limits::EVENTS;

/// Sockets behind edge-triggered readiness, known by numbers.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<Event>,
}

/// A socket that has something.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// Its number.
    pub number: u32,
    /// Bytes, its end, or an error.
    pub readable: bool,
    /// Room for more to be sent, or it is connected.
    pub writable: bool,
}

impl Poller {
    /// # Errors
    /// When the system has no more descriptors.
    pub fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(EVENTS) })
    }

    /// Watches a socket, until it is dropped.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, number: u32, stream: &TcpStream) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(&self.epoll, stream, EventData::new_u64(number.into()), flags)?)
    }

    /// No longer watches a socket that lives on.
    ///
    /// # Errors
    /// When it was not watched.
    pub fn remove(&self, stream: &TcpStream) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, stream)?)
    }

    /// Hands out what is ready, without waiting: at most [`EVENTS`] sockets; says whether there may be
    /// more.
    ///
    /// # Errors
    /// What `take` gives.
    pub fn poll(&mut self, mut take: impl FnMut(Ready)) -> io::Result<bool> {
        self.events.clear();
        let at_once = Timespec::try_from(Duration::ZERO).ok();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), at_once.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(true),
            other => other?,
        };
        for event in &self.events {
            // Copied out: the kernel's layout is packed.
            let (flags, data) = (event.flags, event.data);
            let ended = EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR;
            take(Ready {
                number: data.u64() as u32,
                readable: flags.intersects(EventFlags::IN | ended),
                writable: flags.contains(EventFlags::OUT),
            });
        }
        Ok(self.events.len() == EVENTS)
    }
}
