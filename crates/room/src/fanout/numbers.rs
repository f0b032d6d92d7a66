//! The numbers that streams have on the wire, the same at every rate.

use super::key::StreamKey;

/// Numbers in use.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// Ascending by number.
    given: Vec<Given>,
}

#[derive(Clone, Copy, Debug)]
struct Given {
    number: u32,
    key: StreamKey,
    /// Streams that have it: one at each rate, and of a single row several.
    uses: u32,
}

impl Numbers {
    /// The number of a key, for one stream more.
    pub(crate) fn take(&mut self, key: StreamKey, tables: usize) -> u32 {
        if let Some(at) = self.place(key, tables) {
            self.given[at].uses += 1;
            return self.given[at].number;
        }
        let mut number = key.number(tables);
        loop {
            match self.given.binary_search_by_key(&number, |given| given.number) {
                Ok(_) => number = StreamKey::next_number(number),
                Err(at) => {
                    self.given.insert(at, Given { number, key, uses: 1 });
                    return number;
                }
            }
        }
    }

    /// One stream of the key is gone.
    pub(crate) fn release(&mut self, key: StreamKey, tables: usize) {
        let Some(at) = self.place(key, tables) else { return };
        self.given[at].uses -= 1;
        if self.given[at].uses == 0 {
            self.given.remove(at);
        }
    }

    /// The number of a key in use.
    pub(crate) fn find(&self, key: StreamKey, tables: usize) -> Option<u32> {
        self.place(key, tables).map(|at| self.given[at].number)
    }

    fn place(&self, key: StreamKey, tables: usize) -> Option<usize> {
        let number = key.number(tables);
        let at = self.given.binary_search_by_key(&number, |given| given.number).ok();
        match at {
            Some(at) if self.given[at].key == key => Some(at),
            // Only hashed numbers meet; then, rarely enough, one has to look everywhere.
            _ if StreamKey::is_shared(number) => self.given.iter().position(|g| g.key == key),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{Audience, Place};
    use super::*;

    #[test]
    fn a_key_keeps_its_number_while_it_is_in_use() {
        let mut numbers = Numbers::default();
        let keys: Vec<StreamKey> = (0..3)
            .flat_map(|n| [Place::Cell(n << 20), Place::Row { table: 1, id: u32::MAX - n }])
            .flat_map(|place| {
                [Audience::Everyone, Audience::Player(60_000)]
                    .map(|audience| StreamKey { place, audience })
            })
            .collect();
        let given: Vec<u32> = keys.iter().map(|&key| numbers.take(key, 3)).collect();
        let different: std::collections::BTreeSet<&u32> = given.iter().collect();
        assert_eq!(different.len(), keys.len());
        for (&key, &number) in keys.iter().zip(&given) {
            assert_eq!(numbers.take(key, 3), number);
            numbers.release(key, 3);
            assert_eq!(numbers.find(key, 3), Some(number));
            numbers.release(key, 3);
            assert_eq!(numbers.find(key, 3), None);
        }
    }

    #[test]
    fn keys_that_ask_for_the_same_number_get_different_ones() {
        // Rows whose ids are too large to fit: hashed, and searched until two meet.
        let key = |n: u32| {
            let id = n.wrapping_mul(n).wrapping_mul(0x9e37_79b1) | 1 << 31;
            let audience = Audience::Player((n % 60_000) as u16 + 1);
            StreamKey { place: Place::Row { table: 0, id }, audience }
        };
        let mut seen = std::collections::BTreeMap::new();
        let meet = (1..1 << 20).find_map(|n| {
            let other = seen.insert(key(n).number(1), n)?;
            (key(other) != key(n)).then_some((other, n))
        });
        let (one, two) = meet.unwrap();
        let mut numbers = Numbers::default();
        let (first, second) = (numbers.take(key(one), 1), numbers.take(key(two), 1));
        assert_ne!(first, second);
        numbers.release(key(one), 1);
        assert_eq!(numbers.take(key(two), 1), second, "also when the better one is free again");
    }
}
