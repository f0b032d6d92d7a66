//! Rotations as the codec predicts them: quaternions in `f64`, basic operations only.

use std::f64::consts::FRAC_1_SQRT_2;

/// A quaternion (x, y, z, w).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rotation([f64; 4]);

/// A small rotation, as twice the vector part of its quaternion: an angular velocity per snapshot.
pub(super) type Spin = [f64; 3];

/// All bits of the components before the largest, by its index; of those from it on, none.
///
/// No processor guesses which is the largest, and a wrong guess costs more than all that follows from
/// it: so the components are put in order by masks, and not by branches.
const BEFORE: [[u64; 3]; 4] = [[0, 0, 0], [!0, 0, 0], [!0, !0, 0], [!0, !0, !0]];

/// One number or the other: the first where the mask has its bits.
#[inline]
fn choose(mask: u64, first: f64, second: f64) -> f64 {
    f64::from_bits(first.to_bits() & mask | second.to_bits() & !mask)
}

impl Rotation {
    /// Of a field's four columns: index of the largest component, the other three from 0 to `top`.
    #[inline]
    pub(super) fn from_raw(raw: &[u32], top: f64) -> Self {
        let raw = &raw[..4];
        let component = |raw: u32| (f64::from(raw) / top * 2.0 - 1.0) * FRAC_1_SQRT_2;
        let [a, b, c] = [component(raw[1]), component(raw[2]), component(raw[3])];
        let square = 1.0 - a * a - b * b - c * c;
        let d = if square > 0.0 { square.sqrt() } else { 0.0 };
        let [x, y, z] = BEFORE[raw[0].min(3) as usize];
        Self([
            choose(x, a, d),
            choose(y, b, choose(x, d, a)),
            choose(z, c, choose(y, d, b)),
            choose(z, d, c),
        ])
    }

    /// The three components beside the largest as raw values between steps, for a representation in
    /// which that at `largest` is positive.
    #[inline]
    pub(super) fn raw(&self, largest: u32, top: f64) -> [f64; 3] {
        let Self([x, y, z, w]) = *self;
        let length = (x * x + y * y + z * z + w * w).sqrt();
        let before = BEFORE[largest.min(3) as usize];
        let leading = choose(before[1], choose(before[2], w, z), choose(before[0], y, x));
        let scale = if leading < 0.0 { -length } else { length };
        let others = [choose(before[0], x, y), choose(before[1], y, z), choose(before[2], z, w)];
        others.map(|other| {
            let unit = other / scale;
            // No length: any value will do, as long as it is the same everywhere.
            if unit.is_finite() { (unit / FRAC_1_SQRT_2 + 1.0) / 2.0 * top } else { 0.0 }
        })
    }

    /// The component of the largest magnitude, the first of equal ones, and by how much it leads.
    #[inline]
    pub(super) fn largest(&self) -> (u32, f64) {
        let [x, y, z, w] = self.0.map(f64::abs);
        let (high, low) = (x.max(y), z.max(w));
        let (rest, index) = if low > high {
            (z.min(w).max(high), 2 + u32::from(w > z))
        } else {
            (x.min(y).max(low), u32::from(y > x))
        };
        (index, high.max(low) - rest)
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
