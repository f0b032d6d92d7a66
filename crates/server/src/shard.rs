//! A shard: one thread that owns rooms and their sockets outright.
//!
//! It sleeps to absolute deadlines and does at each wake-up, in this order: take the mailbox, drain the
//! sockets and feed the rooms, run the rooms that are due (simulate, encode, send), sweep over timeouts,
//! let the driver send what was written, judge whether there is time for all of it. Nothing wakes it in between, no lock is taken on the way of a
//! tick, and no task exists per client.
//!
//! Rooms lie on a grid of cohorts over the tick period, so that the last room's snapshot does not wait
//! for all others, while one wake-up still serves many sockets.

mod arrivals;
mod cohort;
mod connection;
mod inbound;
mod load;
mod mail;
mod outbox;
mod overload;
mod rooms;
mod shedding;
mod sweep;
mod transport;
mod turns;

pub(crate) use mail::{HandOver, Mail, Mailbox, SeatError};

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::JoinHandle;

use tickwire_wire::close::Close;
use tickwire_wire::websocket::FrameLimits;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::{Config, Limits};
use crate::directory::Directory;
use crate::driver::poll::Poll;
use crate::driver::{Driver, Io};
#[cfg(target_os = "linux")]
use crate::driver::{epoll::Epoll, uring::Uring};
use crate::host;
use crate::limits::{COHORT_HZ, SHUTDOWN_DRAIN_US};
use crate::metrics::ShardMetrics;
use crate::slab::{Key, Slab};
use connection::Connection;
use load::Window;
use rooms::Rooms;
use shedding::{Shedding, Subject};
use sweep::Rounds;
use turns::Turn;

/// Deadlines this close together are one wake-up: grid points of different rates round differently.
const MERGE_US: u64 = 50;

/// What a shard needs of the server around it.
pub(crate) struct ShardContext {
    /// Which of the shards it is.
    pub(crate) index: usize,
    pub(crate) clock: Clock,
    pub(crate) directory: Arc<Directory>,
    pub(crate) metrics: Arc<ShardMetrics>,
    pub(crate) settings: ShardSettings,
}

/// The parts of the configuration that a shard acts on.
#[derive(Debug, Clone)]
pub(crate) struct ShardSettings {
    limits: Limits,
    frames: FrameLimits,
    /// Wake-ups a second.
    grid_hz: u64,
    room_idle_us: u64,
}

impl ShardSettings {
    pub(crate) fn new(config: &Config, cohorts: u16) -> Self {
        let frame_bytes = config.limits.frame_bytes as usize;
        Self {
            limits: config.limits.clone(),
            frames: FrameLimits {
                max_message: frame_bytes,
                max_frame: frame_bytes,
                max_fragments: config.limits.fragments,
            },
            grid_hz: COHORT_HZ * u64::from(cohorts),
            room_idle_us: config.rooms.idle_close_ms * 1_000,
        }
    }
}

/// Tells when a shard's thread has ended: dropped with it, also by a panic.
pub(crate) struct Alive(pub(crate) Arc<Notify>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Starts the thread, on a core of its own if one is given. It ends after [`Mail::Shutdown`], or when a
/// bug of the shell makes it panic; in both cases `alive` is dropped.
///
/// # Errors
/// When the system has no thread to give, or its driver cannot be opened.
pub(crate) fn spawn(
    io: Io,
    mail: Receiver<Mail>,
    context: ShardContext,
    core: Option<usize>,
    alive: Alive,
) -> io::Result<JoinHandle<()>> {
    let (opened, answer) = std::sync::mpsc::sync_channel(1);
    let name = format!("tickwire-shard-{}", context.index);
    let thread = std::thread::Builder::new().name(name).spawn(move || {
        let _alive = alive;
        if let Some(core) = core {
            host::keep_to(core);
        }
        // A driver belongs to the thread that opens it.
        match io {
            #[cfg(target_os = "linux")]
            Io::Epoll => run(Epoll::new(), &opened, mail, context),
            #[cfg(target_os = "linux")]
            Io::Uring => run(Uring::new(), &opened, mail, context),
            Io::Poll => run(Ok(Poll::new()), &opened, mail, context),
        }
    })?;
    answer.recv().unwrap_or_else(|_| Err(io::Error::other("the shard's thread ended")))?;
    Ok(thread)
}

/// Tells the starter whether the driver is open, and runs the shard if it is.
fn run<D: Driver>(
    driver: io::Result<D>,
    opened: &SyncSender<io::Result<()>>,
    mail: Receiver<Mail>,
    context: ShardContext,
) {
    let (driver, outcome) = match driver {
        Ok(driver) => (Some(driver), Ok(())),
        Err(error) => (None, Err(error)),
    };
    // The starter waits for it.
    let _ = opened.send(outcome);
    if let Some(driver) = driver {
        Shard::new(driver, mail, context).run();
    }
}

/// The state of the thread.
struct Shard<D> {
    driver: D,
    mail: Receiver<Mail>,
    context: ShardContext,
    connections: Slab<Connection>,
    rooms: Rooms,
    /// Connections with something to flush after the sockets were drained.
    touched: Vec<Key>,
    /// Connections whose socket ended or broke.
    gone: Vec<Key>,
    /// Connections that are over once their driver has got rid of what it took.
    over: Vec<Key>,
    /// Head of the frame being sent.
    head: Vec<u8>,
    /// What was decrypted of the bytes at hand.
    plain: Vec<u8>,
    /// Rooms that are due in this wake-up.
    turns: Vec<Turn>,
    rounds: Rounds,
    window: Window,
    shedding: Shedding,
    /// The rooms as the shedding sees them.
    subjects: Vec<Subject>,
    /// Set by [`Mail::Shutdown`].
    ending: Option<Ending>,
}

/// The last thing a shard does.
struct Ending {
    close: Close,
    /// When it no longer waits for its sockets.
    until_us: u64,
}

impl<D: Driver> Shard<D> {
    fn new(driver: D, mail: Receiver<Mail>, context: ShardContext) -> Self {
        let now_us = context.clock.now_us();
        Self {
            driver,
            mail,
            context,
            connections: Slab::default(),
            rooms: Rooms::default(),
            touched: Vec::new(),
            gone: Vec::new(),
            over: Vec::new(),
            head: Vec::new(),
            plain: Vec::new(),
            turns: Vec::new(),
            rounds: Rounds::new(now_us),
            window: Window::new(now_us),
            shedding: Shedding::default(),
            subjects: Vec::new(),
            ending: None,
        }
    }

    fn run(&mut self) {
        loop {
            let deadline_us = self.next_wake_us();
            self.context.clock.sleep_until(deadline_us);
            self.wake();
            if let Some(ending) = &self.ending
                && (self.connections.len() == 0 || self.context.clock.now_us() >= ending.until_us)
            {
                return;
            }
        }
    }

    /// One wake-up.
    fn wake(&mut self) {
        let begin_us = self.context.clock.now_us();
        self.take_mail(begin_us);
        self.drain(begin_us);
        let drained_us = self.context.clock.now_us();
        self.context.metrics.wakes.add(1);
        self.context.metrics.drain_us.add(drained_us - begin_us);
        self.run_cohort(drained_us);
        self.sweep(drained_us);
        let ran_us = self.context.clock.now_us();
        self.submit(ran_us);
        let end_us = self.context.clock.now_us();
        self.context.metrics.submit_us.add(end_us - ran_us);
        self.window.worked(begin_us, end_us);
        self.judge(end_us);
    }

    /// The next point of the grid or deadline of a room, whichever comes first.
    fn next_wake_us(&self) -> u64 {
        let now_us = self.context.clock.now_us();
        // A shard that has nothing only looks for mail.
        let is_idle = self.rooms.seated.len() == 0 && self.connections.len() == 0;
        let grid_hz = if is_idle { COHORT_HZ } else { self.context.settings.grid_hz };
        let grid_us = next_on_grid(now_us, grid_hz);
        let deadlines = || self.rooms.seated.iter().map(|(_, room)| self.rooms.due_us(room));
        let first_us = deadlines().fold(grid_us, u64::min);
        let merged = deadlines().chain([grid_us]).filter(|due_us| *due_us <= first_us + MERGE_US);
        merged.fold(first_us, u64::max)
    }

    /// Starts the end: every client is told, new ones are told at once.
    fn end(&mut self, close: Close, now_us: u64) {
        let keys: Vec<Key> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.close(key, &close, now_us);
        }
        self.flush_touched(now_us);
        self.ending = Some(Ending { close, until_us: now_us + SHUTDOWN_DRAIN_US });
    }
}

/// The first multiple of the grid's period after `now_us`, counted from the Unix epoch as rooms do.
fn next_on_grid(now_us: u64, grid_hz: u64) -> u64 {
    let within_us = now_us % 1_000_000;
    let point_us = |index: u64| index * 1_000_000 / grid_hz;
    let index = within_us * grid_hz / 1_000_000 + 1;
    // A point is rounded down, so that the one computed may be the one at hand.
    let next_us = if point_us(index) > within_us { point_us(index) } else { point_us(index + 1) };
    now_us - within_us + next_us
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_does_not_drift_and_never_stands_still() {
        for grid_hz in [30, 150, 360, 1500] {
            let start_us = 1_800_000_000_000_000;
            let mut now_us = start_us;
            for _ in 0..grid_hz * 10 {
                let next_us = next_on_grid(now_us, grid_hz);
                assert!(next_us > now_us);
                now_us = next_us;
            }
            assert_eq!(now_us - start_us, 10_000_000, "{grid_hz} Hz");
        }
    }
}
