//! The wire forms of std's types and of the ids.

use tickwire_wire::shape::Shape;

use super::{Coded, ColumnReader, Precision, Wire, put_zeros};
use crate::ids::{Id, PlayerId, Team};
use crate::row::Row;

impl Wire for () {
    const COLUMNS: usize = 0;

    fn shape() -> Shape {
        Shape::Unit
    }

    fn put(&self, _: &mut Vec<u32>) {}

    fn get(_: &mut ColumnReader<'_>) -> Self {}

    fn snap(&mut self) {}
}

impl Wire for bool {
    const COLUMNS: usize = 1;

    fn shape() -> Shape {
        Shape::Bool
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(u32::from(*self));
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        columns.column() != 0
    }

    fn snap(&mut self) {}
}

macro_rules! int {
    ($($int:ty),*) => {$(
        impl Wire for $int {
            const COLUMNS: usize = 1;

            fn shape() -> Shape {
                Shape::Int { min: i64::from(<$int>::MIN), max: i64::from(<$int>::MAX) }
            }

            fn put(&self, out: &mut Vec<u32>) {
                out.push((i64::from(*self) - i64::from(<$int>::MIN)) as u32);
            }

            fn get(columns: &mut ColumnReader<'_>) -> Self {
                let value = i64::from(<$int>::MIN) + i64::from(columns.column());
                value.min(i64::from(<$int>::MAX)) as $int
            }

            fn snap(&mut self) {}
        }
    )*};
}
int!(u8, u16, u32, i8, i16, i32);

macro_rules! wide {
    ($int:ty, $signed:literal) => {
        impl Wire for $int {
            const COLUMNS: usize = 2;

            fn shape() -> Shape {
                Shape::Wide { signed: $signed }
            }

            fn put(&self, out: &mut Vec<u32>) {
                out.push(*self as u32);
                out.push((*self as u64 >> 32) as u32);
            }

            fn get(columns: &mut ColumnReader<'_>) -> Self {
                let low = u64::from(columns.column());
                let high = u64::from(columns.column());
                (high << 32 | low) as $int
            }

            fn snap(&mut self) {}
        }
    };
}
wide!(u64, false);
wide!(i64, true);

impl Wire for PlayerId {
    const COLUMNS: usize = 1;

    fn shape() -> Shape {
        Shape::Player
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(u32::from(self.0));
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        Self(columns.column().min(u32::from(u16::MAX)) as u16)
    }

    fn snap(&mut self) {}
}

impl Wire for Team {
    const COLUMNS: usize = 1;

    fn shape() -> Shape {
        Shape::Team
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(u32::from(self.0));
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        Self(columns.column().min(u32::from(u8::MAX)) as u8)
    }

    fn snap(&mut self) {}
}

impl<R: Row> Wire for Id<R> {
    const COLUMNS: usize = 1;

    /// Names the row type; [`World::schema`](crate::World::schema) puts the table's name in its
    /// place.
    fn shape() -> Shape {
        Shape::Id { table: R::NAME.to_owned() }
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(self.raw());
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        Self::new(columns.column())
    }

    fn snap(&mut self) {}
}

impl<T: Wire> Wire for Option<T> {
    const COLUMNS: usize = 1 + T::COLUMNS;

    fn shape() -> Shape {
        Shape::Option { of: Box::new(T::shape()) }
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(u32::from(self.is_some()));
        match self {
            Some(value) => value.put(out),
            None => put_zeros(T::COLUMNS, out),
        }
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        if columns.column() != 0 {
            Some(T::get(columns))
        } else {
            columns.skip(T::COLUMNS);
            None
        }
    }

    fn snap(&mut self) {
        if let Some(value) = self {
            value.snap();
        }
    }
}

impl<S: Precision, T: Coded<S>> Coded<S> for Option<T> {
    const COLUMNS: usize = 1 + T::COLUMNS;

    fn shape_as(spec: &S) -> Shape {
        Shape::Option { of: Box::new(T::shape_as(spec)) }
    }

    fn put_as(&self, spec: &S, out: &mut Vec<u32>) {
        out.push(u32::from(self.is_some()));
        match self {
            Some(value) => value.put_as(spec, out),
            None => put_zeros(T::COLUMNS, out),
        }
    }

    fn get_as(spec: &S, columns: &mut ColumnReader<'_>) -> Self {
        if columns.column() != 0 {
            Some(T::get_as(spec, columns))
        } else {
            columns.skip(T::COLUMNS);
            None
        }
    }

    fn snap_as(&mut self, spec: &S) {
        if let Some(value) = self {
            value.snap_as(spec);
        }
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    const COLUMNS: usize = N * T::COLUMNS;

    fn shape() -> Shape {
        Shape::Array { of: Box::new(T::shape()), len: N as u32 }
    }

    fn put(&self, out: &mut Vec<u32>) {
        for item in self {
            item.put(out);
        }
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        std::array::from_fn(|_| T::get(columns))
    }

    fn snap(&mut self) {
        for item in self {
            item.snap();
        }
    }

    fn sticky(first: usize, out: &mut Vec<usize>) {
        for index in 0..N {
            T::sticky(first + index * T::COLUMNS, out);
        }
    }
}

impl<S: Precision, T: Coded<S>, const N: usize> Coded<S> for [T; N] {
    const COLUMNS: usize = N * T::COLUMNS;

    fn shape_as(spec: &S) -> Shape {
        Shape::Array { of: Box::new(T::shape_as(spec)), len: N as u32 }
    }

    fn put_as(&self, spec: &S, out: &mut Vec<u32>) {
        for item in self {
            item.put_as(spec, out);
        }
    }

    fn get_as(spec: &S, columns: &mut ColumnReader<'_>) -> Self {
        std::array::from_fn(|_| T::get_as(spec, columns))
    }

    fn snap_as(&mut self, spec: &S) {
        for item in self {
            item.snap_as(spec);
        }
    }
}
