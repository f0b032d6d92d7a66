//! Ended connections, by close code.

use tickwire_wire::close;

use super::Tally;

/// The codes that are counted apart; all others are "other".
const CODES: [u16; 21] = [
    close::NORMAL,
    close::GOING_AWAY,
    close::PROTOCOL_ERROR,
    close::TEXT_MESSAGE,
    NO_CODE,
    close::NO_CLOSE_FRAME,
    close::INVALID_UTF8,
    close::TOO_LONG,
    close::ROOM_FAILED,
    close::RESTART,
    close::MALFORMED,
    close::UNAUTHENTICATED,
    close::VERSION,
    close::FORBIDDEN,
    close::NO_SUCH_ROOM,
    close::NO_HELLO,
    close::TOO_FAST,
    close::REPLACED,
    close::IDLE,
    close::TOO_SLOW,
    0,
];

/// A close frame without a code.
pub(crate) const NO_CODE: u16 = 1005;

/// Ended connections, by the code that one side gave first.
#[derive(Debug, Default)]
pub(crate) struct Closes([Tally; CODES.len()]);

impl Closes {
    pub(crate) fn count(&self, code: u16) {
        let place = CODES.iter().position(|known| *known == code).unwrap_or(CODES.len() - 1);
        self.0[place].add(1);
    }

    /// Each code (or "other") and how many of it there were in all of `closes`.
    pub(super) fn sum<'a>(
        closes: impl Iterator<Item = &'a Self> + Clone,
    ) -> impl Iterator<Item = (String, u64)> {
        CODES.iter().enumerate().map(move |(place, code)| {
            let name = if *code == 0 { "other".to_owned() } else { code.to_string() };
            (name, closes.clone().map(|closes| closes.0[place].get()).sum())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_counted_as_other() {
        let shards = [Closes::default(), Closes::default()];
        shards[0].count(1000);
        shards[0].count(4999);
        shards[1].count(1000);
        let counted: Vec<_> = Closes::sum(shards.iter()).filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [("1000".into(), 2), ("other".into(), 1)]);
    }
}
