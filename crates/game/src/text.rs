//! [`Text`]: a short text of bounded length.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use tickwire_wire::shape::Shape;

use crate::coding::{ColumnReader, Wire};

/// A text of at most `N` bytes of UTF-8. What is longer is cut at the last whole character that
/// fits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize> {
    /// Bytes in use; `N` is at most 65 535.
    len: u16,
    /// UTF-8; 0 past `len`, so that comparing the arrays compares the texts.
    bytes: [u8; N],
}

impl<const N: usize> Text<N> {
    /// The empty text.
    pub const fn new() -> Self {
        const { assert!(N <= u16::MAX as usize, "a Text holds at most 65535 bytes") };
        Self { len: 0, bytes: [0; N] }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Only whole characters are ever copied in.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        *self = Self::from(text);
    }
}

impl<const N: usize> std::convert::From<&str> for Text<N> {
    fn from(text: &str) -> Self {
        let mut out = Self::new();
        let len = text.floor_char_boundary(N);
        out.bytes[..len].copy_from_slice(&text.as_bytes()[..len]);
        out.len = len as u16;
        out
    }
}

impl<const N: usize> std::convert::From<String> for Text<N> {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> AsRef<str> for Text<N> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> PartialEq<str> for Text<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const N: usize> PartialEq<&str> for Text<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<const N: usize> PartialOrd for Text<N> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Text<N> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

impl<const N: usize> Wire for Text<N> {
    const COLUMNS: usize = 1 + N.div_ceil(4);

    fn shape() -> Shape {
        Shape::Text { max: N as u32 }
    }

    fn put(&self, out: &mut Vec<u32>) {
        out.push(u32::from(self.len));
        for four in self.bytes.chunks(4) {
            let mut word = [0; 4];
            word[..four.len()].copy_from_slice(four);
            out.push(u32::from_le_bytes(word));
        }
    }

    /// Bytes that are not UTF-8 end the text before them.
    fn get(columns: &mut ColumnReader<'_>) -> Self {
        let len = (columns.column() as usize).min(N);
        let mut bytes = [0; N];
        for four in bytes.chunks_mut(4) {
            let word = columns.column().to_le_bytes();
            four.copy_from_slice(&word[..four.len()]);
        }
        let valid = match std::str::from_utf8(&bytes[..len]) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        Self::from(valid)
    }

    fn snap(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_cut_at_a_character() {
        assert_eq!(Text::<4>::from("abcdé"), "abcd");
        assert_eq!(Text::<5>::from("abcdé"), "abcd");
        assert_eq!(Text::<6>::from("abcdé"), "abcdé");
        assert_eq!(Text::<0>::from("a"), "");
    }

    #[test]
    fn columns_hold_length_and_four_bytes_each() {
        let mut columns = Vec::new();
        Text::<6>::from("hello").put(&mut columns);
        assert_eq!(columns, [5, u32::from_le_bytes(*b"hell"), u32::from(b'o')]);
        assert_eq!(columns.len(), <Text<6> as Wire>::COLUMNS);
        assert_eq!(Text::<6>::get(&mut ColumnReader::new(&columns)), "hello");
    }

    #[test]
    fn reading_is_total() {
        let garbage = [200, u32::from_le_bytes([b'o', b'k', 0xff, b'x']), u32::MAX];
        assert_eq!(Text::<6>::get(&mut ColumnReader::new(&garbage)), "ok");
        assert_eq!(Text::<6>::get(&mut ColumnReader::new(&[])), "");
    }
}
