//! What makes a schema valid.

use std::collections::BTreeSet;

use super::{Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, To, players_table};
use crate::limits::{
    MAX_ANGLE_BITS, MAX_COLUMNS, MAX_FIELDS, MAX_FLOAT_STEPS, MAX_INT, MAX_NAME_BYTES,
    MAX_QUAT_BITS, MAX_SEND_EVERY, MAX_SHAPE_DEPTH, MAX_TABLES, MAX_TICK_HZ, MAX_VARIANTS,
};
use crate::quant::FloatSpec;
use crate::shape::{Shape, ShapeField};

/// Why a schema is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The JSON text exceeds its limit.
    #[error("the schema's text is too long")]
    TooLong,
    /// The text is not the JSON of a schema.
    #[error("the schema is malformed: {0}")]
    Json(String),
    /// It is of another protocol version.
    #[error("the schema is of protocol {0}, not {PROTOCOL}")]
    Protocol(u16),
    /// Something in it is impossible or excessive.
    #[error("schema: {place}: {problem}")]
    Invalid {
        /// Where: `table.field`, or `input`, `command`, `event`.
        place: String,
        /// What, and what is allowed.
        problem: String,
    },
}

/// A problem, to be joined with its place.
type Problem = String;

impl Schema {
    /// Checks that codec and clients can rely on this schema.
    ///
    /// # Errors
    /// Names the first thing that is impossible or exceeds a limit.
    pub fn validate(&self) -> Result<(), SchemaError> {
        if self.protocol != PROTOCOL {
            return Err(SchemaError::Protocol(self.protocol));
        }
        at("game", name(&self.game.replace('-', "_")))?;
        at("tick_hz", within(self.tick_hz.into(), 1, MAX_TICK_HZ.into()))?;
        at("send_every", within(self.send_every.into(), 1, MAX_SEND_EVERY.into()))?;
        at("tables", within(self.tables.len(), 1, MAX_TABLES))?;
        if self.tables[0] != players_table() {
            return at("tables", Err("the first table must be the built-in `players`".to_owned()));
        }
        at("tables", distinct(self.tables.iter().map(|table| &*table.name)))?;
        for table in &self.tables {
            table.validate()?;
        }
        for (place, shape) in
            [("input", &self.input), ("command", &self.command), ("event", &self.event)]
        {
            at(place, shape.validate())?;
        }
        let mut specs = Vec::new();
        self.input.push_specs(&mut specs);
        let sticky_is_bool = |&column: &usize| specs.get(column).is_some_and(|s| s.max == 1);
        if !self.sticky.iter().all(sticky_is_bool) {
            return at("sticky", Err("each must be the column of a bool in `input`".to_owned()));
        }
        Ok(())
    }
}

impl TableSchema {
    fn validate(&self) -> Result<(), SchemaError> {
        at(&self.name, self.check())?;
        for field in &self.fields {
            at(&format!("{}.{}", self.name, field.name), self.check_field(field))?;
        }
        let columns = self
            .fields
            .iter()
            .fold(0, |sum: usize, field| sum.saturating_add(field.shape.columns()));
        at(&self.name, within(columns, 0, MAX_COLUMNS))
    }

    fn check(&self) -> Result<(), Problem> {
        name(&self.name)?;
        within(self.fields.len(), 0, MAX_FIELDS)?;
        distinct(self.fields.iter().map(|field| &*field.name))?;
        if let Some(owner) = self.owner {
            self.check_public(owner, &[Shape::Player], "owner")?;
        }
        if let Audience::Field(field) = self.audience {
            self.check_public(field, &[Shape::Player, Shape::Team], "audience")?;
            if self.single {
                return Err("a single row is for everyone: it cannot have an audience".to_owned());
            }
        }
        Ok(())
    }

    fn check_public(&self, index: usize, shapes: &[Shape], what: &str) -> Result<(), Problem> {
        match self.fields.get(index) {
            Some(field) if shapes.contains(&field.shape) && field.to == To::Everyone => Ok(()),
            _ => Err(format!("`{what}` must be the index of a public field of a fitting shape")),
        }
    }

    fn check_field(&self, field: &FieldSchema) -> Result<(), Problem> {
        name(&field.name)?;
        field.shape.validate()?;
        if field.to == To::Owner && self.owner.is_none() {
            return Err("a field for the owner in a table without one".to_owned());
        }
        let moves = matches!(
            field.shape,
            Shape::Int { .. } | Shape::Float(_) | Shape::Vector { .. } | Shape::Angle { .. }
        );
        if field.predict == Predict::Linear && !moves {
            return Err("only int, float, vector and angle can be predicted".to_owned());
        }
        if field.sticky && field.shape != Shape::Bool {
            return Err("only a bool can be sticky".to_owned());
        }
        self.check_hints(field)
    }

    /// What the codec's models rely on: the fields that a hint names fit, and whoever receives this
    /// field receives them too.
    fn check_hints(&self, field: &FieldSchema) -> Result<(), Problem> {
        let named = |index: usize, fits: fn(&Shape, &Shape) -> bool| {
            self.fields.get(index).is_some_and(|other| {
                fits(&field.shape, &other.shape)
                    && (other.to == To::Everyone || field.to == To::Owner)
            })
        };
        if field.velocity.is_some_and(|index| !named(index, fits_as_rate)) {
            return Err("`velocity` must be the index of a float or vector that fits".to_owned());
        }
        if field.follows.is_some_and(|index| !named(index, fits_as_direction)) {
            return Err("`follows` must be the index of a vector of 2, for an angle".to_owned());
        }
        if field.keeps_length && !matches!(field.shape, Shape::Vector { .. }) {
            return Err("only a vector keeps its length".to_owned());
        }
        let most = match &field.shape {
            Shape::Int { .. } | Shape::Float(_) | Shape::Vector { .. } | Shape::Angle { .. } => {
                field.shape.tag_spec().max
            }
            _ => 0,
        };
        if field.usual > most {
            return Err(format!("`usual` is {}, at most {most} fits here", field.usual));
        }
        Ok(())
    }
}

fn fits_as_direction(shape: &Shape, direction: &Shape) -> bool {
    matches!((shape, direction), (Shape::Angle { .. }, Shape::Vector { n: 2, .. }))
}

fn fits_as_rate(shape: &Shape, rate: &Shape) -> bool {
    match (shape, rate) {
        (Shape::Vector { n, .. }, Shape::Vector { n: rate_n, .. }) => n == rate_n,
        (Shape::Float(_) | Shape::Angle { .. }, Shape::Float(_)) => true,
        _ => false,
    }
}

impl Shape {
    /// Checks that the codec can rely on this shape, alone as an input, command, event or field.
    ///
    /// # Errors
    /// Says what is impossible or exceeds a limit.
    pub fn validate(&self) -> Result<(), String> {
        self.check(MAX_SHAPE_DEPTH)?;
        within(self.columns(), 0, MAX_COLUMNS)
    }

    fn check(&self, depth_left: usize) -> Result<(), Problem> {
        let Some(depth_left) = depth_left.checked_sub(1) else {
            return Err(format!("shapes may nest {MAX_SHAPE_DEPTH} deep"));
        };
        match self {
            Self::Bool | Self::Wide { .. } | Self::Player | Self::Team | Self::Unit => Ok(()),
            Self::Int { min, max } => check_int(*min, *max),
            Self::Float(spec) => check_float(spec),
            Self::Vector { n: 2 | 3, spec } => check_float(spec),
            Self::Vector { .. } => Err("a vector has 2 or 3 components".to_owned()),
            Self::Angle { bits } => within(*bits as usize, 1, MAX_ANGLE_BITS as usize),
            Self::Quat { bits } => within(*bits as usize, 2, MAX_QUAT_BITS as usize),
            Self::Id { table } => name(table),
            Self::Enum { name: label, variants } => {
                type_name(label)?;
                within(variants.len(), 1, MAX_VARIANTS)?;
                distinct(variants.iter().map(|variant| &*variant.name))?;
                for variant in variants {
                    name(&variant.name)?;
                    check_fields(&variant.fields, depth_left)?;
                }
                Ok(())
            }
            Self::Struct { name: label, fields } => {
                type_name(label)?;
                check_fields(fields, depth_left)
            }
            Self::Option { of } => of.check(depth_left),
            Self::Array { of, len: size } | Self::List { of, max: size } => {
                within(*size as usize, 0, MAX_COLUMNS)?;
                of.check(depth_left)?;
                // Else a short schema could ask for endless walks over nothing.
                if of.columns() == 0 { Err("elements need columns".to_owned()) } else { Ok(()) }
            }
            Self::Text { max } => within(*max as usize, 0, MAX_COLUMNS * 4),
        }
    }
}

fn check_fields(fields: &[ShapeField], depth_left: usize) -> Result<(), Problem> {
    within(fields.len(), 0, MAX_COLUMNS)?;
    distinct(fields.iter().map(|field| &*field.name))?;
    for field in fields {
        name(&field.name)?;
        field.shape.check(depth_left)?;
    }
    Ok(())
}

fn check_int(min: i64, max: i64) -> Result<(), Problem> {
    let exact = -MAX_INT..=MAX_INT;
    if !exact.contains(&min) || !exact.contains(&max) {
        return Err("an int's bounds lie within ±(2^53 - 1)".to_owned());
    }
    if min > max || max - min > i64::from(u32::MAX) {
        return Err("an int ranges over 1 to 2^32 values".to_owned());
    }
    Ok(())
}

fn check_float(spec: &FloatSpec) -> Result<(), Problem> {
    let end = spec.min + f64::from(spec.max_raw) * spec.step;
    if !(spec.min.is_finite() && end.is_finite() && spec.step > 0.0) {
        return Err("a float needs a finite range and a step above 0".to_owned());
    }
    let furthest = spec.min.abs().max(end.abs());
    if furthest > spec.step * MAX_FLOAT_STEPS || furthest > f64::from(f32::MAX) {
        return Err("the step is too fine for this range: f32 could not tell them apart".to_owned());
    }
    if spec.step < f64::from(f32::MIN_POSITIVE) {
        return Err("the step is too small".to_owned());
    }
    Ok(())
}

/// A name that is a key for clients: letters, digits and underscores.
fn name(text: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || text.len() > MAX_NAME_BYTES || !text.chars().all(plain) {
        return Err(format!("a name has 1 to {MAX_NAME_BYTES} ASCII letters, digits or `_`"));
    }
    Ok(())
}

/// The name of a type, which is only shown: `Vec2<f32>` is fine.
fn type_name(text: &str) -> Result<(), Problem> {
    if text.len() > MAX_NAME_BYTES {
        return Err(format!("a type's name has at most {MAX_NAME_BYTES} bytes"));
    }
    Ok(())
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("`{name}` is there twice"));
        }
    }
    Ok(())
}

fn within(value: usize, lowest: usize, highest: usize) -> Result<(), Problem> {
    if (lowest..=highest).contains(&value) {
        Ok(())
    } else {
        Err(format!("{value} is not within {lowest} to {highest}"))
    }
}

fn at<T>(place: &str, result: Result<T, Problem>) -> Result<T, SchemaError> {
    result.map_err(|problem| SchemaError::Invalid { place: place.to_owned(), problem })
}
