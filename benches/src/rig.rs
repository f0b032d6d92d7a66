//! A server and its load as two processes, each pinned to a core of its own.
//!
//! A bench starts its own program again as a *part* ([`Part`]): first a server ([`server`], the real
//! one, or [`bare`], nothing but system calls), then the load ([`load`]). It talks with them by lines
//! of JSON over their standard input and output; a part ends when its input ends, so that none
//! outlives its bench.
//!
//! | what | where |
//! |---|---|
//! | what a part is asked and answers | [`job`] |
//! | starting, hearing and ending parts | [`part`] |
//! | a part's own life | [`inside`] |
//! | CPU and memory of a process | [`process`] |
//! | requests to the real server | [`http`], [`rooms`] |
//! | lateness of ticks out of `/metrics` | [`lateness`] |
//! | a server with its clients, ready to be measured | [`trial`] |

pub mod bare;
pub mod clock;
pub mod http;
pub mod inside;
pub mod job;
pub mod lateness;
pub mod load;
pub mod part;
pub mod poller;
pub mod process;
pub mod rooms;
pub mod server;
pub mod trial;

use tickwire_ring::{Ring, RingConfig};

pub use job::{Job, Order, Said};
pub use part::{Part, PartError};

/// A ring with buffers enough for so many sockets that all speak at once.
fn ring_for(sockets: usize) -> std::io::Result<Ring> {
    let sockets = sockets.clamp(512, 16_384).next_power_of_two() as u32;
    Ring::new(&RingConfig {
        entries: sockets.min(4096),
        completions: sockets * 4,
        buffers: (sockets * 2).min(32_768) as u16,
        ..RingConfig::default()
    })
}
