//! What a stream is for, and the number it has on the wire.

use tickwire_game::{PlayerId, Team, To};

/// Who receives a row or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Audience {
    /// Every client.
    Everyone,
    /// The players of a team.
    Team(u8),
    /// One player.
    Player(u16),
}

impl Audience {
    /// The audience of an event; `None` when it is nobody.
    pub(crate) fn of(to: To) -> Option<Self> {
        match to {
            To::Everyone => Some(Self::Everyone),
            To::Team(team) => (!team.is_none()).then_some(Self::Team(team.0)),
            To::Player(player) => (!player.is_none()).then_some(Self::Player(player.0)),
        }
    }

    /// Whether a player of a team belongs to it.
    pub(crate) fn admits(self, player: PlayerId, team: Team) -> bool {
        match self {
            Self::Everyone => true,
            Self::Team(number) => number == team.0,
            Self::Player(number) => number == player.0,
        }
    }

    fn code(self) -> u32 {
        match self {
            Self::Everyone => 0,
            Self::Team(number) => u32::from(number),
            Self::Player(number) => 255 + u32::from(number),
        }
    }
}

/// Which rows of an audience a stream holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Those of tables without a place.
    Everywhere,
    /// Those in a cell of the grid, by its index.
    Cell(u32),
    /// A single row.
    Row {
        /// Index of its table.
        table: u16,
        /// Its id.
        id: u32,
    },
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamKey {
    /// Which rows.
    pub(crate) place: Place,
    /// Whose.
    pub(crate) audience: Audience,
}

/// Bits of a number that are not its class.
const PAYLOAD_BITS: u32 = 28;

impl StreamKey {
    /// The stream that everyone has.
    pub(crate) const MAIN: Self = Self::everywhere(Audience::Everyone);

    /// The stream of an audience without a place.
    pub(crate) const fn everywhere(audience: Audience) -> Self {
        Self { place: Place::Everywhere, audience }
    }

    /// The number on the wire, in a schema of so many tables.
    ///
    /// It depends on nothing but the key: numbers given out in order of use would tell a client
    /// what others see. The low two bits are a class; classes 0 to 2 have a number for each key, class
    /// 3 (an audience within a cell or of a row) is hashed where it does not fit, and two live
    /// streams of one number are then kept apart by the caller.
    pub(crate) fn number(self, tables: usize) -> u32 {
        let rows = |table: u16, id: u32| u64::from(id) * tables as u64 + u64::from(table);
        let fits = |code: u64| code >> PAYLOAD_BITS == 0;
        let (class, payload) = match (self.place, self.audience) {
            (Place::Everywhere, audience) => (0, u64::from(audience.code())),
            (Place::Cell(cell), Audience::Everyone) => (1, u64::from(cell)),
            (Place::Row { table, id }, Audience::Everyone) if fits(rows(table, id)) => {
                (2, rows(table, id))
            }
            (Place::Cell(cell), audience) => (3, paired(u64::from(cell) * 2, audience.code())),
            (Place::Row { table, id }, audience) => {
                (3, paired(rows(table, id) * 2 + 1, audience.code()))
            }
        };
        ((payload as u32) << 2) | class
    }

    /// Whether several keys can ask for a number of this kind.
    pub(crate) fn is_shared(number: u32) -> bool {
        number & 3 == 3
    }

    /// The number to try when another stream has `number`.
    pub(crate) fn next_number(number: u32) -> u32 {
        let payload = ((number >> 2) + 1) & ((1 << PAYLOAD_BITS) - 1);
        (payload << 2) | 3
    }
}

/// A pair as one number: exact (Szudzik) while it fits, else hashed.
fn paired(place: u64, audience: u32) -> u64 {
    let (a, b) = (u128::from(place), u128::from(audience));
    let exact = if a >= b { a * a + a + b } else { b * b + a };
    if exact >> PAYLOAD_BITS == 0 {
        return exact as u64;
    }
    let mixed = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(audience);
    mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) >> (64 - PAYLOAD_BITS)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tickwire_wire::limits::MAX_STREAM;

    use super::*;

    #[test]
    fn every_key_of_a_sensible_room_has_its_own_number() {
        let audiences =
            (0..=4).map(|n| if n == 0 { Audience::Everyone } else { Audience::Team(n) });
        let audiences = audiences.chain((1..=32).map(Audience::Player));
        let mut places = vec![Place::Everywhere];
        places.extend((0..1024).map(Place::Cell));
        places
            .extend((0..6_u16).flat_map(|table| (1..600).map(move |id| Place::Row { table, id })));
        let mut seen = BTreeMap::new();
        for audience in audiences {
            for &place in &places {
                let key = StreamKey { place, audience };
                let number = key.number(6);
                assert!(number <= MAX_STREAM);
                assert_eq!(seen.insert(number, key), None, "{key:?}");
            }
        }
        assert_eq!(StreamKey::MAIN.number(6), 0);
    }

    #[test]
    fn numbers_stay_within_the_limit_for_any_key() {
        for place in [Place::Cell(u32::MAX >> 8), Place::Row { table: 63, id: u32::MAX }] {
            for audience in [Audience::Everyone, Audience::Team(255), Audience::Player(u16::MAX)] {
                let number = StreamKey { place, audience }.number(64);
                assert!(number <= MAX_STREAM);
                assert!(StreamKey::next_number(number) <= MAX_STREAM);
            }
        }
    }
}
