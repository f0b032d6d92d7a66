//! [`List`]: a list of bounded length.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use tickwire_wire::shape::Shape;

use crate::coding::{Coded, ColumnReader, Precision, Wire, put_zeros};

/// At most `N` values in order. On the wire it takes the columns of `N` values and is sent whole
/// when it changes: keep `N` small, and give things that come and go on their own a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const N: usize> {
    items: Vec<T>,
}

/// The list already holds as many values as it may; gives back the one that did not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the list is full")]
pub struct ListFull<T>(pub T);

impl<T, const N: usize> List<T, N> {
    /// An empty list.
    pub const fn new() -> Self {
        Self { items: Vec::new() }
    }

    /// Appends `item`, or gives it back when the list holds `N` already.
    pub fn push(&mut self, item: T) -> Result<(), ListFull<T>> {
        if self.items.len() < N {
            self.items.push(item);
            Ok(())
        } else {
            Err(ListFull(item))
        }
    }

    /// Removes and returns the last value.
    pub fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }

    /// Removes the value at `index`, moving those after it up; `None` when there is none.
    pub fn remove(&mut self, index: usize) -> Option<T> {
        (index < self.items.len()).then(|| self.items.remove(index))
    }

    /// Keeps the values that `keep` accepts.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.items.retain(keep);
    }

    /// Removes every value.
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Whether another value fits.
    pub fn is_full(&self) -> bool {
        self.items.len() >= N
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T, const N: usize> DerefMut for List<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for List<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a List<T, N> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Takes the first `N` values.
impl<T, const N: usize> FromIterator<T> for List<T, N> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self { items: items.into_iter().take(N).collect() }
    }
}

impl<T: Serialize, const N: usize> Serialize for List<T, N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.items.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::deserialize(deserializer)?;
        if items.len() > N {
            return Err(serde::de::Error::invalid_length(items.len(), &"a list within its limit"));
        }
        Ok(Self { items })
    }
}

impl<T: Wire, const N: usize> Wire for List<T, N> {
    const COLUMNS: usize = 1 + N * T::COLUMNS;

    fn shape() -> Shape {
        Shape::List { of: Box::new(T::shape()), max: N as u32 }
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(self.items.len() as u32);
        self.items.iter().for_each(|item| item.put(out));
        put_zeros((N - self.items.len()) * T::COLUMNS, out);
    }

    fn get(columns: &mut ColumnReader<'_>) -> Self {
        let len = (columns.column() as usize).min(N);
        let items = (0..len).map(|_| T::get(columns)).collect();
        columns.skip((N - len) * T::COLUMNS);
        Self { items }
    }

    fn snap(&mut self) {
        self.items.iter_mut().for_each(T::snap);
    }
}

impl<S: Precision, T: Coded<S>, const N: usize> Coded<S> for List<T, N> {
    const COLUMNS: usize = 1 + N * T::COLUMNS;

    fn shape_as(spec: &S) -> Shape {
        Shape::List { of: Box::new(T::shape_as(spec)), max: N as u32 }
    }

    fn put_as(&self, spec: &S, out: &mut Vec<u32>) {
        out.push(self.items.len() as u32);
        self.items.iter().for_each(|item| item.put_as(spec, out));
        put_zeros((N - self.items.len()) * T::COLUMNS, out);
    }

    fn get_as(spec: &S, columns: &mut ColumnReader<'_>) -> Self {
        let len = (columns.column() as usize).min(N);
        let items = (0..len).map(|_| T::get_as(spec, columns)).collect();
        columns.skip((N - len) * T::COLUMNS);
        Self { items }
    }

    fn snap_as(&mut self, spec: &S) {
        self.items.iter_mut().for_each(|item| item.snap_as(spec));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_does_not_fit() {
        let mut list = List::<u8, 2>::new();
        assert_eq!(list.push(1), Ok(()));
        assert_eq!(list.push(2), Ok(()));
        assert_eq!(list.push(3), Err(ListFull(3)));
        assert_eq!(&list[..], [1, 2]);
    }

    #[test]
    fn absent_items_are_zero_columns() {
        let mut columns = Vec::new();
        List::<u16, 3>::from_iter([7, 8]).put(&mut columns);
        assert_eq!(columns, [2, 7, 8, 0]);
        let mut reader = ColumnReader::new(&[9, 1, 2, 3, 4]);
        assert_eq!(&List::<u16, 3>::get(&mut reader)[..], [1, 2, 3]);
        assert_eq!(reader.column(), 4, "a length beyond the limit does not shift what follows");
    }
}
