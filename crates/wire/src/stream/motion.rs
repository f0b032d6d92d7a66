//! How each field of a table is predicted, worked out once from the schema.

use super::history::{History, LEAN_BITS, NOTHING, RESIDUAL_BITS, Slot, track_bits};
use crate::layout::FieldLayout;
use crate::quant::FloatSpec;
use crate::schema::{Predict, Schema, TableSchema};
use crate::shape::Shape;

/// Bits of the carried fraction of a step, per component.
pub(crate) const FRACTION_BITS: u32 = 5;
/// Bits of the carried correction of a vector's length.
pub(crate) const LENGTH_BITS: u32 = 4;

/// How the rows of a table move.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TableMotion {
    /// Fields that are predicted, in the order in which they are coded: what others rest on first.
    pub(crate) moving: Vec<Moving>,
    /// Fields (indices among the public ones) that simply stay until they change.
    pub(crate) held: Vec<usize>,
    /// Rigid bodies in space: rows near each other are tried as parts of one body.
    pub(crate) body: Option<Body>,
    /// Usual residuals as the schema hints: of each moving field, then of each public one.
    pub(super) usual: Vec<u32>,
    /// Bits of each word of a row's history that are in use.
    pub(super) history_bits: History,
}

/// Columns of a rigid body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Body {
    /// First of three position columns.
    pub(crate) place: usize,
    /// First of four rotation columns.
    pub(crate) turn: usize,
    /// Highest raw value of a rotation component.
    pub(crate) top: f64,
}

/// One predicted field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moving {
    /// First public column.
    pub(crate) offset: usize,
    /// Number of columns.
    pub(crate) columns: usize,
    /// Highest valid value of each (of a quaternion: of the three components).
    pub(crate) max: u32,
    /// Where it remembers.
    pub(crate) slot: Slot,
    /// How it moves.
    pub(crate) kind: Kind,
}

/// How a field moves.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Components that stay or go on as before. `goes_on`: which of the two is tried first.
    Line { goes_on: bool },
    /// A place whose rate of change is another vector of the row, coded before.
    Carried {
        /// First column of the rate.
        rate: usize,
        /// Steps of this field that one step of the rate makes in a tick.
        per_tick: f64,
        /// The same for a rate of raw 0.
        at_zero: f64,
    },
    /// A vector that turns: what one component loses the other may gain.
    Steered {
        /// Raw value of zero.
        zero: f64,
        /// Whether it is expected to keep its length.
        keeps_length: bool,
        /// Whether it is expected to go on as before.
        goes_on: bool,
    },
    /// An angle that stays or goes on turning, or points along a vector of the row.
    Angle {
        /// Whether it is expected to go on turning.
        goes_on: bool,
        /// First column and raw zero of the vector it follows.
        follows: Option<(usize, f64)>,
    },
    /// A rotation as a quaternion.
    Turn,
}

/// What a field's numbers are like: each class has its own prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The position of a rigid body.
    Place,
    /// Any other number that stays or goes on.
    Line,
    /// A position with a known rate.
    Carried,
    /// A vector that turns.
    Steered,
    /// An angle.
    Angle,
    /// A rotation.
    Turn,
    /// A counter: it stays, or changes by a little.
    Count,
    /// A position or other number that moves smoothly, by rounding alone off its track.
    Smooth,
    /// A rotation of that kind.
    Spin,
}

impl Class {
    /// All classes, in the order of a prior.
    pub(crate) const ALL: [Self; 9] = [
        Self::Place,
        Self::Line,
        Self::Carried,
        Self::Steered,
        Self::Angle,
        Self::Turn,
        Self::Count,
        Self::Smooth,
        Self::Spin,
    ];
}

impl TableMotion {
    /// Compiles one table. `public` are its public fields as laid out.
    pub(crate) fn new(schema: &Schema, table: &TableSchema, public: &[FieldLayout]) -> Self {
        let is_source = |index: usize| {
            table.fields.iter().any(|f| f.velocity == Some(index) || f.follows == Some(index))
        };
        let mut motion = Self::default();
        let mut order: Vec<&FieldLayout> = public.iter().collect();
        let rank = |layout: &&FieldLayout| {
            let turns = matches!(layout.shape, Shape::Quat { .. });
            (!is_source(layout.field), turns)
        };
        order.sort_by_key(rank);
        let mut used = NOTHING;
        for layout in order {
            let Some(kind) = Kind::new(schema, table, public, layout, is_source(layout.field))
            else {
                continue;
            };
            let slot = Slot::take(&mut used, kind.history_bits(layout.columns as u32));
            let max = Kind::max(&layout.shape);
            motion.usual.push(table.fields[layout.field].usual);
            motion.moving.push(Moving {
                offset: layout.offset,
                columns: layout.columns,
                max,
                slot,
                kind,
            });
        }
        let moves = |layout: &FieldLayout| motion.moving.iter().any(|m| m.offset == layout.offset);
        motion.held = (0..public.len())
            .filter(|&index| public[index].columns > 0 && !moves(&public[index]))
            .collect();
        motion.history_bits = used;
        let usual = |layout: &FieldLayout| table.fields[layout.field].usual;
        motion.usual.extend(public.iter().map(usual));
        motion.body = motion.find_body();
        motion
    }

    /// The first position in space and the first rotation.
    fn find_body(&self) -> Option<Body> {
        let is_place =
            |m: &&Moving| m.columns == 3 && matches!(m.kind, Kind::Line { goes_on: true });
        let place = self.moving.iter().find(is_place)?.offset;
        let turn = self.moving.iter().find(|m| m.kind == Kind::Turn)?;
        Some(Body { place, turn: turn.offset, top: f64::from(turn.max) })
    }

    /// Whether neighbours may tell how a field moves.
    pub(crate) fn is_of_body(&self, field: &Moving) -> bool {
        self.body.is_some_and(|body| [body.place, body.turn].contains(&field.offset))
    }

    /// What the numbers of a predicted field are like.
    pub(crate) fn class(&self, field: &Moving) -> Class {
        match field.kind {
            Kind::Line { .. } if self.body.is_some_and(|body| body.place == field.offset) => {
                Class::Place
            }
            Kind::Line { .. } => Class::Line,
            Kind::Carried { .. } => Class::Carried,
            Kind::Steered { .. } => Class::Steered,
            Kind::Angle { .. } => Class::Angle,
            Kind::Turn => Class::Turn,
        }
    }
}

impl Kind {
    /// How a field moves; `None` when it is held. `is_source`: whether other fields rest on it.
    fn new(
        schema: &Schema,
        table: &TableSchema,
        public: &[FieldLayout],
        layout: &FieldLayout,
        is_source: bool,
    ) -> Option<Self> {
        let field = &table.fields[layout.field];
        let goes_on = field.predict == Predict::Linear;
        let offset_of = |index: usize| {
            let found = public.iter().find(|other| other.field == index)?;
            let (Shape::Vector { spec, .. } | Shape::Float(spec)) = &found.shape else {
                return None;
            };
            Some((found.offset, found.columns, *spec))
        };
        match &field.shape {
            Shape::Angle { .. } => {
                let follows = field.follows.and_then(offset_of).filter(|(_, n, _)| *n == 2);
                let follows = follows.map(|(offset, _, spec)| (offset, zero(&spec)));
                Some(Self::Angle { goes_on, follows })
            }
            Shape::Quat { .. } => Some(Self::Turn),
            Shape::Int { .. } => goes_on.then_some(Self::Line { goes_on }),
            Shape::Float(spec) | Shape::Vector { spec, .. } => {
                let rate = field.velocity.filter(|_| !is_source).and_then(offset_of);
                if let Some((rate, columns, of)) = rate
                    && columns == layout.columns
                {
                    let scale = 1.0 / f64::from(schema.tick_hz) / spec.step;
                    let (per_tick, at_zero) = (of.step * scale, of.min * scale);
                    return Some(Self::Carried { rate, per_tick, at_zero });
                }
                let turns = layout.columns > 1 && (is_source || field.keeps_length);
                Some(if turns {
                    let keeps_length = field.keeps_length;
                    Self::Steered { zero: zero(spec), keeps_length, goes_on }
                } else {
                    Self::Line { goes_on }
                })
            }
            _ => None,
        }
    }

    /// Bits of history that a field of so many columns wants.
    fn history_bits(&self, columns: u32) -> u32 {
        match self {
            Self::Line { .. } => track_bits(columns) + LEAN_BITS,
            Self::Carried { .. } => columns * FRACTION_BITS + LEAN_BITS,
            Self::Steered { .. } => RESIDUAL_BITS + 2 * LEAN_BITS + LENGTH_BITS,
            Self::Angle { .. } => RESIDUAL_BITS + LEAN_BITS,
            Self::Turn => track_bits(3) + LEAN_BITS,
        }
    }

    /// Highest valid value of a component.
    fn max(shape: &Shape) -> u32 {
        match shape {
            Shape::Quat { bits } => (1 << bits) - 1,
            other => other.tag_spec().max,
        }
    }
}

/// The raw value, possibly between two steps, of zero.
fn zero(spec: &FloatSpec) -> f64 {
    -spec.min / spec.step
}
