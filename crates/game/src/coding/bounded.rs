//! Integers within bounds: `#[net(range = a..=b)]` and `#[net(max = n)]`.

use tickwire_wire::shape::Shape;

use super::{Coded, ColumnReader, Precision};

/// Bounds of an integer, both included; `max - min` is below 2^32.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntSpec {
    /// Lowest value.
    pub min: i64,
    /// Highest value.
    pub max: i64,
}

impl IntSpec {
    /// The bounds `min..=max`, or what is wrong with them: for the derives, at compile time.
    pub const fn new(min: i128, max: i128) -> Self {
        Self { min: min as i64, max: max as i64 }
    }

    /// Whether some value lies within.
    pub const fn is_ordered(min: i128, max: i128) -> bool {
        min <= max
    }

    /// Whether a column of 32 bits can count from `min` to `max`, and JSON can carry both.
    pub const fn fits_column(min: i128, max: i128) -> bool {
        min >= i64::MIN as i128 && max <= i64::MAX as i128 && max - min <= u32::MAX as i128
    }

    fn raw(self, value: i128) -> u32 {
        let value = value.clamp(i128::from(self.min), i128::from(self.max));
        (value - i128::from(self.min)) as u32
    }

    fn value(self, raw: u32) -> i64 {
        self.min.saturating_add(i64::from(raw)).min(self.max)
    }
}

impl Precision for IntSpec {}

/// Integers that `#[net(range = ..)]` can bound.
pub trait BoundedInt {
    /// Lowest value of the type.
    const MIN: i128;
    /// Highest value of the type.
    const MAX: i128;
}

macro_rules! bounded {
    ($($int:ty),*) => {$(
        impl BoundedInt for $int {
            const MIN: i128 = <$int>::MIN as i128;
            const MAX: i128 = <$int>::MAX as i128;
        }

        impl Coded<IntSpec> for $int {
            const COLUMNS: usize = 1;

            fn shape_as(spec: &IntSpec) -> Shape {
                Shape::Int { min: spec.min, max: spec.max }
            }

            fn put_as(&self, spec: &IntSpec, out: &mut Vec<u32>) {
                out.push(spec.raw(i128::from(*self)));
            }

            fn get_as(spec: &IntSpec, columns: &mut ColumnReader<'_>) -> Self {
                // The derive has checked that the bounds lie within the type.
                spec.value(columns.column()) as $int
            }

            fn snap_as(&mut self, spec: &IntSpec) {
                *self = spec.value(spec.raw(i128::from(*self))) as $int;
            }
        }
    )*};
}
bounded!(u8, u16, u32, u64, i8, i16, i32, i64);
