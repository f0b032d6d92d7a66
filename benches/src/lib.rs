//! Workloads and clocks shared by the benches. Every figure is printed beside one it can be compared with,
//! from the same run on the same machine or from a named source.
//!
//! | program | measures |
//! |---|---|
//! | `codec` | one stream of Skirmish, or of a room of the arena workload, beside the whole state |
//! | `arena-bytes` | the arena workload in real rooms with real clients, beside Colyseus |
//! | `cubes` | a trace of 901 rigid bodies, beside the coders known on it |
//! | `train-prior` | nothing: it trains a prior of its own for one of these workloads |
//! | `throughput` | time per row and field, beside compressed states and field masks |
//! | `cargo bench` (`rows`) | time per row and field of encode and decode alone |
//! | `limits` | fan-out alone: a shard beside bare system calls |
//! | `arena` | the arena workload on the real server: latency, lateness, CPU, memory, the highest number of rooms |
//! | `storm` | thousands of clients that come back at once |
//!
//! The last three run server and load as processes of their own, each on its own core: [`rig`].

pub mod arena;
pub mod ceiling;
pub mod codec;
pub mod cubes;
pub mod fixed;
pub mod levels;
pub mod limits;
pub mod rig;
pub mod rival;
pub mod rounds;
pub mod skirmish;
pub mod spread;
pub mod workload;
