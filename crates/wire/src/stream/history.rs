//! What a record remembers of a row beside its two last states: at most 32 bits.
//!
//! A field that predicts gets a *slot* of them, laid out by [`Slot`]; when a table has more such fields
//! than bits, the last ones do without. All bits are zero for a row that has just entered or rests.

/// Where a field's part of the history word lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    shift: u32,
    /// Bits taken; 0 when the word was full: then the slot reads as zero and keeps nothing.
    bits: u32,
}

impl Slot {
    /// Takes `bits` from the front of what is left of a word, if they are left.
    pub(crate) fn take(used: &mut u32, bits: u32) -> Self {
        if *used + bits > u32::BITS {
            return Self::default();
        }
        let slot = Self { shift: *used, bits };
        *used += bits;
        slot
    }

    /// The field's bits, lowest first.
    #[inline]
    pub(super) fn of(self, history: u32) -> Bits {
        let mask = ((1_u64 << self.bits) - 1) as u32;
        Bits { word: history.checked_shr(self.shift).unwrap_or(0) & mask, at: 0 }
    }

    /// The field's bits put in their place.
    #[inline]
    pub(super) fn place(self, bits: Bits) -> u32 {
        if self.bits == 0 { 0 } else { bits.word << self.shift }
    }
}

/// The bits of one slot, read or written from the lowest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    word: u32,
    at: u32,
}

impl Bits {
    /// Whether nothing is remembered.
    #[inline]
    pub(super) fn is_zero(self) -> bool {
        self.word == 0
    }

    /// The next `n` bits, unsigned.
    #[inline]
    pub(super) fn read(&mut self, n: u32) -> u32 {
        let value = (self.word >> self.at) & ((1 << n) - 1);
        self.at += n;
        value
    }

    /// The next `n` bits as two's complement.
    #[inline]
    pub(super) fn read_signed(&mut self, n: u32) -> i32 {
        let unused = u32::BITS - n;
        ((self.read(n) << unused) as i32) >> unused
    }

    /// Appends the low `n` bits of `value`.
    #[inline]
    pub(super) fn push(&mut self, value: i32, n: u32) {
        self.word |= (value as u32 & ((1 << n) - 1)) << self.at;
        self.at += n;
    }
}

/// Bits of a remembered residual.
pub(crate) const RESIDUAL_BITS: u32 = 4;

/// A residual, coarsely: -7..=7.
#[inline]
pub(super) fn coarse(residual: i32) -> i32 {
    let size = match residual.unsigned_abs() {
        size @ 0..=3 => size as i32,
        4..=5 => 4,
        6..=10 => 5,
        11..=24 => 6,
        _ => 7,
    };
    if residual < 0 { -size } else { size }
}

/// Quarters of a step that a remembered residual of size 0..=7 stands for.
const SIZES: [u32; 8] = [0, 4, 8, 12, 18, 30, 60, 120];

/// The size, in quarters of a step, that a remembered residual stands for. -8, which is never
/// remembered but may arrive, counts as -7.
#[inline]
pub(super) fn size(remembered: i32) -> u32 {
    SIZES[remembered.unsigned_abs().min(7) as usize]
}

/// The residual, in steps, that a remembered one stands for.
#[inline]
pub(super) fn value(remembered: i32) -> f64 {
    let size = f64::from(size(remembered)) / 4.0;
    if remembered < 0 { -size } else { size }
}

/// Bits of a [`lean`]: which of two candidates has been the better one lately.
pub(crate) const LEAN_BITS: u32 = 2;

/// Moves a two-bit counter (0, 1: the first candidate; 2, 3: the second) towards the one that came
/// closer.
#[inline]
pub(super) fn lean(counter: u32, first: f64, second: f64) -> i32 {
    if second < first {
        (counter + 1).min(3) as i32
    } else if first < second {
        counter.saturating_sub(1) as i32
    } else {
        counter as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_lie_side_by_side_until_the_word_is_full() {
        let mut used = 0;
        let [a, b] = [14, 14].map(|bits| Slot::take(&mut used, bits));
        let c = Slot::take(&mut used, 6);
        let d = Slot::take(&mut used, 4);
        assert_eq!(used, 32);
        let mut bits = Bits::default();
        bits.push(-3, 4);
        bits.push(2, 2);
        let word = a.place(Bits { word: 0x3FFF, at: 14 }) | b.place(bits) | d.place(Bits { word: 9, at: 4 });
        let mut read = b.of(word);
        assert_eq!((read.read_signed(4), read.read(2)), (-3, 2));
        assert_eq!(c.place(bits), 0);
        assert!(c.of(u32::MAX).is_zero());
        assert_eq!(d.of(word).word, 9);
    }

    #[test]
    fn a_coarse_residual_keeps_its_sign_and_order() {
        let coarse: Vec<i32> = [-100, -11, -4, -1, 0, 1, 3, 5, 10, 24, i32::MIN].map(coarse).into();
        assert_eq!(coarse, [-7, -6, -4, -1, 0, 1, 3, 4, 5, 6, -7]);
        assert_eq!(value(-4), -4.5);
        assert_eq!(size(-8), 120);
    }

    #[test]
    fn a_lean_follows_the_better_candidate_slowly() {
        assert_eq!(lean(0, 2.0, 1.0), 1);
        assert_eq!(lean(3, 2.0, 1.0), 3);
        assert_eq!(lean(2, 1.0, 1.0), 2);
        assert_eq!(lean(0, 1.0, 2.0), 0);
    }
}
