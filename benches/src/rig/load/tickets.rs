//! Seats for all clients, reserved by threads of their own before anything is measured.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};

use serde_json::{Value, json};

use crate::limits::{TICKET_THREADS, TICKETS_AHEAD};
use crate::rig::http::Http;
use crate::rig::job::LoadJob;
use crate::rig::rooms;

/// A client and its ticket, or why there is none.
type Reserved = Result<(u32, String), String>;

/// Tickets as they come.
pub(super) struct Tickets(Receiver<Reserved>);

impl Tickets {
    /// Begins to reserve a seat for each client.
    pub(super) fn reserve(job: &LoadJob) -> io::Result<Self> {
        let (sender, tickets) = mpsc::sync_channel(TICKETS_AHEAD);
        for thread in 0..TICKET_THREADS {
            let (sender, address, per_room) = (sender.clone(), job.address, job.per_room);
            let clients = (0..job.clients()).skip(thread).step_by(TICKET_THREADS);
            std::thread::Builder::new().spawn(move || {
                // The receiver is gone: the run is over.
                let _ = reserve(address, per_room, clients, &sender);
            })?;
        }
        Ok(Self(tickets))
    }

    /// The next, if there is one at hand.
    pub(super) fn next(&self) -> Result<Option<(u32, String)>, String> {
        match self.0.try_recv() {
            Ok(reserved) => reserved.map(Some),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => Ok(None),
        }
    }
}

fn reserve(
    address: SocketAddr,
    per_room: u16,
    clients: impl Iterator<Item = u32>,
    sender: &SyncSender<Reserved>,
) -> Result<(), mpsc::SendError<Reserved>> {
    let mut http = match Http::connect(address) {
        Ok(http) => http,
        Err(error) => return sender.send(Err(format!("seats: {error}"))),
    };
    for client in clients {
        let seat = seat(&mut http, client, per_room).map_err(|error| format!("seats: {error}"));
        let is_last = seat.is_err();
        sender.send(seat.map(|ticket| (client, ticket)))?;
        if is_last {
            break;
        }
    }
    Ok(())
}

fn seat(http: &mut Http, client: u32, per_room: u16) -> io::Result<String> {
    let room = rooms::name(client / u32::from(per_room));
    let body = json!({ "name": format!("Player {client}") });
    let answer = http.post_patiently(&format!("/v1/rooms/{room}/join"), &body)?;
    if answer.status != 200 {
        return Err(io::Error::other(format!("{room}: {} {}", answer.status, answer.body)));
    }
    let seat: Value = serde_json::from_str(&answer.body)?;
    let ticket = seat["ticket"].as_str().map(str::to_owned);
    ticket.ok_or_else(|| io::Error::other("a seat without a ticket"))
}
