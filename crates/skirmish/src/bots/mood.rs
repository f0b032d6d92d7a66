//! Whims that last: random-looking choices that stay the same for a second or so.

use crate::state::{Avatar, Round};

/// Bits drawn from what changes now and then in a player's life: the round's seconds, the own health
/// and cells. All of it is known to a bot in the server and to one in a client alike.
#[derive(Clone, Copy)]
pub(super) struct Mood(u32);

impl Mood {
    /// The mood of the moment. It changes every one to three seconds, not for all bots at once, and
    /// when the bot is hurt or has used up some cells.
    pub(super) fn of(own: &Avatar, round: &Round) -> Self {
        let player = u32::from(own.player.0);
        let beat = (u32::from(round.ends_in_s) + player * 5) / (1 + player % 3);
        let body = u32::from(own.health) << 8 | u32::from(own.shield) << 16;
        let cells = u32::from(own.ammo / 5) << 24;
        Self(mix(mix(player << 16 ^ beat) ^ body ^ cells))
    }

    /// A number in [0, 1) for one question; another `question`, another number.
    pub(super) fn unit(self, question: u32) -> f32 {
        unit(mix(self.0 ^ question.wrapping_mul(0x9e37_79b9)))
    }

    /// A number in [-1, 1) for one question.
    pub(super) fn signed(self, question: u32) -> f32 {
        self.unit(question) * 2.0 - 1.0
    }
}

/// A number in [0, 1) that two things have in common, for as long as they exist.
pub(super) fn between(one: u32, other: u32) -> f32 {
    unit(mix(mix(one) ^ other))
}

fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 / 16_777_216.0
}

/// Spreads the bits of a number (MurmurHash3's finaliser).
fn mix(mut bits: u32) -> u32 {
    bits ^= bits >> 16;
    bits = bits.wrapping_mul(0x85eb_ca6b);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0xc2b2_ae35);
    bits ^ bits >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_evenly() {
        let mut tenths = [0_u32; 10];
        for thing in 0..10_000 {
            tenths[(between(thing, 7) * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (850..1150).contains(count)), "{tenths:?}");
    }
}
