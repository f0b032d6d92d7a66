//! A schema compiled for the codec: offsets, widths and codings, worked out once.

use std::sync::Arc;

use crate::level::Level;
use crate::limits::{RING_MS, RING_STATES};
use crate::prior::Prior;
use crate::schema::{Audience, Schema, TableSchema, To};
use crate::shape::{ColumnSpec, Shape};
use crate::stream::{Model, TableMotion};

/// What the codec needs of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// In schema order.
    pub tables: Vec<TableLayout>,
    /// How streams of this layout are coded.
    pub level: Level,
    /// What the range coder starts from; `None`: the protocol's own.
    pub prior: Option<Prior>,
    /// The numbers of that prior.
    pub(crate) model: Arc<Model>,
    /// Ticks from one snapshot of the room to the next.
    send_every: u32,
    /// Earlier states that an encoder keeps.
    pub(crate) ring_states: usize,
}

/// One table, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct TableLayout {
    /// Whether it always holds exactly one row, of id 1.
    pub single: bool,
    /// Fields of the public columns, in order.
    pub public: Vec<FieldLayout>,
    /// Fields of the private columns, in order.
    pub private: Vec<FieldLayout>,
    /// Public columns of a row.
    pub public_width: usize,
    /// Private columns of a row.
    pub private_width: usize,
    /// Public column that holds the owner's player id.
    pub owner: Option<usize>,
    /// Public column that holds the row's audience: a team or player.
    pub audience: Option<usize>,
    /// How its rows move from snapshot to snapshot.
    pub(crate) motion: TableMotion,
}

/// One field, compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldLayout {
    /// Index of the field in the schema's table.
    pub field: usize,
    /// Its first column among the public (or private) columns of a row.
    pub offset: usize,
    /// How many columns.
    pub columns: usize,
    /// How a change of it travels.
    pub coding: Coding,
    /// For its plain encoding.
    pub shape: Shape,
}

/// How a field that differs from its prediction travels in a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// A bool: nothing, it is the other value.
    Flip,
    /// One column, as it is.
    Bits(ColumnSpec),
    /// A number that stays or changes by a little: the difference.
    Count(ColumnSpec),
    /// Per column the difference from the prediction.
    Residual(Residual),
    /// The plain encoding of the whole field.
    Whole,
}

/// How the columns of a residual-coded field are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residual {
    /// Range of each column.
    pub spec: ColumnSpec,
    /// Whether values wrap around at 2^width: an angle.
    pub wraps: bool,
}

impl Layout {
    /// Compiles a schema, which must be valid: made by `#[derive]` or `Schema::from_json`. Its
    /// streams are coded at [`Level::Packed`].
    pub fn new(schema: &Schema) -> Self {
        Self::coded(schema, Level::Packed)
    }

    /// Compiles a schema for streams coded at `level`. Its rates must be the room's: see
    /// [`Schema::at`].
    pub fn coded(schema: &Schema, level: Level) -> Self {
        let tables = schema.tables.iter().map(|table| TableLayout::new(schema, table)).collect();
        let send_every = u32::from(schema.send_every);
        let spanned = RING_MS * u32::from(schema.tick_hz) / (1000 * send_every.max(1));
        let ring_states = RING_STATES.max(spanned as usize);
        Self { tables, level, prior: None, model: Model::shipped(), send_every, ring_states }
    }

    /// Compiles a schema for streams coded at `level` from a game's own prior.
    pub fn with_prior(schema: &Schema, level: Level, prior: &Prior) -> Self {
        let model = prior.model();
        Self { prior: Some(prior.clone()), model, ..Self::coded(schema, level) }
    }

    /// Ticks for which a rate has moved what it moves, on the way from the state at `base` to that at
    /// `tick`: all between, whatever the pace of the snapshots. Of a stream that `rests` at `base`
    /// none may have been sent for long; what moves then has done so since the last one.
    pub(crate) fn ticks(&self, base: u32, tick: u32, rests: bool) -> f64 {
        let between = tick.saturating_sub(base);
        f64::from(if rests { between.min(self.send_every) } else { between })
    }
}

impl TableLayout {
    fn new(schema: &Schema, table: &TableSchema) -> Self {
        let mut layout = Self {
            single: table.single,
            public: Vec::new(),
            private: Vec::new(),
            public_width: 0,
            private_width: 0,
            owner: None,
            audience: None,
            motion: TableMotion::default(),
        };
        for (index, field) in table.fields.iter().enumerate() {
            let columns = field.shape.columns();
            let (fields, width) = match field.to {
                To::Everyone => (&mut layout.public, &mut layout.public_width),
                To::Owner => (&mut layout.private, &mut layout.private_width),
            };
            let offset = *width;
            *width += columns;
            let coding = Coding::new(&field.shape);
            fields.push(FieldLayout {
                field: index,
                offset,
                columns,
                coding,
                shape: field.shape.clone(),
            });
            if field.to == To::Owner {
                continue;
            }
            if table.owner == Some(index) {
                layout.owner = Some(offset);
            }
            if table.audience == Audience::Field(index) {
                layout.audience = Some(offset);
            }
        }
        layout.motion = TableMotion::new(schema, table, &layout.public);
        layout
    }
}

impl Coding {
    fn new(shape: &Shape) -> Self {
        let spec = shape.tag_spec();
        match shape {
            Shape::Bool => Self::Flip,
            Shape::Int { .. } => Self::Count(spec),
            Shape::Id { .. } | Shape::Player | Shape::Team => Self::Bits(spec),
            Shape::Enum { variants, .. } if variants.iter().all(|v| v.fields.is_empty()) => {
                Self::Bits(spec)
            }
            Shape::Float(_) | Shape::Vector { .. } => {
                Self::Residual(Residual { spec, wraps: false })
            }
            Shape::Angle { .. } => Self::Residual(Residual { spec, wraps: true }),
            _ => Self::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_fields_have_columns_of_their_own() {
        use crate::schema::{FieldSchema, PROTOCOL};
        let mut secret = FieldSchema::new("ammo", Shape::Int { min: 0, max: 40 });
        secret.to = To::Owner;
        let table = TableSchema {
            name: "ships".to_owned(),
            single: false,
            owner: Some(2),
            audience: Audience::Field(3),
            fields: vec![
                FieldSchema::new("name", Shape::Text { max: 8 }),
                secret,
                FieldSchema::new("player", Shape::Player),
                FieldSchema::new("team", Shape::Team),
            ],
        };
        let schema = Schema {
            protocol: PROTOCOL,
            game: "ships".to_owned(),
            tick_hz: 30,
            send_every: 1,
            tables: vec![table],
            input: Shape::Unit,
            sticky: Vec::new(),
            command: Shape::Unit,
            event: Shape::Unit,
        };
        let layout = TableLayout::new(&schema, &schema.tables[0]);
        assert_eq!((layout.public_width, layout.private_width), (5, 1));
        assert_eq!((layout.owner, layout.audience), (Some(3), Some(4)));
        assert_eq!(layout.private[0].field, 1);
        assert_eq!(layout.private[0].offset, 0);
    }
}
