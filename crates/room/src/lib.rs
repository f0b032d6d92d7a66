//! Sans-I/O match room: seats, sessions, inputs, schedule and fan-out around one deterministic world.
//!
//! Pure: no socket, thread, clock or hash-map order. Time and bytes are arguments; what a room sends
//! comes out of [`AnyRoom::release`]. One turn of a shell:
//!
//! 1. [`receive`](AnyRoom::receive) what arrived: it is decoded at once, and queued for the tick;
//! 2. [`tick`](AnyRoom::tick) when [`next_tick_us`](AnyRoom::next_tick_us) is reached: the world moves;
//! 3. [`encode`](AnyRoom::encode): every stream once, every set of streams once;
//! 4. [`release`](AnyRoom::release): bytes go out. A step of its own, so that it can wait for a journal.
//!
//! | what | modules |
//! |---|---|
//! | from outside | [`AnyRoom`], [`GameKind`], [`RoomConfig`], [`ticket`], [`limits`] |
//! | one room | `room` (the wiring), `schedule` (when), `facts` (what never changes) |
//! | its clients | `clients` (messages in, bytes out), `session`, `seats`, `resume`, `reliable`, `inputs`, `rate` |
//! | its snapshots | `fanout` |

mod any;
mod clients;
mod config;
mod facts;
mod fanout;
mod inputs;
mod kind;
pub mod limits;
mod rate;
mod reliable;
mod resume;
mod room;
mod schedule;
mod seats;
mod session;
pub mod ticket;

pub use any::{
    AnyRoom, ConnId, Delivery, Hold, Outgoing, Relief, Reservation, ReserveError, RoomCounters,
    RoomInfo, TickReport,
};
pub use config::RoomConfig;
pub use kind::{GameKind, kind};
pub use room::Room;
pub use ticket::TicketKey;
