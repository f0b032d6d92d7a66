//! Floats, vectors, angles and rotations in the steps that `#[net(..)]` names.

use glam::{Quat, Vec2, Vec3};
use tickwire_wire::limits;
use tickwire_wire::quant::{self, FloatSpec};
use tickwire_wire::shape::Shape;

use super::{Coded, ColumnReader, Precision};

/// Precision of an angle: `bits` of a turn, 1..=22.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AngleSpec {
    /// Bits of a full turn.
    pub bits: u32,
}

/// Precision of a rotation: `bits` for each sent component, 2..=16.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuatSpec {
    /// Bits of a component.
    pub bits: u32,
}

impl Precision for FloatSpec {}
impl Precision for AngleSpec {}
impl Precision for QuatSpec {}

/// Levels of the range from `min` to `end` in steps of `step`: `end` itself is one of them when
/// `inclusive`. A range that is a whole number of steps but for rounding counts as whole.
pub const fn float_levels(min: f64, end: f64, step: f64, inclusive: bool) -> f64 {
    let steps = (end - min) / step;
    let nearest = (steps + 0.5).floor();
    let is_whole = (steps - nearest).abs() < 1e-6;
    match (is_whole, inclusive) {
        (true, true) => nearest + 1.0,
        (true, false) => nearest,
        (false, _) => steps.floor() + 1.0,
    }
}

/// Whether f32 can tell every level apart: the level farthest from 0 must lie within 2^23 steps.
pub const fn is_representable(min: f64, end: f64, step: f64) -> bool {
    min.abs().max(end.abs()) / step <= limits::MAX_FLOAT_STEPS
}

/// The precision that `range = min..end` (or `min..=end`) and `step` ask for. The derives have
/// checked the figures.
pub const fn float_spec(min: f64, end: f64, step: f64, inclusive: bool) -> FloatSpec {
    FloatSpec { min, step, max_raw: (float_levels(min, end, step, inclusive) - 1.0) as u32 }
}

/// `#[net(usual = x)]` in raw steps of the shape, rounded up; at least 1 and at most the range.
pub fn usual_steps(usual: f64, shape: &Shape) -> u32 {
    let (step, most) = match shape {
        Shape::Int { min, max } => (1.0, max.abs_diff(*min) as u32),
        Shape::Float(spec) | Shape::Vector { spec, .. } => (spec.step, spec.max_raw),
        Shape::Angle { bits } => {
            let turn = 1_u32 << bits;
            (std::f64::consts::TAU / f64::from(turn), turn - 1)
        }
        _ => return 0,
    };
    // A whole number of steps but for rounding counts as whole.
    let steps = (usual / step - 1e-6).ceil();
    (steps.max(1.0) as u32).min(most)
}

impl Coded<FloatSpec> for f32 {
    const COLUMNS: usize = 1;

    fn shape_as(spec: &FloatSpec) -> Shape {
        Shape::Float(*spec)
    }

    fn put_as(&self, spec: &FloatSpec, out: &mut Vec<u32>) {
        out.push(spec.raw(*self));
    }

    fn get_as(spec: &FloatSpec, columns: &mut ColumnReader<'_>) -> Self {
        spec.value(columns.column().min(spec.max_raw))
    }

    fn snap_as(&mut self, spec: &FloatSpec) {
        *self = spec.snap(*self);
    }
}

macro_rules! vector {
    ($vector:ty, $n:literal) => {
        impl Coded<FloatSpec> for $vector {
            const COLUMNS: usize = $n;

            fn shape_as(spec: &FloatSpec) -> Shape {
                Shape::Vector { n: $n, spec: *spec }
            }

            fn put_as(&self, spec: &FloatSpec, out: &mut Vec<u32>) {
                out.extend(self.to_array().map(|part| spec.raw(part)));
            }

            fn get_as(spec: &FloatSpec, columns: &mut ColumnReader<'_>) -> Self {
                Self::from_array(std::array::from_fn(|_| f32::get_as(spec, columns)))
            }

            fn snap_as(&mut self, spec: &FloatSpec) {
                *self = Self::from_array(self.to_array().map(|part| spec.snap(part)));
            }
        }
    };
}
vector!(Vec2, 2);
vector!(Vec3, 3);

impl Coded<AngleSpec> for f32 {
    const COLUMNS: usize = 1;

    fn shape_as(spec: &AngleSpec) -> Shape {
        Shape::Angle { bits: spec.bits }
    }

    fn put_as(&self, spec: &AngleSpec, out: &mut Vec<u32>) {
        out.push(quant::angle_raw(*self, spec.bits));
    }

    fn get_as(spec: &AngleSpec, columns: &mut ColumnReader<'_>) -> Self {
        let turn = (1_u32 << spec.bits) - 1;
        quant::angle_value(columns.column() & turn, spec.bits)
    }

    fn snap_as(&mut self, spec: &AngleSpec) {
        *self = quant::angle_value(quant::angle_raw(*self, spec.bits), spec.bits);
    }
}

impl Coded<QuatSpec> for Quat {
    const COLUMNS: usize = 4;

    fn shape_as(spec: &QuatSpec) -> Shape {
        Shape::Quat { bits: spec.bits }
    }

    fn put_as(&self, spec: &QuatSpec, out: &mut Vec<u32>) {
        out.extend(quant::quat_raw(self.to_array(), spec.bits));
    }

    fn get_as(spec: &QuatSpec, columns: &mut ColumnReader<'_>) -> Self {
        let max = (1_u32 << spec.bits) - 1;
        let raw = std::array::from_fn(|part| columns.column().min(if part == 0 { 3 } else { max }));
        Self::from_array(quant::quat_value(raw, spec.bits))
    }

    fn snap_as(&mut self, spec: &QuatSpec) {
        *self = Self::from_array(quant::quat_value(
            quant::quat_raw(self.to_array(), spec.bits),
            spec.bits,
        ));
    }
}
