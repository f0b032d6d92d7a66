//! Whoever takes decisions: an encoder, a decoder, or a prior in training.

use std::sync::Arc;

use crate::bits::{BitSink, BitSource, RICE_ESCAPE, ReadError, bit_length};
use crate::error::DecodeError;
use crate::layout::FieldLayout;
use crate::level::Level;
use crate::stream::mixing::{self, Mixed, Stretch};
use crate::stream::model::{Coded, Mix, Model};
use crate::stream::predict::Component;
use crate::stream::range::{Probability, RangeDecoder, RangeEncoder, adapt};

/// How quickly probabilities follow: by 1/2^6 of the way with each decision.
const RATE: u32 = 6;

/// Takes what a decision is (an encoder) or finds it out (a decoder), and returns what it is.
pub(in crate::stream) trait Coder {
    /// Whether decisions are mixed: level `ranged-max`.
    fn mixes(&self) -> bool;

    /// A decision with the probability of a slot.
    fn bit(&mut self, slot: usize, bit: bool) -> bool;

    /// A decision with a probability mixed from that of a slot and those of others.
    fn mixed(&mut self, slot: usize, mix: Mix, bit: bool) -> bool;

    /// `n` plain bits: the low ones of `value`.
    fn raw(&mut self, value: u32, n: u32) -> u32;

    /// A field in plain encoding.
    fn plain(&mut self, field: &FieldLayout, row: &mut [u32]) -> Result<(), DecodeError>;

    /// Whether there is anything left to read.
    fn check(&self) -> Result<(), DecodeError>;

    /// What a component's residual turned out to be: for training only.
    #[inline]
    fn sample(&mut self, _component: &Component, _coded: &Coded, _residual: i32) {}
}

/// What is known of each decision; it follows what is decided within a chunk. Kept for its memory.
#[derive(Clone, Debug)]
pub(in crate::stream) struct Memory {
    slots: Vec<Probability>,
    others: Vec<Probability>,
    mixes: Vec<mixing::Weights>,
    stretch: Option<Arc<Stretch>>,
}

impl Memory {
    /// For streams at `level`.
    pub(in crate::stream) fn new(level: Level) -> Self {
        let stretch = (level == Level::RangedMax).then(Stretch::shared);
        Self { slots: Vec::new(), others: Vec::new(), mixes: Vec::new(), stretch }
    }

    /// As at the start of every chunk.
    pub(in crate::stream) fn start(&mut self, model: &Model) {
        self.slots.clone_from(&model.slots);
        if self.stretch.is_some() {
            self.others.clone_from(&model.others);
            self.mixes.clone_from(&model.mixes);
        }
    }

    /// The same, but for the mixes, which go on learning: for training.
    pub(in crate::stream) fn start_slots(&mut self, model: &Model) {
        self.slots.clone_from(&model.slots);
        self.others.clone_from(&model.others);
    }

    /// The weights of a mix.
    pub(in crate::stream) fn mix(&self, set: usize) -> &mixing::Weights {
        &self.mixes[set]
    }

    /// Takes a decision by `decide`, given its probability, and learns from it.
    #[inline]
    pub(in crate::stream) fn bit(
        &mut self,
        slot: usize,
        decide: impl FnOnce(Probability) -> bool,
    ) -> bool {
        let p = &mut self.slots[slot];
        let bit = decide(*p);
        adapt(p, bit, RATE);
        bit
    }

    /// The same with a mixed probability.
    #[inline]
    pub(in crate::stream) fn mixed(
        &mut self,
        slot: usize,
        mix: Mix,
        decide: impl FnOnce(Probability) -> bool,
    ) -> bool {
        let Some(stretch) = &self.stretch else { return self.bit(slot, decide) };
        let [a, b, c, d] = mix.others;
        let ps = [self.slots[slot], self.others[a], self.others[b], self.others[c], self.others[d]];
        let weights = &mut self.mixes[mix.set];
        let mixed = Mixed::new(stretch, ps, weights);
        let bit = decide(mixed.p());
        mixed.learn(bit, weights);
        adapt(&mut self.slots[slot], bit, RATE);
        for other in mix.others {
            adapt(&mut self.others[other], bit, RATE);
        }
        bit
    }
}

/// Writes decisions.
#[derive(Debug)]
pub(in crate::stream) struct RangedWriter<'a> {
    pub(in crate::stream) range: RangeEncoder<'a>,
    memory: &'a mut Memory,
}

impl<'a> RangedWriter<'a> {
    /// Appends a chunk to `out`.
    pub(in crate::stream) fn new(
        out: &'a mut Vec<u8>,
        memory: &'a mut Memory,
        model: &Model,
    ) -> Self {
        memory.start(model);
        Self { range: RangeEncoder::new(out), memory }
    }
}

impl Coder for RangedWriter<'_> {
    #[inline]
    fn mixes(&self) -> bool {
        self.memory.stretch.is_some()
    }

    #[inline]
    fn bit(&mut self, slot: usize, bit: bool) -> bool {
        let range = &mut self.range;
        self.memory.bit(slot, |p| {
            range.decide(p, bit);
            bit
        })
    }

    #[inline]
    fn mixed(&mut self, slot: usize, mix: Mix, bit: bool) -> bool {
        let range = &mut self.range;
        self.memory.mixed(slot, mix, |p| {
            range.decide(p, bit);
            bit
        })
    }

    #[inline]
    fn raw(&mut self, value: u32, n: u32) -> u32 {
        self.range.raw(value, n);
        value & ((1_u64 << n) - 1) as u32
    }

    fn plain(&mut self, field: &FieldLayout, row: &mut [u32]) -> Result<(), DecodeError> {
        field.write_plain(row, &mut self.range);
        Ok(())
    }

    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Reads decisions.
#[derive(Debug)]
pub(in crate::stream) struct RangedReader<'a> {
    pub(in crate::stream) range: RangeDecoder<'a>,
    memory: &'a mut Memory,
}

impl<'a> RangedReader<'a> {
    /// Reads a chunk.
    pub(in crate::stream) fn new(bytes: &'a [u8], memory: &'a mut Memory, model: &Model) -> Self {
        memory.start(model);
        Self { range: RangeDecoder::new(bytes), memory }
    }
}

impl Coder for RangedReader<'_> {
    #[inline]
    fn mixes(&self) -> bool {
        self.memory.stretch.is_some()
    }

    #[inline]
    fn bit(&mut self, slot: usize, _bit: bool) -> bool {
        let range = &mut self.range;
        self.memory.bit(slot, |p| range.decide(p))
    }

    #[inline]
    fn mixed(&mut self, slot: usize, mix: Mix, _bit: bool) -> bool {
        let range = &mut self.range;
        self.memory.mixed(slot, mix, |p| range.decide(p))
    }

    #[inline]
    fn raw(&mut self, _value: u32, n: u32) -> u32 {
        self.range.raw(n)
    }

    fn plain(&mut self, field: &FieldLayout, row: &mut [u32]) -> Result<(), DecodeError> {
        field.read_plain(&mut self.range, row)
    }

    fn check(&self) -> Result<(), DecodeError> {
        self.range.check()
    }
}

impl BitSink for RangeEncoder<'_> {
    fn push(&mut self, value: u32, n: u32) {
        self.raw(value, n);
    }

    /// The unary part bit by bit, as it is read: where plain bits are parted the range is rounded.
    fn push_gamma(&mut self, value: u32) {
        debug_assert!(value < u32::MAX, "gamma ends at 2^32 - 2");
        let above = value.wrapping_add(1);
        let low = bit_length(above).saturating_sub(1);
        for _ in 0..low {
            self.push_bit(false);
        }
        self.push_bit(true);
        self.push((u64::from(above) & ((1_u64 << low) - 1)) as u32, low);
    }

    /// Bit by bit: plain bits go highest first, a unary part must not.
    fn push_rice(&mut self, value: u32, k: u32) {
        let quotient = u64::from(value) >> k;
        let unary = quotient.min(u64::from(RICE_ESCAPE)) as u32;
        for _ in 0..unary {
            self.push_bit(true);
        }
        if unary < RICE_ESCAPE {
            self.push_bit(false);
            self.push((u64::from(value) & ((1_u64 << k) - 1)) as u32, k);
        } else {
            let width = bit_length(value);
            self.push(width - 1, 6);
            self.push(value, width);
        }
    }
}

impl BitSource for RangeDecoder<'_> {
    fn check(&self) -> Result<(), ReadError> {
        if self.is_past_the_end() { Err(ReadError::End) } else { Ok(()) }
    }

    fn read(&mut self, n: u32) -> Result<u32, ReadError> {
        Ok(self.raw(n))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::range::probability;

    proptest! {
        #![proptest_config(crate::fixed_cases())]

        #[test]
        fn codes_between_decisions_come_back(
            ops in prop::collection::vec((any::<u16>(), any::<bool>(), 0..4_u32, 0..33_u32, any::<u32>()), 0..200),
        ) {
            let word = |n: u32, value: u32| if n == 0 { 0 } else { value >> (32 - n) };
            let count = |n: u32, value: u32| word(n, value).min(u32::MAX - 1);
            let mut bytes = Vec::new();
            let mut encoder = RangeEncoder::new(&mut bytes);
            for &(p, bit, code, n, value) in &ops {
                encoder.decide(probability(p.into()), bit);
                match code {
                    0 => encoder.push_gamma(count(n, value)),
                    1 => encoder.push_rice(value, n.max(20)),
                    2 => encoder.push_rice(word(n.min(6), value), 2),
                    _ => encoder.push(word(n, value), n),
                }
            }
            encoder.finish();
            let mut decoder = RangeDecoder::new(&bytes);
            for &(p, bit, code, n, value) in &ops {
                prop_assert_eq!(decoder.decide(probability(p.into())), bit);
                match code {
                    0 => prop_assert_eq!(decoder.read_gamma(), Ok(count(n, value))),
                    1 => prop_assert_eq!(decoder.read_rice(n.max(20)), Ok(value)),
                    2 => prop_assert_eq!(decoder.read_rice(2), Ok(word(n.min(6), value))),
                    _ => prop_assert_eq!(decoder.read(n), Ok(word(n, value))),
                }
            }
            prop_assert!(decoder.finish().is_ok());
        }
    }
}
