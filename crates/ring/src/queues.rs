//! The two queues shared with the kernel, and who owns which memory while an operation is in flight.

#![expect(unsafe_code, reason = "memory and descriptors shared with the kernel")]

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use io_uring::types::{CancelBuilder, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, cqueue, opcode, squeue};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use crate::buffers::{Buffers, Filled, GROUP, Lent};

/// How long the drop of a ring waits for its last operations, in steps; they have been cancelled, so
/// that this takes microseconds unless the kernel is stuck.
const LAST_STEP: Duration = Duration::from_millis(10);
const LAST_STEPS: u32 = 100;

/// What a completion belongs to: a socket's place and the generation of what lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) index: u32,
    /// [`Mark::GENERATIONS`] at most; older ones are long complete.
    pub(crate) generation: u32,
}

/// The kind of an operation, in the two highest bits of what travels with it.
const RECEIVE: u64 = 0;
const SEND: u64 = 1 << 62;
const CANCEL: u64 = 2 << 62;
const KINDS: u64 = 3 << 62;

impl Mark {
    /// A generation takes 30 bits.
    pub(crate) const GENERATIONS: u32 = (1 << 30) - 1;

    fn with(self, kind: u64) -> u64 {
        kind | u64::from(self.generation) << 32 | u64::from(self.index)
    }

    fn of(bits: u64) -> Self {
        Self { index: bits as u32, generation: (bits >> 32) as u32 & Self::GENERATIONS }
    }
}

/// What the kernel says.
#[derive(Debug)]
pub(crate) enum Event {
    /// Of a receive. When it is not `armed` any more, it has ended.
    Received { mark: Mark, result: Result<Option<Filled>, Errno>, armed: bool },
    /// Of a send, which has ended. The bytes come back.
    Sent { mark: Mark, bytes: Vec<u8>, result: Result<usize, Errno> },
}

/// The queues, and everything that operations in flight may touch.
///
/// The kernel reads the bytes of a send and writes to the receive buffers until the operation's last
/// completion has come. So both live here, and are freed after the last operation or never.
///
/// Not `Send`: the kernel takes submissions from the thread alone that made the ring.
pub(crate) struct Queues {
    /// Before `buffers`: it is closed first.
    ring: ManuallyDrop<IoUring>,
    buffers: ManuallyDrop<Buffers>,
    /// Bytes of sends in flight, by the socket's place. They are not touched in between: moving a
    /// `Vec` does not move its bytes.
    loans: Vec<Option<Vec<u8>>>,
    /// Operations whose last completion is still to come; cancellations, which touch no memory of
    /// ours, are not counted.
    flights: usize,
}

impl Queues {
    /// # Errors
    /// When the kernel lacks or forbids a part of it.
    pub(crate) fn new(
        entries: u32,
        completions: u32,
        buffers: u16,
        buffer_bytes: u32,
    ) -> io::Result<Self> {
        let mut builder = IoUring::builder();
        builder
            // One thread submits, and the kernel does its part of receiving only when that thread
            // asks: nothing interrupts a tick.
            .setup_single_issuer()
            .setup_defer_taskrun()
            // Whether it is worth asking can be seen without a system call.
            .setup_taskrun_flag()
            .setup_submit_all()
            .setup_cqsize(completions)
            .dontfork();
        // Linux 6.6; saves an indirection per submission.
        let ring = match builder.clone().setup_no_sqarray().build(entries) {
            Err(error) if error.raw_os_error() == Some(Errno::INVAL.raw_os_error()) => {
                builder.build(entries)?
            }
            other => other?,
        };
        let has_all = ring.params().is_feature_nodrop() && ring.params().is_feature_ext_arg();
        if !has_all {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let buffers = Buffers::new(&ring, buffers, buffer_bytes)?;
        Ok(Self {
            ring: ManuallyDrop::new(ring),
            buffers: ManuallyDrop::new(buffers),
            loans: Vec::new(),
            flights: 0,
        })
    }

    /// Queues a receive that goes on until it says otherwise.
    ///
    /// # Errors
    /// When the queue is full and the kernel takes nothing.
    pub(crate) fn receive(&mut self, mark: Mark, fd: BorrowedFd<'_>) -> io::Result<()> {
        let entry = opcode::RecvMulti::new(Fd(fd.as_raw_fd()), GROUP).build();
        self.make_room()?;
        self.push(&entry.user_data(mark.with(RECEIVE)));
        self.flights += 1;
        Ok(())
    }

    /// Queues a send. The kernel goes on by itself until it has all of `bytes`. A place has one send at
    /// a time.
    ///
    /// # Errors
    /// When the queue is full and the kernel takes nothing; the bytes come back.
    pub(crate) fn send(
        &mut self,
        mark: Mark,
        fd: BorrowedFd<'_>,
        bytes: Vec<u8>,
    ) -> Result<(), (io::Error, Vec<u8>)> {
        if let Err(error) = self.make_room() {
            return Err((error, bytes));
        }
        let place = mark.index as usize;
        if self.loans.len() <= place {
            self.loans.resize_with(place + 1, || None);
        }
        assert!(self.loans[place].is_none(), "a second send at {place}");
        let flags = RecvFlags::WAITALL.bits() | SendFlags::NOSIGNAL.bits();
        let entry = opcode::Send::new(Fd(fd.as_raw_fd()), bytes.as_ptr(), bytes.len() as u32)
            .flags(flags as i32)
            .build();
        self.loans[place] = Some(bytes);
        self.push(&entry.user_data(mark.with(SEND)));
        self.flights += 1;
        Ok(())
    }

    /// Queues the end of a receive.
    ///
    /// # Errors
    /// When the queue is full and the kernel takes nothing.
    pub(crate) fn cancel_receive(&mut self, mark: Mark) -> io::Result<()> {
        self.cancel(opcode::AsyncCancel::new(mark.with(RECEIVE)).build())
    }

    /// Queues the end of a send.
    ///
    /// # Errors
    /// When the queue is full and the kernel takes nothing.
    pub(crate) fn cancel_send(&mut self, mark: Mark) -> io::Result<()> {
        self.cancel(opcode::AsyncCancel::new(mark.with(SEND)).build())
    }

    fn cancel(&mut self, entry: squeue::Entry) -> io::Result<()> {
        self.make_room()?;
        self.push(&entry.user_data(CANCEL));
        Ok(())
    }

    /// Opens a filled buffer.
    pub(crate) fn lend(&mut self, filled: Filled) -> Lent<'_> {
        self.buffers.lend(filled)
    }

    /// Hands over what is queued, and no more: what has come in waits for [`Queues::turn`].
    ///
    /// # Errors
    /// When the kernel takes nothing: it has no memory, or this is another thread than before.
    pub(crate) fn submit(&mut self) -> io::Result<()> {
        let queued = self.ring.submission().len();
        if queued == 0 {
            return Ok(());
        }
        // SAFETY: no argument is passed; entries are as `push` demands.
        let submitted = || unsafe { self.ring.submitter().enter::<()>(queued as u32, 0, 0, None) };
        uninterrupted(submitted)
    }

    /// Whether [`Queues::turn`] has anything to do.
    pub(crate) fn has_work(&mut self) -> bool {
        let submission = self.ring.submission();
        !submission.is_empty() || submission.taskrun() || submission.cq_overflow()
    }

    /// Hands over what is queued, and lets the kernel do what has come in. Does not wait.
    ///
    /// # Errors
    /// As [`Queues::submit`].
    pub(crate) fn turn(&mut self) -> io::Result<()> {
        if !self.has_work() {
            return Ok(());
        }
        uninterrupted(|| self.ring.submit())
    }

    /// [`Queues::turn`], and waits for a completion, `most` at the longest.
    ///
    /// # Errors
    /// As [`Queues::submit`].
    pub(crate) fn wait(&mut self, most: Duration) -> io::Result<()> {
        let most = Timespec::from(most);
        match self.ring.submitter().submit_with_args(1, &SubmitArgs::new().timespec(&most)) {
            Err(error) if is_any(&error, &[Errno::TIME, Errno::INTR]) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The next completion that is there already.
    pub(crate) fn next(&mut self) -> Option<Event> {
        loop {
            let entry = self.ring.completion().next()?;
            let (kind, mark) = (entry.user_data() & KINDS, Mark::of(entry.user_data()));
            match kind {
                RECEIVE => return Some(self.received(mark, &entry)),
                SEND => return Some(self.sent(mark, &entry)),
                _ => {} // Whatever a cancellation found, the operation itself says how it ended.
            }
        }
    }

    fn received(&mut self, mark: Mark, entry: &cqueue::Entry) -> Event {
        let armed = cqueue::more(entry.flags());
        if !armed {
            self.flights -= 1;
        }
        let filled = cqueue::buffer_select(entry.flags()).map(|id| {
            let bytes = entry.result().max(0) as u32;
            // SAFETY: this completion names the buffer, and each is taken from the queue once.
            unsafe { self.buffers.filled(id, bytes) }
        });
        let result = match result(entry) {
            Ok(0) => {
                // The end; a buffer that was picked for it goes back.
                filled.map(|filled| self.lend(filled));
                Ok(None)
            }
            Ok(_) => Ok(filled),
            Err(error) => {
                filled.map(|filled| self.lend(filled));
                Err(error)
            }
        };
        Event::Received { mark, result, armed }
    }

    fn sent(&mut self, mark: Mark, entry: &cqueue::Entry) -> Event {
        self.flights -= 1;
        let bytes = self.loans.get_mut(mark.index as usize).and_then(Option::take);
        Event::Sent { mark, bytes: bytes.unwrap_or_default(), result: result(entry) }
    }

    /// Makes sure that [`Queues::push`] has room.
    fn make_room(&mut self) -> io::Result<()> {
        if self.ring.submission().is_full() {
            self.submit()?;
        }
        match self.ring.submission().is_full() {
            true => Err(io::ErrorKind::ResourceBusy.into()),
            false => Ok(()),
        }
    }

    /// Puts an entry behind the others. A receive writes to registered buffers alone, a send reads
    /// bytes that are in `loans`.
    fn push(&mut self, entry: &squeue::Entry) {
        // SAFETY: what the entry points to is kept until its last completion, see `Queues`. Its
        // descriptor need not outlive it: the kernel looks it up once, and a wrong one is an error.
        let pushed = unsafe { self.ring.submission().push(entry) };
        assert!(pushed.is_ok(), "no room was made");
    }

    /// Cancels everything and waits for the last completions; false when some did not come.
    fn end(&mut self) -> bool {
        let everything = opcode::AsyncCancel2::new(CancelBuilder::any().all()).build();
        for _ in 0..LAST_STEPS {
            while self.next().is_some() {}
            if self.flights == 0 {
                return true;
            }
            if self.cancel(everything.clone()).is_err() || self.wait(LAST_STEP).is_err() {
                return false;
            }
        }
        false
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        let ended = self.end();
        // SAFETY: not used after.
        unsafe { ManuallyDrop::drop(&mut self.ring) };
        if ended {
            // SAFETY: not used after; no operation is left that could write to them.
            unsafe { ManuallyDrop::drop(&mut self.buffers) };
        } else {
            // The kernel may still use the memory: it is never given back.
            std::mem::forget(std::mem::take(&mut self.loans));
        }
    }
}

fn result(entry: &cqueue::Entry) -> Result<usize, Errno> {
    let result = entry.result();
    usize::try_from(result).map_err(|_| Errno::from_raw_os_error(-result))
}

fn is_any(error: &io::Error, of: &[Errno]) -> bool {
    of.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<()> {
    loop {
        match call() {
            Err(error) if is_any(&error, &[Errno::INTR]) => {}
            other => return other.map(drop),
        }
    }
}
