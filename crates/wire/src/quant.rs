//! Quantisation: floats to the raw integers that travel, and back.
//!
//! Only `+ - * /`, `floor` and `sqrt` in `f64`, rounded once to `f32`: JavaScript computes the same
//! bits. Each `raw(value(r))` is `r` again, so snapping a state to wire precision is idempotent.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use serde::{Deserialize, Serialize};

/// How a float is cut into steps: value = `f32(min + raw × step)`, raw in 0..=`max_raw`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatSpec {
    /// The lowest value.
    pub min: f64,
    /// Distance between neighbouring values; above 0.
    pub step: f64,
    /// The highest raw value.
    pub max_raw: u32,
}

impl FloatSpec {
    /// The steps from `min` up to, but without, `end`.
    ///
    /// The raw range saturates at 32 bits; `Schema::validate` refuses specs that `f32` cannot tell apart.
    pub fn half_open(min: f64, end: f64, step: f64) -> Self {
        // A saturating cast: negative and NaN give 0.
        let max_raw = (((end - min) / step).ceil() - 1.0) as u32;
        Self { min, step, max_raw }
    }

    /// The nearest raw value; what lies outside is clamped, NaN counts as 0.0.
    #[inline]
    pub fn raw(&self, value: f32) -> u32 {
        let value = if value.is_nan() { 0.0 } else { f64::from(value) };
        let steps = ((value - self.min) / self.step + 0.5).floor();
        // The cast saturates at both ends.
        (steps as u32).min(self.max_raw)
    }

    /// The value of a raw integer.
    #[inline]
    pub fn value(&self, raw: u32) -> f32 {
        (self.min + f64::from(raw) * self.step) as f32
    }

    /// `value` as it will arrive.
    #[inline]
    pub fn snap(&self, value: f32) -> f32 {
        self.value(self.raw(value))
    }
}

/// An angle in radians as `bits` bits (1..=22) of a turn; one that is not finite gives 0.
#[inline]
pub fn angle_raw(radians: f32, bits: u32) -> u32 {
    if !radians.is_finite() {
        return 0;
    }
    let turn = f64::from(1_u32 << bits);
    let steps = (f64::from(radians) / TAU * turn + 0.5).floor();
    // `turn` is a power of two, so every operation here is exact.
    (steps - (steps / turn).floor() * turn) as u32
}

/// The angle of a raw integer, in radians in [0, 2π).
#[inline]
pub fn angle_value(raw: u32, bits: u32) -> f32 {
    (f64::from(raw) * (TAU / f64::from(1_u32 << bits))) as f32
}

/// Rounds after which a quaternion's representation has settled; nearly all settle in one.
const QUAT_ROUNDS: u32 = 4;

/// A rotation (x, y, z, w) as [index of the largest component, the other three in order], each of
/// the three in `bits` bits (1..=16). Scaled to unit length first; one without a direction gives
/// the identity.
///
/// When two components are nearly the same, the decoded quaternion may have another one as its
/// largest. So what is returned is a representation that its own decoded value leads back to.
pub fn quat_raw(quat: [f32; 4], bits: u32) -> [u32; 4] {
    let mut raw = quat_raw_once(quat, bits);
    for _ in 0..QUAT_ROUNDS {
        let next = quat_raw_once(quat_value(raw, bits), bits);
        if next == raw {
            return raw;
        }
        raw = next;
    }
    // A cycle: its smallest member stands for all of it.
    let mut smallest = raw;
    for _ in 0..QUAT_ROUNDS {
        raw = quat_raw_once(quat_value(raw, bits), bits);
        smallest = smallest.min(raw);
    }
    smallest
}

fn quat_raw_once(quat: [f32; 4], bits: u32) -> [u32; 4] {
    let [x, y, z, w] = quat.map(f64::from);
    let length = (x * x + y * y + z * z + w * w).sqrt();
    let unit = if length.is_finite() && length > 0.0 {
        [x / length, y / length, z / length, w / length]
    } else {
        [0.0, 0.0, 0.0, 1.0]
    };
    let mut largest = 0;
    for index in 1..4 {
        if unit[index].abs() > unit[largest].abs() {
            largest = index;
        }
    }
    let sign = if unit[largest] < 0.0 { -1.0 } else { 1.0 };
    let max = f64::from((1_u32 << bits) - 1);
    let mut raw = [largest as u32, 0, 0, 0];
    let others = (0..4).filter(|&index| index != largest);
    for (slot, index) in raw[1..].iter_mut().zip(others) {
        let scaled = (unit[index] * sign / FRAC_1_SQRT_2 + 1.0) / 2.0 * max;
        *slot = (scaled + 0.5).floor().clamp(0.0, max) as u32;
    }
    raw
}

/// The unit quaternion (x, y, z, w) of a raw one; its largest component is not negative.
pub fn quat_value(raw: [u32; 4], bits: u32) -> [f32; 4] {
    let max = f64::from((1_u32 << bits) - 1);
    let part = |raw: u32| (f64::from(raw) / max * 2.0 - 1.0) * FRAC_1_SQRT_2;
    let (a, b, c) = (part(raw[1]), part(raw[2]), part(raw[3]));
    let largest = (1.0 - a * a - b * b - c * c).max(0.0).sqrt();
    let parts = match raw[0] {
        0 => [largest, a, b, c],
        1 => [a, largest, b, c],
        2 => [a, b, largest, c],
        _ => [a, b, c, largest],
    };
    parts.map(|part| part as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec() -> impl Strategy<Value = FloatSpec> {
        // Within the limit of 2^23 steps from 0 outwards.
        (-8_000_000_i32..8_000_000, 1e-4_f64..10.0, 0.0_f64..1.0).prop_map(|(low, step, part)| {
            let room = (8_388_608 - i64::from(low)).min(8_388_608 * 2) as f64;
            let max_raw = (part * room) as u32;
            FloatSpec { min: f64::from(low) * step, step, max_raw }
        })
    }

    proptest! {
        #![proptest_config(crate::fixed_cases())]

        #[test]
        fn a_snapped_float_stays(spec in spec(), part in 0.0_f64..=1.0) {
            let raw = (part * f64::from(spec.max_raw)) as u32;
            prop_assert_eq!(spec.raw(spec.value(raw)), raw);
        }

        #[test]
        fn a_float_snaps_to_the_nearest_step(value in -70.0_f32..70.0) {
            let spec = FloatSpec::half_open(-64.0, 64.0, 0.25);
            let nearest = value.clamp(-64.0, 63.75);
            prop_assert!((spec.snap(value) - nearest).abs() <= 0.125);
        }

        #[test]
        fn a_snapped_angle_stays(bits in 1_u32..=22, raw: u32) {
            let raw = raw & ((1 << bits) - 1);
            prop_assert_eq!(angle_raw(angle_value(raw, bits), bits), raw);
        }

        #[test]
        fn an_angle_wraps(bits in 1_u32..=16, turns in -4_i32..=4, raw: u32) {
            let raw = raw & ((1 << bits) - 1);
            let angle = f64::from(angle_value(raw, bits)) + f64::from(turns) * TAU;
            prop_assert_eq!(angle_raw(angle as f32, bits), raw);
        }

        #[test]
        fn a_snapped_quaternion_stays(quat: [i8; 4], scale in 0.001_f32..10.0, bits in 2_u32..=16) {
            // Small integers: ties between components are common.
            let quat = quat.map(|part| f32::from(part / 9) * scale);
            let raw = quat_raw(quat, bits);
            prop_assert_eq!(quat_raw(quat_value(raw, bits), bits), raw);
        }

        #[test]
        fn any_raw_quaternion_settles(raw: [u32; 4], bits in 2_u32..=16) {
            let mask = (1 << bits) - 1;
            let raw = [raw[0] & 3, raw[1] & mask, raw[2] & mask, raw[3] & mask];
            let settled = quat_raw(quat_value(raw, bits), bits);
            prop_assert_eq!(quat_raw(quat_value(settled, bits), bits), settled);
        }

        #[test]
        fn a_quaternion_keeps_its_direction(quat: [i8; 4]) {
            let quat = quat.map(f64::from);
            let length = quat.iter().map(|part| part * part).sum::<f64>().sqrt();
            prop_assume!(length > 0.0);
            let back = quat_value(quat_raw(quat.map(|part| part as f32), 12), 12);
            let dot: f64 = quat.iter().zip(back).map(|(a, b)| a / length * f64::from(b)).sum();
            prop_assert!(dot.abs() > 0.999_999, "{}", dot);
        }
    }

    #[test]
    fn a_half_open_range_leaves_its_end_out() {
        let spec = FloatSpec::half_open(0.0, 64.0, 1.0 / 64.0);
        assert_eq!(spec.max_raw, 4095);
        assert_eq!(spec.value(4095), 63.984_375);
        assert_eq!(spec.raw(64.0), 4095);
        assert_eq!(FloatSpec::half_open(0.0, 1.0, 0.3).max_raw, 3);
        assert_eq!(FloatSpec::half_open(1.0, 1.0, 0.3).max_raw, 0);
        assert_eq!(FloatSpec::half_open(0.0, 1e30, 1.0).max_raw, u32::MAX);
    }

    #[test]
    fn what_is_no_number_in_range_has_a_place_too() {
        let spec = FloatSpec::half_open(-8.0, 8.0, 1.0);
        assert_eq!(spec.raw(f32::NAN), 8);
        assert_eq!(spec.raw(f32::INFINITY), 15);
        assert_eq!(spec.raw(f32::NEG_INFINITY), 0);
        assert_eq!(FloatSpec::half_open(3.0, 8.0, 1.0).raw(f32::NAN), 0);
        assert_eq!(angle_raw(f32::NAN, 8), 0);
        assert_eq!(angle_raw(f32::INFINITY, 8), 0);
        assert!(angle_raw(f32::MAX, 8) < 256);
        assert!(angle_raw(f32::MIN, 22) < 1 << 22);
        for bad in [[0.0; 4], [f32::NAN, 0.0, 0.0, 0.0], [f32::INFINITY, 0.0, 0.0, 1.0]] {
            assert_eq!(quat_raw(bad, 9), quat_raw([0.0, 0.0, 0.0, 1.0], 9));
        }
    }

    #[test]
    fn a_negative_angle_is_its_positive_one() {
        assert_eq!(angle_raw(-std::f32::consts::FRAC_PI_2, 8), 192);
        assert_eq!(angle_raw(-1e-9, 8), 0);
        assert_eq!(angle_value(64, 8), std::f32::consts::FRAC_PI_2);
    }

    #[test]
    fn opposite_quaternions_are_the_same_rotation() {
        let raw = quat_raw([0.1, -0.2, 0.9, 0.3], 9);
        assert_eq!(raw[0], 2);
        assert_eq!(quat_raw([-0.1, 0.2, -0.9, -0.3], 9), raw);
    }
}
