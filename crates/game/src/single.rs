//! [`Single`]: a table of exactly one row.

use std::ops::{Deref, DerefMut};

/// A table that always holds one row: the round, the weather. Use it as the row itself.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Single<R>(R);

impl<R> Single<R> {
    /// The single row.
    pub const fn new(row: R) -> Self {
        Self(row)
    }
}

impl<R> std::convert::From<R> for Single<R> {
    fn from(row: R) -> Self {
        Self(row)
    }
}

impl<R> Deref for Single<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

impl<R> DerefMut for Single<R> {
    fn deref_mut(&mut self) -> &mut R {
        &mut self.0
    }
}
