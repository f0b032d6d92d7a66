//! What lies between a connection's frames and its socket's bytes: nothing, or TLS.
//!
//! The handshake is the control plane's; a shard gets a session that is through with it, and drives it
//! without I/O: bytes of the driver in, plaintext to the frame decoder; frames in, bytes to the outbox.

use std::io::{self, IoSlice, Read as _, Write};

use rustls::ServerConnection;
use tickwire_wire::websocket::{Opcode, write_frame};

use super::outbox::{Outbox, SendError};
use crate::driver::{Driver, MAX_PARTS};
use crate::limits::TLS_SESSION_BYTES;
use crate::slab::Key;

/// How frames become bytes.
#[derive(Debug)]
pub(crate) enum Transport {
    /// They are bytes: from the room's buffers to the driver without a copy.
    Plain,
    /// They are encrypted.
    Tls(Box<TlsSession>),
}

/// A TLS session after its handshake.
#[derive(Debug)]
pub(crate) struct TlsSession(ServerConnection);

/// What became of bytes that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opened {
    /// They are in order.
    More,
    /// The other side has said that nothing follows.
    End,
}

impl Transport {
    /// Of a socket as the control plane hands it over.
    pub(crate) fn new(session: Option<Box<ServerConnection>>) -> Self {
        match session {
            None => Self::Plain,
            Some(mut session) => {
                // What it has to say is taken out at once, each time: a limit of its own would only cut
                // frames in two.
                session.set_buffer_limit(None);
                Self::Tls(Box::new(TlsSession(*session)))
            }
        }
    }

    /// Bytes of memory that it holds at most.
    pub(crate) fn memory_bytes(&self) -> usize {
        match self {
            Self::Plain => 0,
            Self::Tls(_) => size_of::<TlsSession>() + TLS_SESSION_BYTES,
        }
    }

    /// Sends one frame, given in parts; what the socket does not take waits in the outbox.
    ///
    /// # Errors
    /// When the socket is broken, or too much would wait.
    pub(crate) fn send<D: Driver>(
        &mut self,
        outbox: &mut Outbox,
        (driver, key): (&mut D, Key),
        parts: [&[u8]; 3],
        (now_us, limit): (u64, usize),
    ) -> Result<(), SendError> {
        let session = match self {
            Self::Plain => return outbox.send(driver, key, parts, (now_us, limit)),
            Self::Tls(session) => session,
        };
        session.seal(parts)?;
        if !outbox.is_busy() {
            session.write_to(&mut Socket { driver, key })?;
        }
        let mut rest = Vec::new();
        session.write_to(&mut rest)?;
        outbox.keep(&[&rest], 0, (now_us, limit))
    }

    /// Puts a control frame behind what waits.
    pub(crate) fn queue(
        &mut self,
        outbox: &mut Outbox,
        opcode: Opcode,
        payload: &[u8],
        now_us: u64,
    ) {
        let mut frame = Vec::new();
        write_frame(&mut frame, opcode, payload, None);
        if let Self::Tls(session) = self {
            // Writing to memory does not fail.
            let _ = session.seal([&frame, &[], &[]]);
            frame.clear();
            let _ = session.write_to(&mut frame);
        }
        outbox.queue(&frame, now_us);
    }

    /// Puts what TLS itself has to say behind what waits: alerts, answers to a change of keys.
    pub(crate) fn queue_news(&mut self, outbox: &mut Outbox, now_us: u64) {
        if let Self::Tls(session) = self
            && session.0.wants_write()
        {
            let mut news = Vec::new();
            let _ = session.write_to(&mut news);
            outbox.queue(&news, now_us);
        }
    }

    /// Puts the end of all sending behind what waits.
    pub(crate) fn queue_end(&mut self, outbox: &mut Outbox, now_us: u64) {
        if let Self::Tls(session) = self {
            session.0.send_close_notify();
        }
        self.queue_news(outbox, now_us);
    }
}

impl TlsSession {
    /// Decrypts bytes of the socket and appends what they say to `plain`: never more than they are.
    ///
    /// # Errors
    /// When they are no TLS, or not of this session: it is over, and an alert waits to be sent.
    pub(crate) fn open(
        &mut self,
        mut bytes: &[u8],
        plain: &mut Vec<u8>,
    ) -> Result<Opened, rustls::Error> {
        while !bytes.is_empty() {
            // Fails only when an earlier record waits to be taken, and none does.
            let Ok(1..) = self.0.read_tls(&mut bytes) else { return Ok(Opened::End) };
            let state = self.0.process_new_packets()?;
            let start = plain.len();
            plain.resize(start + state.plaintext_bytes_to_read(), 0);
            if self.0.reader().read_exact(&mut plain[start..]).is_err() {
                plain.truncate(start);
            }
            if state.peer_has_closed() {
                return Ok(Opened::End);
            }
        }
        Ok(Opened::More)
    }

    /// Whether TLS itself has something to say.
    pub(crate) fn has_news(&self) -> bool {
        self.0.wants_write()
    }

    /// Encrypts one frame; its bytes wait inside for [`write_to`](Self::write_to).
    fn seal(&mut self, parts: [&[u8]; 3]) -> io::Result<()> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let taken = self.0.writer().write_vectored(&parts.map(IoSlice::new))?;
        debug_assert!(taken == len, "no limit is set");
        if taken == len { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    /// Writes what waits inside, as far as `out` takes it.
    fn write_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        while self.0.wants_write() && self.0.write_tls(out)? > 0 {}
        Ok(())
    }
}

/// A driver's socket as rustls writes to it.
struct Socket<'a, D> {
    driver: &'a mut D,
    key: Key,
}

impl<D: Driver> Write for Socket<'_, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.driver.write(self.key, &[bytes])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut parts: [&[u8]; MAX_PARTS] = [&[]; MAX_PARTS];
        let count = slices.len().min(MAX_PARTS);
        for (part, slice) in parts.iter_mut().zip(slices) {
            *part = slice;
        }
        self.driver.write(self.key, &parts[..count])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
