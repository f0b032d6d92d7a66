//! Shapes: what a value looks like on the wire (section 3 of `PROTOCOL.md`).

use serde::{Deserialize, Serialize};

use crate::bits::bit_length;
use crate::quant::FloatSpec;

/// The shape of a value: how many columns it occupies and what they mean.
///
/// As JSON an object with a `type`, the variant's name in lower case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Shape {
    /// One bit.
    Bool,
    /// An integer from `min` to `max`, both included, at most 2^32 values.
    Int {
        /// Lowest value; travels as raw 0.
        min: i64,
        /// Highest value.
        max: i64,
    },
    /// A 64-bit integer: low word, high word.
    Wide {
        /// Two's complement.
        signed: bool,
    },
    /// A quantised float.
    Float(FloatSpec),
    /// `n` floats of one spec: x, y and, when n is 3, z.
    Vector {
        /// Components: 2 or 3.
        n: u32,
        /// The spec of each.
        #[serde(flatten)]
        spec: FloatSpec,
    },
    /// An angle in radians; wraps.
    Angle {
        /// Bits of a turn.
        bits: u32,
    },
    /// A rotation: index of the largest component, then the other three.
    Quat {
        /// Bits of each of the three.
        bits: u32,
    },
    /// The id of a row; 0 is none.
    Id {
        /// Name of the table (a hint for those who show it).
        table: String,
    },
    /// A player id; 0 is none.
    Player,
    /// A team number; 0 is none.
    Team,
    /// One of several variants: the tag, then the columns of all variants.
    Enum {
        /// Name of the type.
        name: String,
        /// At least one.
        variants: Vec<Variant>,
    },
    /// Fields in order.
    Struct {
        /// Name of the type.
        name: String,
        /// May be empty.
        fields: Vec<ShapeField>,
    },
    /// Present or absent.
    Option {
        /// What may be present.
        of: Box<Shape>,
    },
    /// A fixed number of values.
    Array {
        /// Shape of each.
        of: Box<Shape>,
        /// How many.
        len: u32,
    },
    /// UTF-8 text.
    Text {
        /// Most bytes.
        max: u32,
    },
    /// A variable number of values.
    List {
        /// Shape of each.
        of: Box<Shape>,
        /// Most values.
        max: u32,
    },
    /// Nothing.
    Unit,
}

/// A named part of a struct or variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShapeField {
    /// Its name; an index as text when the fields have none.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
}

/// One variant of an enum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its fields; empty for a unit variant.
    pub fields: Vec<ShapeField>,
}

/// Range of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Bits it takes in the plain encoding (0..=32).
    pub width: u32,
    /// Highest valid value.
    pub max: u32,
}

impl ColumnSpec {
    /// A column of the values 0..=`max`.
    pub const fn up_to(max: u32) -> Self {
        Self { width: bit_length(max), max }
    }

    /// A column that uses all of `width` bits (≤ 32).
    pub const fn of_width(width: u32) -> Self {
        Self::up_to(((1_u64 << width) - 1) as u32)
    }
}

impl Shape {
    /// How many columns a value of this shape occupies (saturating).
    pub fn columns(&self) -> usize {
        match self {
            Self::Unit => 0,
            Self::Bool
            | Self::Int { .. }
            | Self::Float(_)
            | Self::Angle { .. }
            | Self::Id { .. }
            | Self::Player
            | Self::Team => 1,
            Self::Wide { .. } => 2,
            Self::Vector { n, .. } => *n as usize,
            Self::Quat { .. } => 4,
            Self::Enum { variants, .. } => variants
                .iter()
                .flat_map(|variant| &variant.fields)
                .fold(1, |sum, field| field.shape.columns().saturating_add(sum)),
            Self::Struct { fields, .. } => {
                fields.iter().fold(0, |sum, field| field.shape.columns().saturating_add(sum))
            }
            Self::Option { of } => of.columns().saturating_add(1),
            Self::Array { of, len } => of.columns().saturating_mul(*len as usize),
            Self::Text { max } => 1 + max.div_ceil(4) as usize,
            Self::List { of, max } => of.columns().saturating_mul(*max as usize).saturating_add(1),
        }
    }

    /// Appends the range of each column, in order.
    pub fn push_specs(&self, out: &mut Vec<ColumnSpec>) {
        match self {
            Self::Unit => {}
            Self::Enum { variants, .. } => {
                out.push(self.tag_spec());
                for field in variants.iter().flat_map(|variant| &variant.fields) {
                    field.shape.push_specs(out);
                }
            }
            Self::Struct { fields, .. } => {
                for field in fields {
                    field.shape.push_specs(out);
                }
            }
            Self::Option { of } => {
                out.push(self.tag_spec());
                of.push_specs(out);
            }
            Self::Array { of, len } => {
                for _ in 0..*len {
                    of.push_specs(out);
                }
            }
            Self::Text { max } => {
                out.push(self.tag_spec());
                out.extend((0..max.div_ceil(4)).map(|_| ColumnSpec::of_width(32)));
            }
            Self::List { of, max } => {
                out.push(self.tag_spec());
                for _ in 0..*max {
                    of.push_specs(out);
                }
            }
            Self::Quat { bits } => {
                out.push(self.tag_spec());
                out.extend([ColumnSpec::of_width(*bits); 3]);
            }
            Self::Wide { .. } => out.extend([ColumnSpec::of_width(32); 2]),
            Self::Vector { n, .. } => out.extend((0..*n).map(|_| self.tag_spec())),
            Self::Bool
            | Self::Int { .. }
            | Self::Float(_)
            | Self::Angle { .. }
            | Self::Id { .. }
            | Self::Player
            | Self::Team => out.push(self.tag_spec()),
        }
    }

    /// The range of the first column: the value itself, or the tag, presence or length in front.
    pub(crate) fn tag_spec(&self) -> ColumnSpec {
        match self {
            Self::Bool | Self::Option { .. } => ColumnSpec::of_width(1),
            // Validated: the difference fits in 32 bits.
            Self::Int { min, max } => ColumnSpec::up_to(max.wrapping_sub(*min) as u32),
            Self::Float(spec) | Self::Vector { spec, .. } => ColumnSpec::up_to(spec.max_raw),
            Self::Angle { bits } => ColumnSpec::of_width(*bits),
            Self::Quat { .. } => ColumnSpec::of_width(2),
            Self::Wide { .. } | Self::Id { .. } => ColumnSpec::of_width(32),
            Self::Player => ColumnSpec::of_width(16),
            Self::Team => ColumnSpec::of_width(8),
            Self::Enum { variants, .. } => {
                ColumnSpec::up_to((variants.len() as u32).saturating_sub(1))
            }
            Self::Text { max } | Self::List { max, .. } => ColumnSpec::up_to(*max),
            Self::Unit | Self::Struct { .. } | Self::Array { .. } => ColumnSpec::up_to(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widths(shape: &Shape) -> Vec<u32> {
        let mut specs = Vec::new();
        shape.push_specs(&mut specs);
        assert_eq!(specs.len(), shape.columns());
        specs.iter().map(|spec| spec.width).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_values_need() {
        let spec = FloatSpec::half_open(0.0, 64.0, 1.0 / 64.0);
        assert!(widths(&Shape::Unit).is_empty());
        assert_eq!(widths(&Shape::Bool), [1]);
        assert_eq!(widths(&Shape::Int { min: 5, max: 5 }), [0]);
        assert_eq!(widths(&Shape::Int { min: -128, max: 127 }), [8]);
        assert_eq!(widths(&Shape::Int { min: 0, max: u32::MAX.into() }), [32]);
        assert_eq!(widths(&Shape::Wide { signed: true }), [32, 32]);
        assert_eq!(widths(&Shape::Float(spec)), [12]);
        assert_eq!(widths(&Shape::Vector { n: 3, spec }), [12, 12, 12]);
        assert_eq!(widths(&Shape::Angle { bits: 10 }), [10]);
        assert_eq!(widths(&Shape::Quat { bits: 9 }), [2, 9, 9, 9]);
        assert_eq!(widths(&Shape::Id { table: "ships".to_owned() }), [32]);
        assert_eq!(widths(&Shape::Player), [16]);
        assert_eq!(widths(&Shape::Team), [8]);
        assert_eq!(widths(&Shape::Text { max: 24 }), [5, 32, 32, 32, 32, 32, 32]);
        assert_eq!(widths(&Shape::Text { max: 0 }), [0]);
        assert_eq!(widths(&Shape::Text { max: 5 }), [3, 32, 32]);
    }

    #[test]
    fn composed_shapes_hold_the_columns_of_their_parts() {
        let field = |shape| ShapeField { name: "f".to_owned(), shape };
        let variant = |name: &str, fields| Variant { name: name.to_owned(), fields };
        let team = || Box::new(Shape::Team);
        assert_eq!(widths(&Shape::Option { of: team() }), [1, 8]);
        assert_eq!(widths(&Shape::Array { of: team(), len: 3 }), [8, 8, 8]);
        assert_eq!(widths(&Shape::List { of: team(), max: 2 }), [2, 8, 8]);
        let variants = vec![
            variant("A", vec![]),
            variant("B", vec![field(Shape::Player)]),
            variant("C", vec![field(Shape::Bool), field(Shape::Team)]),
        ];
        assert_eq!(widths(&Shape::Enum { name: String::new(), variants }), [2, 16, 1, 8]);
        let fields = vec![field(Shape::Team), field(Shape::Unit), field(Shape::Bool)];
        assert_eq!(widths(&Shape::Struct { name: String::new(), fields }), [8, 1]);
    }

    #[test]
    fn a_shape_is_json_with_a_type() {
        let json = r#"{"type":"vector","n":2,"min":-8.0,"step":0.5,"max_raw":31}"#;
        let shape: Shape = serde_json::from_str(json).unwrap();
        let spec = FloatSpec { min: -8.0, step: 0.5, max_raw: 31 };
        assert_eq!(shape, Shape::Vector { n: 2, spec });
        assert_eq!(serde_json::to_string(&shape).unwrap(), json);
        let json = r#"{"type":"list","of":{"type":"unit"},"max":3}"#;
        let shape: Shape = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&shape).unwrap(), json);
        assert!(serde_json::from_str::<Shape>(r#"{"type":"complex"}"#).is_err());
    }
}
