//! The hash by which server and client compare their states: MurmurHash3 (x86, 32 bits) over words;
//! and the one that identifies what clients keep.

use sha2::{Digest, Sha256};

use crate::columns::StateColumns;

/// Identifies bytes that clients keep: the first 8 of their SHA-256 as 16 lower-case hex digits.
pub fn content_hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// MurmurHash3_x86_32 with seed 0, fed one 32-bit word (four little-endian bytes) at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Murmur3 {
    hash: u32,
    words: u32,
}

impl Murmur3 {
    /// Feeds one word.
    #[inline]
    pub fn push(&mut self, word: u32) {
        let mixed = word.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593);
        self.hash = (self.hash ^ mixed).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64);
        self.words = self.words.wrapping_add(1);
    }

    /// The hash of the words so far.
    pub fn finish(self) -> u32 {
        let mut hash = self.hash ^ self.words.wrapping_mul(4);
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
        hash ^ (hash >> 16)
    }
}

/// The hash of a stream's state: per table the number of rows, then each row's id and columns.
pub fn hash_state(state: &StateColumns) -> u32 {
    let mut hash = Murmur3::default();
    for table in &state.tables {
        hash.push(table.len() as u32);
        for (id, row) in table.iter() {
            hash.push(id);
            for &cell in row {
                hash.push(cell);
            }
        }
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::TableColumns;

    fn hash_words(words: &[u32]) -> u32 {
        let mut hash = Murmur3::default();
        for &word in words {
            hash.push(word);
        }
        hash.finish()
    }

    #[test]
    fn equals_published_values() {
        assert_eq!(hash_words(&[]), 0);
        assert_eq!(hash_words(&[u32::from_le_bytes(*b"test")]), 0xBA6B_D213);
        assert_eq!(hash_words(&[0]), 0x2362_F9DE);
        assert_eq!(hash_words(&[u32::MAX]), 0x7629_3B50);
        assert_eq!(hash_words(&[0x8765_4321]), 0xF55B_516B);
    }

    #[test]
    fn covers_ids_cells_and_row_counts() {
        let state = |rows: &[(u32, u32)]| {
            let mut table = TableColumns::new(1);
            for &(id, cell) in rows {
                table.push(id, &[cell]);
            }
            hash_state(&StateColumns { tables: vec![table] })
        };
        assert_eq!(state(&[(1, 5)]), hash_words(&[1, 1, 5]));
        assert_ne!(state(&[(1, 5)]), state(&[(2, 5)]));
        assert_ne!(state(&[(1, 5)]), state(&[(1, 6)]));
        assert_ne!(state(&[]), state(&[(1, 0)]));
    }
}
