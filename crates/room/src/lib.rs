//! Sans-I/O match room: seats, sessions, inputs, schedule and fan-out around one deterministic world.
//!
//! Pure: no socket, thread, clock or hash-map order. Time and bytes are arguments; what a room sends
//! comes out of [`AnyRoom::release`].

mod any;
mod config;
mod inputs;
mod kind;
pub mod limits;
mod rate;
mod reliable;
mod resume;
mod schedule;
mod seats;
pub mod ticket;

pub use any::{
    AnyRoom, ConnId, Delivery, Outgoing, Reservation, ReserveError, RoomCounters, RoomInfo,
    TickReport,
};
pub use config::RoomConfig;
pub use kind::GameKind;
pub use ticket::TicketKey;
