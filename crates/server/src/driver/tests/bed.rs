//! A driver with sockets, and what it said of each.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::driver::{Arrival, Driver};
use crate::slab::{Key, Slab};

/// How long anything may take before a test gives up on it.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Between two wake-ups.
const STEP: Duration = Duration::from_millis(1);

/// Whether this machine has io_uring and allows it; it must if `TICKWIRE_TESTS_NEED_URING` is set.
#[cfg(target_os = "linux")]
pub(super) fn has_uring() -> bool {
    let outcome = crate::driver::uring::Uring::probe();
    if let Err(error) = &outcome {
        assert!(std::env::var_os("TICKWIRE_TESTS_NEED_URING").is_none(), "{error}");
        eprintln!("not tested: {error}");
    }
    outcome.is_ok()
}

/// What a driver said of a socket.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) received: Vec<u8>,
    pub(super) busy: usize,
    pub(super) writable: usize,
    pub(super) closed: usize,
}

pub(super) struct Bed<D> {
    pub(super) driver: D,
    keys: Slab<()>,
    stories: BTreeMap<Key, Story>,
}

impl<D: Driver> Bed<D> {
    pub(super) fn new(driver: D) -> Self {
        Self { driver, keys: Slab::default(), stories: BTreeMap::new() }
    }

    /// A socket of the driver, and the other end.
    pub(super) fn pair(&mut self) -> (Key, TcpStream) {
        let (near, far) = connected();
        (self.adopt(near), far)
    }

    pub(super) fn adopt(&mut self, near: TcpStream) -> Key {
        let key = self.keys.insert(());
        self.driver.adopt(key, near).unwrap();
        key
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.driver.remove(key);
        self.keys.remove(key);
    }

    pub(super) fn story(&mut self, key: Key) -> &mut Story {
        self.stories.entry(key).or_default()
    }

    pub(super) fn drain(&mut self) {
        let stories = &mut self.stories;
        self.driver.drain(&mut |key, arrival| note(stories, key, arrival));
    }

    pub(super) fn submit(&mut self) {
        let stories = &mut self.stories;
        self.driver.submit(&mut |key, arrival| note(stories, key, arrival));
    }

    /// Wakes up until `done`.
    pub(super) fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < end, "never: {what}");
            std::thread::sleep(STEP);
            self.drain();
            self.submit();
        }
    }

    /// Writes a whole message as an outbox does: what is not taken waits until the socket is writable.
    pub(super) fn write_all(&mut self, key: Key, message: &[u8]) {
        let mut taken = 0;
        self.until("all is taken", |bed| {
            // In three parts, of which the last is the longest.
            let rest = &message[taken..];
            let (head, rest) = rest.split_at(rest.len().min(4));
            let (own, shared) = rest.split_at(rest.len() / 3);
            taken += bed.driver.write(key, &[head, own, shared]).unwrap();
            taken == message.len()
        });
    }

    /// Writes the [`pattern`] until the socket is busy, and says how much of it was taken.
    pub(super) fn fill(&mut self, key: Key) -> usize {
        let mut taken = 0;
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "it takes everything");
            let count = self.driver.write(key, &[&pattern_from(taken, 10_000)]).unwrap();
            taken += count;
            self.submit();
            // A driver says so at the write, or at the submission.
            if count == 0 || self.story(key).busy > 0 {
                return taken;
            }
        }
    }

    /// Wakes up until the other end has seen the end, and gives what came before.
    pub(super) fn until_closed(&mut self, far: &mut TcpStream) -> Vec<u8> {
        far.set_nonblocking(true).unwrap();
        let mut heard = Vec::new();
        self.until("the socket closes", |_| match far.read_to_end(&mut heard) {
            Ok(_) => true,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        });
        heard
    }
}

fn note(stories: &mut BTreeMap<Key, Story>, key: Key, arrival: Arrival<'_>) {
    let story = stories.entry(key).or_default();
    match arrival {
        Arrival::Bytes(_) | Arrival::Closed if story.closed > 0 => {
            panic!("{arrival:?} after the end")
        }
        Arrival::Bytes(bytes) => story.received.extend_from_slice(bytes),
        Arrival::Writable => story.writable += 1,
        Arrival::Busy => story.busy += 1,
        Arrival::Closed => story.closed += 1,
    }
}

pub(super) fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let near = listener.accept().unwrap().0;
    near.set_nodelay(true).unwrap();
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    (near, far)
}

/// Ends a connection without a word.
pub(super) fn reset(far: TcpStream) {
    let far = socket2::Socket::from(far);
    far.set_linger(Some(Duration::ZERO)).unwrap();
}

/// Bytes in which a lost or swapped piece shows.
pub(super) fn pattern(len: usize) -> Vec<u8> {
    pattern_from(0, len)
}

fn pattern_from(start: usize, len: usize) -> Vec<u8> {
    let at = start as u32..(start + len) as u32;
    at.map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

pub(super) fn raise_descriptor_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}
