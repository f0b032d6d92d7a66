//! What others do with the same states: the whole state compressed, or the changed fields as they
//! are.

pub mod mask;
pub mod whole;

use std::time::Instant;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;

use crate::codec::{CodecFault, Cost};

/// Another way to send a state. Sender and receiver in one: both sides' memory of the state before
/// lies here, each kept apart.
pub trait Rival {
    /// For reports.
    fn name(&self) -> String;

    /// Appends what leads a receiver to `state`.
    fn encode(&mut self, state: &StateColumns, out: &mut Vec<u8>);

    /// Reads it back.
    ///
    /// # Errors
    /// When the bytes are not what `encode` wrote.
    fn decode(&mut self, bytes: &[u8]) -> Result<&StateColumns, String>;
}

/// Sends `states` by a rival; counts from the state at index `warm_up` on.
///
/// # Errors
/// The first state that is not the same after decoding.
pub fn run<'a>(
    rival: &mut dyn Rival,
    layout: &Layout,
    states: impl IntoIterator<Item = &'a StateColumns>,
    warm_up: usize,
) -> Result<Cost, CodecFault> {
    let mut cost = Cost::default();
    let mut bytes = Vec::new();
    for (index, state) in states.into_iter().enumerate() {
        let tick = index as u32 + 1;
        bytes.clear();
        let start = Instant::now();
        rival.encode(state, &mut bytes);
        let encoded = start.elapsed();
        let start = Instant::now();
        let seen = rival.decode(&bytes).map_err(|error| CodecFault::Refused(tick, error))?;
        let decoded = start.elapsed();
        if seen != state {
            return Err(CodecFault::Differs(tick));
        }
        if index >= warm_up {
            cost.count(layout, state, bytes.len());
            cost.encode.push(encoded);
            cost.decode.push(decoded);
        }
    }
    Ok(cost)
}
