//! States through the codec and back: bytes, times, and proof that they arrive.

use std::sync::Arc;
use std::time::Instant;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::schema::Schema;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

/// What a run cost. The first state, a keyframe, is in none of the means.
#[derive(Clone, Debug)]
pub struct Cost {
    /// The codec's level.
    pub level: Level,
    /// Bytes of the keyframe of the first state.
    pub keyframe_bytes: usize,
    /// Mean bytes of the states after it; one that did not change costs none.
    pub bytes_per_frame: f64,
    /// States after the first that were decoded and found equal.
    pub frames_verified: usize,
    /// Times of `StreamEncoder::advance`.
    pub encode_us: Micros,
    /// Times of `StreamDecoder::delta`.
    pub decode_us: Micros,
}

/// Percentiles in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Micros {
    /// The median.
    pub p50: f64,
    /// What one in a hundred exceeds.
    pub p99: f64,
}

impl Micros {
    fn of(mut nanos: Vec<u128>) -> Self {
        nanos.sort_unstable();
        let at = |share: f64| {
            let last = nanos.len().checked_sub(1)?;
            nanos.get((share * last as f64).round() as usize).map(|&nanos| nanos as f64 / 1000.0)
        };
        Self { p50: at(0.5).unwrap_or(0.0), p99: at(0.99).unwrap_or(0.0) }
    }
}

/// Encodes and decodes `states`, one a tick, and compares each.
///
/// # Panics
/// When a state does not arrive as it was sent: then no figure means anything.
pub fn measure(schema: &Schema, states: &[StateColumns], level: Level) -> Cost {
    let layout = Arc::new(Layout::coded(schema, level));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(layout);
    let (mut encode, mut decode) = (Vec::new(), Vec::new());
    let (mut keyframe_bytes, mut delta_bytes, mut verified) = (0, 0, 0);
    let mut bytes = Vec::new();
    for (tick, state) in (1_u32..).zip(states) {
        bytes.clear();
        let start = Instant::now();
        let advance = encoder.advance(tick, state, &mut bytes);
        let took = start.elapsed().as_nanos();
        match advance {
            Advance::First => {
                encoder.keyframe(&mut bytes);
                keyframe_bytes = bytes.len();
                decoder.keyframe(tick, &bytes).expect("own keyframes decode");
            }
            Advance::Unchanged => encode.push(took),
            Advance::Delta { base } => {
                encode.push(took);
                delta_bytes += bytes.len();
                let start = Instant::now();
                decoder.delta(base, tick, &bytes).expect("own deltas decode");
                decode.push(start.elapsed().as_nanos());
            }
        }
        assert_eq!(decoder.state(), state, "{level}: tick {tick} decodes to another state");
        verified += usize::from(tick > 1);
    }
    Cost {
        level,
        keyframe_bytes,
        bytes_per_frame: delta_bytes as f64 / verified.max(1) as f64,
        frames_verified: verified,
        encode_us: Micros::of(encode),
        decode_us: Micros::of(decode),
    }
}
