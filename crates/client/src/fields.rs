//! Fields that can be drawn between two states: numbers, vectors and angles marked `lerp`.

use std::f64::consts::TAU;

use tickwire_wire::layout::Layout;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::Shape;

/// A public field marked `lerp`, with what is needed to draw between two of its values.
#[derive(Debug, Clone)]
pub(crate) struct SmoothField {
    /// Index of the field in the schema's table.
    pub(crate) field: usize,
    /// First public column.
    pub(crate) offset: usize,
    /// Columns; each is one number.
    pub(crate) columns: usize,
    /// What the columns mean.
    pub(crate) scale: Scale,
    /// The field that is its rate per second, when the schema names one of the same width.
    pub(crate) velocity: Option<Velocity>,
}

/// Where a field's rate per second is found.
#[derive(Debug, Clone)]
pub(crate) struct Velocity {
    pub(crate) offset: usize,
    pub(crate) scale: Scale,
}

/// What a column's raw integer means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// A quantised float or one component of a vector.
    Steps(FloatSpec),
    /// An angle of so many bits; wraps.
    Turn(u32),
    /// An integer from `min` up to `min + span`.
    Whole { min: i64, span: u32 },
}

impl Scale {
    fn of(shape: &Shape) -> Option<Self> {
        Some(match shape {
            Shape::Float(spec) | Shape::Vector { spec, .. } => Self::Steps(*spec),
            Shape::Angle { bits } => Self::Turn(*bits),
            Shape::Int { min, max } => {
                Self::Whole { min: *min, span: u32::try_from(max - min).ok()? }
            }
            _ => return None,
        })
    }

    /// The number that a raw integer stands for.
    pub(crate) fn value(self, raw: u32) -> f64 {
        match self {
            Self::Steps(spec) => spec.min + f64::from(raw) * spec.step,
            Self::Turn(bits) => f64::from(raw) * self.step_of_turn(bits),
            Self::Whole { min, .. } => min as f64 + f64::from(raw),
        }
    }

    /// The raw integer nearest to a number.
    pub(crate) fn raw(self, value: f64) -> u32 {
        match self {
            // Casts saturate: what lies outside is clamped.
            Self::Steps(spec) => {
                (((value - spec.min) / spec.step + 0.5).floor() as u32).min(spec.max_raw)
            }
            Self::Turn(bits) => {
                let steps = (value / self.step_of_turn(bits) + 0.5).floor();
                steps.rem_euclid(f64::from(1_u32 << bits)) as u32
            }
            Self::Whole { min, span } => (((value - min as f64) + 0.5).floor() as u32).min(span),
        }
    }

    /// How far it is from `a` to `b`; for angles the shorter way round.
    pub(crate) fn difference(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Turn(_) => (b - a + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0,
            _ => b - a,
        }
    }

    /// Distance between neighbouring values.
    pub(crate) fn step(self) -> f64 {
        match self {
            Self::Steps(spec) => spec.step,
            Self::Turn(bits) => self.step_of_turn(bits),
            Self::Whole { .. } => 1.0,
        }
    }

    /// Distance between the lowest and the highest value.
    pub(crate) fn range(self) -> f64 {
        match self {
            Self::Steps(spec) => f64::from(spec.max_raw) * spec.step,
            Self::Turn(_) => TAU,
            Self::Whole { span, .. } => f64::from(span),
        }
    }

    fn step_of_turn(self, bits: u32) -> f64 {
        TAU / f64::from(1_u32 << bits)
    }
}

/// The smooth fields of each table of a schema, in schema order.
pub(crate) fn smooth_fields(schema: &Schema, layout: &Layout) -> Vec<Vec<SmoothField>> {
    let tables = schema.tables.iter().zip(&layout.tables);
    tables
        .map(|(table, layout)| {
            let found = layout.public.iter().filter(|field| table.fields[field.field].lerp);
            found
                .filter_map(|field| {
                    let scale = Scale::of(&field.shape)?;
                    let rate = table.fields[field.field].velocity.and_then(|index| {
                        let rate = layout.public.iter().find(|other| other.field == index)?;
                        let scale = Scale::of(&rate.shape)?;
                        (rate.columns == field.columns)
                            .then_some(Velocity { offset: rate.offset, scale })
                    });
                    Some(SmoothField {
                        field: field.field,
                        offset: field.offset,
                        columns: field.columns,
                        scale,
                        velocity: rate,
                    })
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_and_value_are_inverse_within_range_and_clamp_outside() {
        let steps = Scale::Steps(FloatSpec { min: -4.0, step: 0.25, max_raw: 40 });
        let turn = Scale::Turn(8);
        let whole = Scale::Whole { min: -3, span: 6 };
        for scale in [steps, turn, whole] {
            for raw in 0..=6 {
                assert_eq!(scale.raw(scale.value(raw)), raw);
            }
        }
        assert_eq!(steps.raw(1e9), 40);
        assert_eq!(steps.raw(-1e9), 0);
        assert_eq!(whole.raw(99.0), 6);
        assert_eq!(turn.raw(TAU), 0);
        assert_eq!(turn.raw(-TAU / 256.0), 255);
    }

    #[test]
    fn angles_take_the_shorter_way_round() {
        let turn = Scale::Turn(10);
        assert!((turn.difference(0.1, TAU - 0.1) + 0.2).abs() < 1e-9);
        assert!((turn.difference(TAU - 0.1, 0.1) - 0.2).abs() < 1e-9);
        assert_eq!(Scale::Whole { min: 0, span: 9 }.difference(7.0, 2.0), -5.0);
    }
}
