//! Rotations as a trace holds them.

use std::f64::consts::FRAC_1_SQRT_2;

/// A rotation (x, y, z, w) of unit length as [index of the largest component, the other three in order], the
/// largest made positive and each of the three in `bits` bits.
///
/// Unlike `tickwire_wire::quant::quat_raw` it does not look for a representation that its own value leads back
/// to: a trace holds what a physics engine said, once, as the traces of others do.
pub(crate) fn smallest_three(quat: [f32; 4], bits: u32) -> [i32; 4] {
    let quat = quat.map(f64::from);
    let mut largest = 0;
    for index in 1..4 {
        if quat[index].abs() > quat[largest].abs() {
            largest = index;
        }
    }
    let sign = if quat[largest] < 0.0 { -1.0 } else { 1.0 };
    let max = f64::from((1_u32 << bits) - 1);
    let mut raw = [largest as i32, 0, 0, 0];
    let others = (0..4).filter(|&index| index != largest);
    for (slot, index) in raw[1..].iter_mut().zip(others) {
        let scaled = (quat[index] * sign / FRAC_1_SQRT_2 + 1.0) / 2.0 * max;
        *slot = (scaled + 0.5).floor().clamp(0.0, max) as i32;
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_is_in_the_middle() {
        assert_eq!(smallest_three([0.0, 0.0, 0.0, 1.0], 9), [3, 256, 256, 256]);
        assert_eq!(smallest_three([0.0, -1.0, 0.0, 0.0], 9), [1, 256, 256, 256]);
    }

    #[test]
    fn opposite_quaternions_are_the_same_rotation() {
        let raw = smallest_three([0.1, -0.2, 0.9, 0.3], 9);
        assert_eq!(raw[0], 2);
        assert_eq!(smallest_three([-0.1, 0.2, -0.9, -0.3], 9), raw);
        let half = std::f32::consts::FRAC_1_SQRT_2;
        assert_eq!(smallest_three([half, half, 0.0, 0.0], 9), [0, 511, 256, 256]);
    }
}
