//! Native Tickwire client: everything between a socket and a game's own types.
//!
//! # Quick start
//!
//! [`play::Play`] is a seat in a room: it joins, connects and reconnects, keeps the clocks, predicts
//! own rows and hands out events in order. It runs inside the caller's task.
//!
//! ```no_run
//! use tickwire_client::play::{Options, Play, PlayError, Update};
//! use tickwire_client::rest::Api;
//! use tickwire_game::{Game, PlayerId};
//!
//! async fn play<G: Game>(
//!     mut steer: impl FnMut(&G::State, PlayerId) -> G::Input,
//!     mut draw: impl FnMut(&G::State),
//!     mut happened: impl FnMut(u32, G::Event),
//! ) -> Result<(), PlayError> {
//!     let api = Api::new("http://127.0.0.1:7777")?;
//!     let Some(room) = api.rooms(Some(G::NAME)).await?.pop() else { return Ok(()) };
//!     let mut seat = Play::<G>::join(&api, &room.id, "Ada", Options::default()).await?;
//!     loop {
//!         match seat.next().await? {
//!             // Once per tick: what the player does.
//!             Update::Input(number) => {
//!                 if let Some(state) = seat.state() {
//!                     let input = steer(&state, seat.me());
//!                     seat.input(number, &input)?;
//!                 }
//!             }
//!             // Own rows are as far ahead as there are inputs; others as last received.
//!             Update::Snapshot(_) => {
//!                 if let Some(state) = seat.predictor().and_then(|predictor| predictor.state()) {
//!                     draw(state);
//!                 }
//!             }
//!             Update::Event(tick, event) => happened(tick, event),
//!             Update::Reconnecting { because, .. } => eprintln!("reconnecting: {because}"),
//!             _ => {}
//!         }
//!     }
//! }
//! ```
//!
//! For a smooth picture ask [`play::Play::clock`] for the drawn tick and sample
//! [`play::Play::interpolator`] there; own rows come from
//! [`predictor::Predictor::numbers`].
//!
//! # Inside
//!
//! | layer | modules |
//! |---|---|
//! | pure core: time and bytes are arguments | [`session`] (messages to state and events), [`clock`] (when to make inputs, what to draw), [`predictor`], [`interpolator`], [`typed`] (columns to the game's types), [`backoff`], [`stats`] |
//! | transport, on tokio | [`address`], [`rest`] (rooms, seats, assets), [`net`] (one WebSocket), [`mod@line`] and [`trust`] (TLS), [`time`] |
//! | both together | [`play`] |
//!
//! A client on another transport or engine loop uses the core alone: see [`session`] for the four
//! things its owner does. No part of this crate starts a thread; a handshake runs one short task.
//!
//! Nothing a server sends can panic here or grow memory without bound ([`limits`]); what breaks the
//! protocol ends the connection with a [`session::SessionError`] that says why.

pub mod address;
pub mod backoff;
pub mod clock;
mod fields;
pub mod interpolator;
pub mod limits;
pub mod line;
pub mod net;
pub mod play;
pub mod predictor;
pub mod rest;
pub mod session;
pub mod stats;
pub mod time;
#[cfg(feature = "tls")]
pub mod trust;
pub mod typed;
