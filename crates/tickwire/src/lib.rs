//! Tickwire: multiplayer game state synchronisation. This is the crate that a game depends on.
//!
//! A game is a type with the [`Game`] trait: functions over a state of tables, without `self`. The
//! server runs it in rooms at a fixed tick, sends each client what it may see, and lets clients
//! predict their own rows with the same functions.
//!
//! ```no_run
//! use tickwire::tag::Tag;
//! use tickwire::{Config, Server};
//!
//! fn main() -> Result<(), tickwire::ServerError> {
//!     Server::new(Config::default()).game::<Tag>().run()
//! }
//! ```
//!
//! Any number of games live in one binary: call [`Server::game`] for each. The one below runs beside
//! Skirmish in the shipped binary; `curl -d '{"game":"tag","bots":6}' -H 'content-type: application/json'
//! http://127.0.0.1:7777/v1/rooms` opens a room of it, and `/viewer` draws it from its schema.
//!
//! # A whole game
//!
//! One player is "it"; whoever is touched is "it" next. This is all of it, bots included:
//!
//! ```
#![doc = include_str!("tag.rs")]
//! ```
//!
//! # The first test
//!
//! ```
//! tickwire::testing::check::<tickwire::tag::Tag>();
//! ```
//!
//! plays the game with bots and hostile clients, and holds it against every rule that prediction,
//! replay, resuming and secrecy rest on.
//!
//! For fewer bytes later: the level ([`Settings::level`]) and a prior of the game's own ([`Game::PRIOR`]).
//!
//! # Where things are
//!
//! | to read about | start at |
//! |---|---|
//! | what an author writes against | [`game`] and everything re-exported here |
//! | settings of a server | [`config`] |
//! | the bytes on the wire | [`wire`] and its `PROTOCOL.md` |

// The game below names this crate by its outside name, as any game does.
extern crate self as tickwire;

pub mod tag;

pub use tickwire_game as game;
pub use tickwire_game::*;
pub use tickwire_server::{Config, Running, Server, ServerError, config, echo, limits};
pub use tickwire_wire as wire;
