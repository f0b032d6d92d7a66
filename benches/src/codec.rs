//! One stream through the codec, each snapshot decoded and compared.

use std::sync::Arc;
use std::time::Instant;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use crate::spread::Spread;

/// What a stream cost.
#[derive(Debug, Default)]
pub struct Cost {
    /// Bytes of the chunks counted, without their heads (a stream number, a base, a length).
    pub bytes: u64,
    /// Snapshots counted: decoded to the state that went in.
    pub verified: u64,
    /// Those among them in which nothing changed: no chunk at all is sent.
    pub unchanged: u64,
    /// Rows in the snapshots counted, all tables together.
    pub rows: u64,
    /// Public fields of those rows.
    pub fields: u64,
    /// Time of each encode.
    pub encode: Spread,
    /// Time of each decode.
    pub decode: Spread,
}

impl Cost {
    /// Counts a state that arrived in so many bytes.
    pub fn count(&mut self, layout: &Layout, state: &StateColumns, bytes: usize) {
        self.verified += 1;
        self.bytes += bytes as u64;
        for (table, layout) in state.tables.iter().zip(&layout.tables) {
            self.rows += table.len() as u64;
            self.fields += (table.len() * layout.public.len()) as u64;
        }
    }

    /// Mean bytes of a snapshot.
    pub fn bytes_mean(&self) -> f64 {
        self.bytes as f64 / self.verified.max(1) as f64
    }

    /// Mean rows of a snapshot.
    pub fn rows_mean(&self) -> f64 {
        self.rows as f64 / self.verified.max(1) as f64
    }

    /// Mean public fields of a snapshot.
    pub fn fields_mean(&self) -> f64 {
        self.fields as f64 / self.verified.max(1) as f64
    }
}

/// A stream that came out other than it went in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecFault {
    /// The decoder refused its own encoder's chunk.
    #[error("snapshot {0} is refused: {1}")]
    Refused(u32, String),
    /// It decoded to another state.
    #[error("snapshot {0} decodes to another state")]
    Differs(u32),
}

/// Sends `states` as one stream; counts from the state at index `warm_up` on.
///
/// # Errors
/// The first state that is not the same after decoding.
pub fn run<'a>(
    layout: &Arc<Layout>,
    states: impl IntoIterator<Item = &'a StateColumns>,
    warm_up: usize,
) -> Result<Cost, CodecFault> {
    let mut encoder = StreamEncoder::new(Arc::clone(layout));
    let mut decoder = StreamDecoder::new(Arc::clone(layout));
    let mut cost = Cost::default();
    let mut bytes = Vec::new();
    for (index, state) in states.into_iter().enumerate() {
        let tick = index as u32 + 1;
        bytes.clear();
        let start = Instant::now();
        let advance = encoder.advance(tick, state, &mut bytes);
        let encoded = start.elapsed();
        let refused =
            |error: tickwire_wire::error::DecodeError| CodecFault::Refused(tick, error.to_string());
        let start = Instant::now();
        match advance {
            Advance::Unchanged => {}
            Advance::First => {
                encoder.keyframe(&mut bytes);
                decoder.keyframe(tick, &bytes).map_err(refused)?;
            }
            Advance::Delta { base } => decoder.delta(base, tick, &bytes).map_err(refused)?,
        }
        let decoded = start.elapsed();
        if decoder.state() != state {
            return Err(CodecFault::Differs(tick));
        }
        if index < warm_up {
            continue;
        }
        cost.count(layout, state, bytes.len());
        cost.encode.push(encoded);
        if advance == Advance::Unchanged {
            cost.unchanged += 1;
        } else {
            cost.decode.push(decoded);
        }
    }
    Ok(cost)
}
