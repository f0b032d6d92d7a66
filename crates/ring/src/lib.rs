//! Sockets on io_uring behind a safe interface.
//!
//! A [`Ring`] owns sockets and every buffer that the kernel may touch on their behalf, so that nothing
//! safe code does with it is undefined behaviour. It receives by multishot operations into buffers that
//! the kernel picks, and sends by copies that it owns until the kernel is done with them; a whole batch
//! of sends costs one system call. This is the only crate of the workspace with `unsafe`, and all of it
//! is in two modules:
//!
//! | what | module |
//! |---|---|
//! | the interface: what a shard or a load generator calls | `ring` |
//! | its sockets, and where each stands | `sockets` |
//! | the queues shared with the kernel; who owns which memory meanwhile (`unsafe`) | `queues` |
//! | the buffers that the kernel receives into (`unsafe`) | `buffers` |
//! | whether this machine can and may do all that | `probe` |
//!
//! Needs Linux 6.1. On other systems the crate is empty.
//!
//! ```no_run
//! # #[cfg(target_os = "linux")]
//! # fn example() -> std::io::Result<()> {
//! use std::os::unix::net::UnixStream;
//! use tickwire_ring::{Completion, Ring, RingConfig};
//!
//! let (near, far) = UnixStream::pair()?;
//! let mut ring = Ring::new(&RingConfig::default())?;
//! let near = ring.adopt(near.into(), 1)?;
//! ring.adopt(far.into(), 2)?;
//! ring.send(near, &[b"head", b"body"])?;
//! let mut heard = false;
//! while !heard {
//!     ring.wait(std::time::Duration::from_secs(1), |completion| {
//!         heard |= matches!(completion, Completion::Received { tag: 2, bytes: b"headbody" });
//!     })?;
//! }
//! # Ok(())
//! # }
//! ```

#![cfg(target_os = "linux")]

mod buffers;
mod probe;
mod queues;
mod ring;
mod sockets;

pub use probe::{ProbeError, probe};
pub use ring::{Completion, Ring, RingConfig, SEND_BYTES};
pub use sockets::SocketId;
