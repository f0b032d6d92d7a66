//! Rotations as the codec predicts them: quaternions in `f64`, basic operations only.

use std::f64::consts::FRAC_1_SQRT_2;

/// A quaternion (x, y, z, w).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rotation([f64; 4]);

/// A small rotation, as twice the vector part of its quaternion: an angular velocity per snapshot.
pub(super) type Spin = [f64; 3];

impl Rotation {
    /// Of a field's four columns: index of the largest component, the other three from 0 to `top`.
    pub(super) fn from_raw(raw: &[u32], top: f64) -> Self {
        let component = |raw: u32| (f64::from(raw) / top * 2.0 - 1.0) * FRAC_1_SQRT_2;
        let [a, b, c] = [component(raw[1]), component(raw[2]), component(raw[3])];
        let square = 1.0 - a * a - b * b - c * c;
        let d = if square > 0.0 { square.sqrt() } else { 0.0 };
        Self(match raw[0] {
            0 => [d, a, b, c],
            1 => [a, d, b, c],
            2 => [a, b, d, c],
            _ => [a, b, c, d],
        })
    }

    /// The three components beside the largest as raw values between steps, for a representation in
    /// which that at `largest` is positive.
    pub(super) fn raw(&self, largest: usize, top: f64) -> [f64; 3] {
        let Self([x, y, z, w]) = *self;
        let others = match largest {
            0 => [y, z, w],
            1 => [x, z, w],
            2 => [x, y, w],
            _ => [x, y, z],
        };
        let length = (x * x + y * y + z * z + w * w).sqrt();
        let scale = if self.0[largest & 3] < 0.0 { -length } else { length };
        others.map(|other| {
            let unit = other / scale;
            // No length: any value will do, as long as it is the same everywhere.
            if unit.is_finite() { (unit / FRAC_1_SQRT_2 + 1.0) / 2.0 * top } else { 0.0 }
        })
    }

    /// The component of the largest magnitude, and by how much it leads.
    pub(super) fn largest(&self) -> (usize, f64) {
        let (mut best, mut lead) = (0, f64::INFINITY);
        for index in 1..4 {
            let ahead = self.0[index].abs() - self.0[best].abs();
            if ahead > 0.0 {
                (best, lead) = (index, ahead);
            } else if -ahead < lead {
                lead = -ahead;
            }
        }
        (best, lead)
    }

    /// The product of two rotations: `other` first.
    fn times(&self, other: &Self) -> Self {
        let Self([ax, ay, az, aw]) = *self;
        let Self([bx, by, bz, bw]) = *other;
        Self([
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ])
    }

    /// What leads from this rotation to another, the shorter way round.
    pub(super) fn to(&self, other: &Self) -> Spin {
        let Self([x, y, z, w]) = *self;
        let Self([dx, dy, dz, dw]) = other.times(&Self([-x, -y, -z, w]));
        let sign = if dw < 0.0 { -2.0 } else { 2.0 };
        [dx * sign, dy * sign, dz * sign]
    }
}

/// Sums and uses of small rotations.
pub(super) trait Spinning {
    /// Both at once.
    fn plus(&self, other: Spin) -> Spin;
    /// A rotation after this one has been added to it.
    fn after(&self, rotation: &Rotation) -> Rotation;
}

impl Spinning for Spin {
    fn plus(&self, other: Spin) -> Spin {
        [self[0] + other[0], self[1] + other[1], self[2] + other[2]]
    }

    fn after(&self, rotation: &Rotation) -> Rotation {
        let [x, y, z] = self.map(|component| component / 2.0);
        let square = 1.0 - x * x - y * y - z * z;
        let w = if square > 0.0 { square.sqrt() } else { 0.0 };
        Rotation([x, y, z, w]).times(rotation)
    }
}
