//! Headless bots, load reports and the seeded whole-system simulator.
//!
//! | what | modules |
//! |---|---|
//! | `bots`: a load of real clients against a running server | [`args`], [`swarm`], [`bot`], [`games`], [`histogram`], [`report`] |
//! | the whole system in memory, from one seed | [`world`] |
//!
//! A further game for `bots` needs an arm in [`games::play`] and a [`games::Tally`].

pub mod args;
pub mod bot;
pub mod games;
pub mod histogram;
pub mod report;
pub mod swarm;
pub mod world;
