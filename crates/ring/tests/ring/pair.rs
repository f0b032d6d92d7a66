//! A ring, its sockets by number, and what became of them.

use std::collections::BTreeMap;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use tickwire_ring::{Completion, Ring, RingConfig, SocketId};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One look of a waiting test.
const STEP: Duration = Duration::from_millis(5);

/// Ends a test, with a word, on a machine that lacks or forbids io_uring, unless
/// `TICKWIRE_TESTS_NEED_URING` is set.
macro_rules! need_ring {
    () => {
        if let Err(error) = tickwire_ring::probe(&tickwire_ring::RingConfig::default()) {
            assert!(std::env::var_os("TICKWIRE_TESTS_NEED_URING").is_none(), "{error}");
            eprintln!("not tested: {error}");
            return;
        }
    };
}

pub(crate) use need_ring;

/// What became of a socket.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) received: Vec<u8>,
    pub(crate) ended: bool,
    pub(crate) error: Option<io::Error>,
    pub(crate) busy: usize,
    pub(crate) sent: usize,
    pub(crate) failed: bool,
}

pub(crate) struct Bed {
    pub(crate) ring: Ring,
    stories: BTreeMap<u64, Story>,
}

impl Bed {
    pub(crate) fn new(config: &RingConfig) -> Self {
        Self { ring: Ring::new(config).unwrap(), stories: BTreeMap::new() }
    }

    pub(crate) fn standard() -> Self {
        Self::new(&RingConfig::default())
    }

    /// A socket of the ring, and the other end.
    pub(crate) fn pair(&mut self, tag: u64) -> (SocketId, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        (self.ring.adopt(near.into(), tag).unwrap(), far)
    }

    pub(crate) fn tcp(&mut self, tag: u64) -> (SocketId, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let near = listener.accept().unwrap().0;
        (self.ring.adopt(near.into(), tag).unwrap(), far)
    }

    pub(crate) fn story(&mut self, tag: u64) -> &mut Story {
        self.stories.entry(tag).or_default()
    }

    pub(crate) fn submit(&mut self) {
        let stories = &mut self.stories;
        self.ring.submit(|completion| note(stories, completion)).unwrap();
    }

    pub(crate) fn drain(&mut self) {
        let stories = &mut self.stories;
        self.ring.drain(|completion| note(stories, completion)).unwrap();
    }

    pub(crate) fn wait(&mut self) {
        let stories = &mut self.stories;
        self.ring.wait(STEP, |completion| note(stories, completion)).unwrap();
    }

    /// Waits until `done`.
    pub(crate) fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            assert!(Instant::now() < end, "never: {what}");
            self.wait();
        }
    }

    /// Waits until the kernel has let go of all but `left` sockets.
    pub(crate) fn until_left(&mut self, left: usize) {
        self.until("removed sockets close", |bed| bed.ring.len() == left);
    }
}

fn note(stories: &mut BTreeMap<u64, Story>, completion: Completion<'_>) {
    let (Completion::Received { tag, .. }
    | Completion::Ended { tag, .. }
    | Completion::Busy { tag }
    | Completion::Sent { tag }
    | Completion::Failed { tag, .. }) = &completion;
    let story = stories.entry(*tag).or_default();
    match completion {
        Completion::Received { bytes, .. } => {
            assert!(!bytes.is_empty() && !story.ended);
            story.received.extend_from_slice(bytes);
        }
        Completion::Ended { tag, error } => {
            assert!(!story.ended, "{tag} ended twice");
            (story.ended, story.error) = (true, error);
        }
        Completion::Busy { .. } => story.busy += 1,
        Completion::Sent { .. } => story.sent += 1,
        Completion::Failed { .. } => story.failed = true,
    }
}

/// Bytes in which a lost or swapped piece shows.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
