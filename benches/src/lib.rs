//! Workloads and clocks shared by the benches. Every figure is printed beside one it can be compared with,
//! from the same run on the same machine.

pub mod arena;
pub mod codec;
pub mod cubes;
pub mod levels;
pub mod rival;
pub mod skirmish;
pub mod spread;
pub mod workload;
