//! How values become columns: the [`Wire`] trait, and [`Coded`] for values that need a precision.
//!
//! A column is an unsigned integer of at most 32 bits; every type takes a fixed number of them
//! (`PROTOCOL.md` section 3). Reading is total: columns that are missing count as 0 and values
//! beyond a type's range are forced into it, so that no bytes from outside can panic here.

mod bounded;
mod builtin;
mod quantised;

use tickwire_wire::shape::Shape;

pub use bounded::{BoundedInt, IntSpec};
pub use quantised::{AngleSpec, QuatSpec, float_levels, float_spec, is_representable, usual_steps};

/// A value that has a wire form of its own: inputs, commands, events, and fields that need no
/// `#[net(range = ..)]`.
///
/// Derive it for structs and enums; integers, `bool`, [`PlayerId`](crate::PlayerId),
/// [`Team`](crate::Team), [`Id`](crate::Id), [`Text`](crate::Text), [`List`](crate::List),
/// `Option`, arrays and `()` have it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no wire form of its own",
    label = "cannot be sent as it is",
    note = "derive `Wire` for your own structs and enums; f32, Vec2, Vec3 and Quat need their precision: #[net(range = a..b, step = s)], #[net(angle, bits = n)] or #[net(bits = n)]"
)]
pub trait Wire: Sized {
    /// Columns the value takes: `shape().columns()`, known to the compiler.
    const COLUMNS: usize;

    /// The shape in the schema.
    fn shape() -> Shape;

    /// Appends exactly [`Self::COLUMNS`] columns.
    fn put(&self, out: &mut Vec<u32>);

    /// Takes exactly [`Self::COLUMNS`] columns. Total: forces what is out of range into it.
    fn get(columns: &mut ColumnReader<'_>) -> Self;

    /// Rounds the value to what a receiver will read.
    fn snap(&mut self) {
        let mut columns = Vec::with_capacity(Self::COLUMNS);
        self.put(&mut columns);
        *self = Self::get(&mut ColumnReader::new(&columns));
    }

    /// Appends the column numbers of fields marked `sticky`, the value's first column being
    /// `first`.
    fn sticky(first: usize, out: &mut Vec<usize>) {
        let _ = (first, out);
    }
}

/// A value whose wire form depends on a precision given beside it. The derives pick `S` from the
/// field's attributes: [`Plain`], [`FloatSpec`](tickwire_wire::quant::FloatSpec), [`IntSpec`],
/// [`AngleSpec`] or [`QuatSpec`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent with these #[net(..)] attributes",
    label = "no wire form with this precision",
    note = "f32, Vec2, Vec3: #[net(range = a..b, step = s)]; angles in f32: #[net(angle, bits = n)]; Quat: #[net(bits = n)]; integers: none, #[net(range = a..=b)] or #[net(max = n)]; your own types: derive `Wire`"
)]
pub trait Coded<S>: Sized {
    /// Columns the value takes.
    const COLUMNS: usize;

    /// The shape in the schema.
    fn shape_as(spec: &S) -> Shape;

    /// Appends exactly [`Self::COLUMNS`] columns.
    fn put_as(&self, spec: &S, out: &mut Vec<u32>);

    /// Takes exactly [`Self::COLUMNS`] columns; total.
    fn get_as(spec: &S, columns: &mut ColumnReader<'_>) -> Self;

    /// Rounds the value to what a receiver will read.
    fn snap_as(&mut self, spec: &S) {
        let mut columns = Vec::with_capacity(Self::COLUMNS);
        self.put_as(spec, &mut columns);
        *self = Self::get_as(spec, &mut ColumnReader::new(&columns));
    }

    /// As [`Wire::sticky`].
    fn sticky_as(first: usize, out: &mut Vec<usize>) {
        let _ = (first, out);
    }
}

/// The precision of a value that needs none.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// Precisions that pass through `Option`, arrays and lists to what they hold.
pub trait Precision {}

impl<T: Wire> Coded<Plain> for T {
    const COLUMNS: usize = <T as Wire>::COLUMNS;

    fn shape_as(_: &Plain) -> Shape {
        T::shape()
    }

    fn put_as(&self, _: &Plain, out: &mut Vec<u32>) {
        self.put(out);
    }

    fn get_as(_: &Plain, columns: &mut ColumnReader<'_>) -> Self {
        T::get(columns)
    }

    fn snap_as(&mut self, _: &Plain) {
        self.snap();
    }

    fn sticky_as(first: usize, out: &mut Vec<usize>) {
        T::sticky(first, out);
    }
}

/// Reads columns in order; past the end everything is 0.
#[derive(Clone, Debug)]
pub struct ColumnReader<'a> {
    rest: &'a [u32],
}

impl<'a> ColumnReader<'a> {
    /// Reads `columns` from the first on.
    pub fn new(columns: &'a [u32]) -> Self {
        Self { rest: columns }
    }

    /// The next column; 0 when there is none.
    pub fn column(&mut self) -> u32 {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => 0,
        }
    }

    /// Passes over `columns`.
    pub fn skip(&mut self, columns: usize) {
        self.rest = self.rest.get(columns..).unwrap_or_default();
    }
}

/// Appends `columns` zeros: the columns of what is absent.
pub fn put_zeros(columns: usize, out: &mut Vec<u32>) {
    out.resize(out.len() + columns, 0);
}
