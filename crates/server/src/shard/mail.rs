//! How the control plane reaches a shard: one mailbox, emptied at each wake-up.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc;

use bytes::Bytes;
use rustls::ServerConnection;
use tickwire_game::Profile;
use tickwire_room::{AnyRoom, Reservation, ReserveError};
use tickwire_wire::close::Close;
use tokio::sync::oneshot;

use crate::directory::RoomEntry;
use crate::per_ip::{Permit, Reserved};

/// One letter to a shard.
pub(crate) enum Mail {
    /// A room to run.
    Open { entry: Arc<RoomEntry>, room: Box<dyn AnyRoom> },
    /// An upgraded socket, with the bytes that came behind the handshake. Without a room it is told
    /// so (4004).
    Adopt { room: Option<Arc<RoomEntry>>, socket: HandOver, permit: Arc<Permit> },
    /// A seat to keep.
    Reserve {
        room: Arc<RoomEntry>,
        profile: Profile,
        /// The place in the limit of the asker's address, kept until the seat is taken or lapses.
        place: Reserved,
        reply: oneshot::Sender<Result<Reservation, SeatError>>,
    },
    /// The end: every client gets this close, then the thread ends.
    Shutdown { close: Close },
}

/// A socket on its way from the control plane to its shard.
pub(crate) struct HandOver {
    pub(crate) stream: TcpStream,
    /// Its TLS session, with nothing left in it to read.
    pub(crate) tls: Option<Box<ServerConnection>>,
    /// Bytes that came behind the handshake, decrypted.
    pub(crate) read: Bytes,
}

/// Why a shard kept no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SeatError {
    /// The room said no.
    #[error(transparent)]
    Room(#[from] ReserveError),
    /// The room has been closed in the meantime.
    #[error("the room has just been closed")]
    Gone,
    /// The server is ending.
    #[error("the server is ending")]
    Ending,
}

/// The sending end of a shard's mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox(mpsc::Sender<Mail>);

/// The shard has ended; the letter is lost.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the shard has ended")]
pub(crate) struct ShardEnded;

impl Mailbox {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Mail>) {
        let (sender, receiver) = mpsc::channel();
        (Self(sender), receiver)
    }

    pub(crate) fn send(&self, mail: Mail) -> Result<(), ShardEnded> {
        self.0.send(mail).map_err(|_| ShardEnded)
    }
}
