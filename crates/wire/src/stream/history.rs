//! What a record remembers of a row beside its two last states: at most two words of 32 bits.
//!
//! A field that predicts gets a *slot* of one of them; when a table has more such fields than bits, some
//! do without. All bits are zero for a row that has just entered or rests.

use super::predict::small_floor;

/// What is remembered of a row.
pub(super) type History = [u32; 2];

/// Of a row that has just entered or rests.
pub(super) const NOTHING: History = [0; 2];

/// Where a field's part of the history lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    word: usize,
    shift: u32,
    /// Bits taken; 0 when the words were full: then the slot reads as zero and keeps nothing.
    bits: u32,
}

impl Slot {
    /// Takes `bits` from the first word that has them left.
    pub(crate) fn take(used: &mut History, bits: u32) -> Self {
        let Some(word) = used.iter().position(|used| used + bits <= u32::BITS) else {
            return Self::default();
        };
        let shift = used[word];
        used[word] += bits;
        Self { word, shift, bits }
    }

    /// The field's bits, lowest first.
    #[inline]
    pub(super) fn of(self, history: History) -> Bits {
        let mask = ((1_u64 << self.bits) - 1) as u32;
        Bits { word: history[self.word].checked_shr(self.shift).unwrap_or(0) & mask, at: 0 }
    }

    /// Puts the field's bits in their place, which is zero.
    #[inline]
    pub(super) fn place(self, bits: Bits, history: &mut History) {
        if self.bits > 0 {
            history[self.word] |= bits.word << self.shift;
        }
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

/// Bits of a fraction of a step that a track carries, and of a fraction of its pace.
const OFFSET_BITS: u32 = 2;
const DRIFT_BITS: u32 = 4;
/// Bits of a track of so many components.
pub(crate) const fn track_bits(components: u32) -> u32 {
    1 + components * (OFFSET_BITS + DRIFT_BITS)
}
/// Parts of a step in which both are carried.
const OFFSET_PARTS: f64 = 4.0;
const DRIFT_PARTS: f64 = 8.0;
/// Shares of an error that enter the place and the pace (an alpha-beta filter: Kalata 1984).
const ALPHA: f64 = 0.4;
const BETA: f64 = 0.15;
/// Errors above it, in steps, are no rounding: the track is rough, and starts over.
const SMOOTH: f64 = 1.5;

/// How a field has moved lately.
///
/// As long as it moves smoothly, what rounding has cut off its place and pace is carried along; else the
/// last residuals are remembered, coarsely. Which of the two nothing can predict: what is not the case
/// is worked out too, and counts 0, so that no branch waits for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Track {
    smooth: bool,
    /// Of each component, in steps, the offset of its place and the drift of its pace.
    offset: [f64; 3],
    drift: [f64; 3],
    /// The last residual of each.
    residual: [i32; 3],
}

impl Track {
    /// Takes a track of so many components off the front.
    #[inline]
    pub(super) fn read(bits: &mut Bits, components: usize) -> Self {
        let smooth = bits.read(1) == 1;
        let width = if smooth { OFFSET_BITS + DRIFT_BITS } else { RESIDUAL_BITS };
        let parts = bits.read(width * components as u32);
        // The signed number of `n` bits from bit `at` on, where `counts`.
        let part = |at: u32, n: u32, counts: bool| {
            let unused = u32::BITS - n;
            ((parts >> at << unused) as i32 >> unused) & -i32::from(counts)
        };
        let fractions = OFFSET_BITS + DRIFT_BITS;
        Self {
            smooth,
            offset: [0, 1, 2]
                .map(|i| f64::from(part(i * fractions, OFFSET_BITS, smooth)) / OFFSET_PARTS),
            drift: [0, 1, 2].map(|i| {
                f64::from(part(i * fractions + OFFSET_BITS, DRIFT_BITS, smooth)) / DRIFT_PARTS
            }),
            residual: [0, 1, 2].map(|i| part(i * RESIDUAL_BITS, RESIDUAL_BITS, !smooth)),
        }
    }

    /// Whether only rounding has moved it off its track.
    #[inline]
    pub(super) fn is_smooth(&self) -> bool {
        self.smooth
    }

    /// How far a component will be from where its line leads, in steps.
    #[inline]
    pub(super) fn ahead(&self, index: usize) -> f64 {
        self.offset[index] + self.drift[index]
    }

    /// The last residual of a component, coarsely; 0 of a smooth one.
    #[inline]
    pub(super) fn residual(&self, index: usize) -> i32 {
        self.residual[index]
    }

    /// Sizes of the last residuals; of a smooth track, those of rounding.
    #[inline]
    pub(super) fn size(&self, components: usize) -> u32 {
        let rounding = if self.smooth { components as u32 } else { 0 };
        rounding + self.residual.iter().map(|&residual| size(residual)).sum::<u32>()
    }

    /// Whether anything but rounding happened last to the track of so many components at the front.
    #[inline]
    pub(super) fn is_rough(mut bits: Bits, components: usize) -> bool {
        bits.read(1) == 0 && bits.read(RESIDUAL_BITS * components as u32) != 0
    }

    /// What is kept of the track of so many components after a step in which each came out so far
    /// beyond its line; those that there are not, 0.
    #[inline]
    pub(super) fn next(&self, components: usize, beyond: &[f64; 3]) -> Bits {
        let ahead = [0, 1, 2].map(|index| self.ahead(index));
        let errors = [0, 1, 2].map(|index| beyond[index] - ahead[index]);
        let within = errors.map(|error| error.abs() <= SMOOTH);
        // Seen from where the component came out, and from the way it went.
        let place = [0, 1, 2].map(|index| ahead[index] + ALPHA * errors[index] - beyond[index]);
        let pace = [0, 1, 2].map(|index| self.drift[index] + BETA * errors[index] - beyond[index]);
        let (mut fractions, mut residuals) = (Bits::default(), Bits::default());
        fractions.push(1, 1);
        residuals.push(0, 1);
        for index in 0..3 {
            fractions.push(part_of(place[index], OFFSET_PARTS, OFFSET_BITS), OFFSET_BITS);
            fractions.push(part_of(pace[index], DRIFT_PARTS, DRIFT_BITS), DRIFT_BITS);
            residuals.push(coarsely(beyond[index]), RESIDUAL_BITS);
        }
        let smooth = within[0] & within[1] & within[2];
        let mut kept = if smooth { fractions } else { residuals };
        // Of a component that is not there all bits are 0.
        kept.at = 1 + components as u32 * (kept.at - 1) / 3;
        kept
    }
}

/// A fraction in parts, as far as its bits reach.
#[inline]
fn part_of(value: f64, parts: f64, bits: u32) -> i32 {
    let half = f64::from(1 << (bits - 1));
    small_floor((value * parts + 0.5).clamp(-half, half - 0.5))
}

/// Bits of a remembered residual.
pub(crate) const RESIDUAL_BITS: u32 = 4;

/// The largest residual that is told from larger ones.
const LARGE: i32 = 25;

/// What is remembered of the residuals from -`LARGE` on.
const COARSE: [i8; 2 * LARGE as usize + 1] = {
    let mut table = [0; 2 * LARGE as usize + 1];
    let mut at = 0;
    while at < table.len() {
        let residual = at as i32 - LARGE;
        let size = match residual.unsigned_abs() {
            size @ 0..=3 => size as i8,
            4..=5 => 4,
            6..=10 => 5,
            11..=24 => 6,
            _ => 7,
        };
        table[at] = if residual < 0 { -size } else { size };
        at += 1;
    }
    table
};

/// A residual, coarsely: -7..=7.
#[inline]
pub(super) fn coarse(residual: i32) -> i32 {
    COARSE[(residual.clamp(-LARGE, LARGE) + LARGE) as usize].into()
}

/// The same of the residual nearest to a value.
#[inline]
fn coarsely(value: f64) -> i32 {
    coarse(small_floor(value.clamp(f64::from(-LARGE), f64::from(LARGE)) + 0.5))
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
    let (up, down) = (u32::from(second < first), u32::from(first < second));
    (counter + up).min(3).saturating_sub(down) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Bits {
        /// The same, to be read from its first bit on.
        fn reread(self) -> Self {
            Self { at: 0, ..self }
        }
    }

    #[test]
    fn slots_lie_side_by_side_until_the_words_are_full() {
        let mut used = NOTHING;
        let [a, b, c] = [20, 20, 12].map(|bits| Slot::take(&mut used, bits));
        assert_eq!(used, [32, 20]);
        let full = Slot::take(&mut used, 13);
        let mut bits = Bits::default();
        bits.push(-3, 4);
        bits.push(2, 2);
        let mut history = NOTHING;
        a.place(Bits { word: 0xF_FFFF, at: 20 }, &mut history);
        b.place(bits, &mut history);
        full.place(bits, &mut history);
        let mut read = b.of(history);
        assert_eq!((read.read_signed(4), read.read(2)), (-3, 2));
        assert!(full.of([u32::MAX; 2]).is_zero());
        assert!(c.of(history).is_zero());
    }

    #[test]
    fn a_track_follows_steady_motion_between_the_steps() {
        let after = |track: &Track, beyond: f64| {
            let kept = track.next(1, &[beyond, 0.0, 0.0]);
            let mut bits = kept.reread();
            let next = Track::read(&mut bits, 1);
            assert_eq!(bits, kept, "read as far as it was written");
            next
        };
        let mut track = Track::default();
        let (mut now, mut last) = (0.0, 0.0);
        let mut misses = 0;
        for step in 1..200 {
            let actual = (f64::from(step) * 3.3 + 0.5).floor();
            let line = 2.0 * now - last;
            misses += u32::from(step > 20 && (line + track.ahead(0) + 0.5).floor() != actual);
            track = after(&track, actual - line);
            (last, now) = (now, actual);
        }
        // A line through two rounded places misses six times in ten.
        assert!(misses < 30, "{misses}");
        assert!(!Track::is_rough(track.next(1, &[0.0; 3]).reread(), 1));
        let thrown = after(&track, 40.0);
        assert!(Track::is_rough(track.next(1, &[40.0, 0.0, 0.0]).reread(), 1));
        assert_eq!((thrown.residual(0), thrown.size(1)), (7, 120));
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
