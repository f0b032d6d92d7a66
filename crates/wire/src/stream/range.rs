//! The binary range coder of the `ranged` levels (PROTOCOL 7.3.6).
//!
//! A carry-propagating coder as in LZMA (Subbotin's and Martin's range coding), but it writes no
//! leading byte, and ends with as few bytes as still tell the last decision: a reader takes bytes
//! past the end as zeros.

use crate::bits::ReadError;
use crate::error::DecodeError;

/// Below it another byte is due.
const BOTTOM: u32 = 1 << 24;
/// Bits of a probability.
pub(super) const PROBABILITY_BITS: u32 = 16;
/// The lowest probability of either value: no decision costs more than 11 bits, and none is free.
const LEAST: u32 = 32;
/// Zero bytes at the end that are left out at most.
const MAX_IMPLIED_BYTES: usize = 8;
/// Bytes a reader looks ahead.
const LOOKAHEAD_BYTES: usize = 4;
/// Plain bits coded at once.
const RAW_BITS: u32 = 8;

/// The probability that a decision is a one, in 1/65536; it follows what is decided.
pub(super) type Probability = u16;

/// A probability within its bounds.
pub(super) const fn probability(value: u32) -> Probability {
    let most = (1 << PROBABILITY_BITS) - LEAST;
    (if value < LEAST {
        LEAST
    } else if value > most {
        most
    } else {
        value
    }) as u16
}

/// Moves a probability by 1/2^`rate` of the way to what was decided.
#[inline]
pub(super) fn adapt(p: &mut Probability, bit: bool, rate: u32) {
    let value = u32::from(*p);
    *p = if bit {
        probability(value + (((1 << PROBABILITY_BITS) - value) >> rate))
    } else {
        probability(value - (value >> rate))
    };
}

/// Writes decisions.
#[derive(Debug)]
pub(super) struct RangeEncoder<'a> {
    out: &'a mut Vec<u8>,
    /// Where this chunk begins in `out`.
    start: usize,
    low: u32,
    range: u32,
}

impl<'a> RangeEncoder<'a> {
    /// Appends to `out`.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start, low: 0, range: u32::MAX }
    }

    /// A decision that is a one with probability `p`.
    #[inline]
    pub(super) fn decide(&mut self, p: Probability, bit: bool) {
        let bound = (self.range >> PROBABILITY_BITS) * u32::from(p);
        if bit {
            self.range = bound;
        } else {
            self.add(bound);
            self.range -= bound;
        }
        self.normalise();
    }

    /// The `n` low bits of `value`, highest first.
    pub(super) fn raw(&mut self, value: u32, n: u32) {
        let mut left = n;
        while left > 0 {
            let take = left.min(RAW_BITS);
            left -= take;
            self.range >>= take;
            let bits = (value >> left) & ((1 << take) - 1);
            self.add(bits * self.range);
            self.normalise();
        }
    }

    #[inline]
    fn add(&mut self, amount: u32) {
        let (low, carries) = self.low.overflowing_add(amount);
        self.low = low;
        if carries {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        for byte in self.out[self.start..].iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }

    #[inline]
    fn normalise(&mut self) {
        while self.range < BOTTOM {
            self.out.push((self.low >> 24) as u8);
            self.low <<= 8;
            self.range <<= 8;
        }
    }

    /// Ends the chunk: at least one byte.
    pub(super) fn finish(mut self) {
        let top = u64::from(self.low) + u64::from(self.range) - 1;
        for bytes in 0..=4 {
            let mask = (1_u64 << (32 - 8 * bytes)) - 1;
            let value = (u64::from(self.low) + mask) & !mask;
            if value <= top {
                if value > u64::from(u32::MAX) {
                    self.carry();
                }
                self.out.extend_from_slice(&(value as u32).to_be_bytes()[..bytes]);
                break;
            }
        }
        let mut implied = 0;
        while implied < MAX_IMPLIED_BYTES
            && self.out.len() > self.start + 1
            && self.out.last() == Some(&0)
        {
            self.out.pop();
            implied += 1;
        }
        if self.out.len() == self.start {
            self.out.push(0);
        }
    }
}

/// Reads what a [`RangeEncoder`] wrote. Total: any bytes give decisions, or an error when they end too
/// early.
#[derive(Debug)]
pub(super) struct RangeDecoder<'a> {
    bytes: &'a [u8],
    /// Bytes taken, those past the end included.
    taken: usize,
    code: u32,
    range: u32,
}

impl<'a> RangeDecoder<'a> {
    /// Reads all of `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { bytes, taken: 0, code: 0, range: u32::MAX };
        for _ in 0..LOOKAHEAD_BYTES {
            decoder.take();
        }
        decoder
    }

    #[inline]
    fn take(&mut self) {
        let byte = self.bytes.get(self.taken).copied().unwrap_or(0);
        self.code = (self.code << 8) | u32::from(byte);
        self.taken += 1;
    }

    /// A decision that is a one with probability `p`.
    #[inline]
    pub(super) fn decide(&mut self, p: Probability) -> bool {
        let bound = (self.range >> PROBABILITY_BITS) * u32::from(p);
        let bit = self.code < bound;
        if bit {
            self.range = bound;
        } else {
            self.code -= bound;
            self.range -= bound;
        }
        self.normalise();
        bit
    }

    /// `n` plain bits.
    pub(super) fn raw(&mut self, n: u32) -> u32 {
        let (mut left, mut value) = (n, 0);
        while left > 0 {
            let take = left.min(RAW_BITS);
            left -= take;
            self.range >>= take;
            // Impossible bytes may lie past the last value: they count as the last.
            let bits = (self.code / self.range).min((1 << take) - 1);
            self.code -= bits * self.range;
            value = (value << take) | bits;
            self.normalise();
        }
        value
    }

    #[inline]
    fn normalise(&mut self) {
        while self.range < BOTTOM {
            self.take();
            self.range <<= 8;
        }
    }

    /// Whether more has been read than an encoder leaves out.
    pub(super) fn is_past_the_end(&self) -> bool {
        self.taken > self.bytes.len() + LOOKAHEAD_BYTES + MAX_IMPLIED_BYTES
    }

    /// The same as an error.
    pub(super) fn check(&self) -> Result<(), DecodeError> {
        if self.is_past_the_end() { Err(ReadError::End.into()) } else { Ok(()) }
    }

    /// Ends the chunk: every byte must have been taken, and not many more.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        self.check()?;
        if self.taken < self.bytes.len() { Err(DecodeError::TrailingBytes) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::fixed_cases())]
        #[test]
        fn decisions_come_back(
            decisions in prop::collection::vec((any::<u16>(), any::<bool>(), 0..33_u32, any::<u32>()), 0..300),
            skew in 0..4_u32,
        ) {
            let value = |n: u32, value: u32| if n == 0 { 0 } else { value >> (32 - n) };
            let mut bytes = vec![7];
            let mut encoder = RangeEncoder::new(&mut bytes);
            for &(p, bit, n, word) in &decisions {
                // Mostly the likely value, as in a stream that is predicted well; or always the unlikely.
                let bit = match skew { 0 => bit, 1 => p > 0x8000, 2 => p < 0x8000, _ => true };
                encoder.decide(probability(p.into()), bit);
                encoder.raw(value(n, word), n);
            }
            encoder.finish();
            prop_assert_eq!(bytes[0], 7);
            let mut decoder = RangeDecoder::new(&bytes[1..]);
            for &(p, bit, n, word) in &decisions {
                let bit = match skew { 0 => bit, 1 => p > 0x8000, 2 => p < 0x8000, _ => true };
                prop_assert_eq!(decoder.decide(probability(p.into())), bit);
                prop_assert_eq!(decoder.raw(n), value(n, word));
            }
            prop_assert!(decoder.finish().is_ok());
        }

        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut decoder = RangeDecoder::new(&bytes);
            let mut read = 0;
            while decoder.check().is_ok() {
                let _ = decoder.decide(probability(read * 977 % 65_536));
                let _ = decoder.raw(read % 33);
                read += 1;
            }
            prop_assert!(decoder.finish().is_err());
        }
    }

    #[test]
    fn likely_decisions_cost_next_to_nothing() {
        let mut bytes = Vec::new();
        let mut encoder = RangeEncoder::new(&mut bytes);
        for _ in 0..1000 {
            encoder.decide(probability(u32::MAX), true);
        }
        encoder.finish();
        assert_eq!(bytes.len(), 1);
        assert!(RangeDecoder::new(&[1, 2, 3, 4, 5]).finish().is_err());
    }

    #[test]
    fn a_probability_stays_within_its_bounds() {
        let mut p = probability(0x8000);
        for _ in 0..1000 {
            adapt(&mut p, true, 4);
        }
        assert_eq!(u32::from(p), 65_536 - LEAST);
        for _ in 0..1000 {
            adapt(&mut p, false, 4);
        }
        assert_eq!(u32::from(p), LEAST);
    }
}
