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
