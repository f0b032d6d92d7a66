//! Resume tokens: what `Welcome` hands out and a later `Hello` presents to take the seat over.
//!
//! Every `Welcome` carries a new token. Two stay good: the one issued last, and the one with which
//! the client last proved who it is; so a `Welcome` lost in a cut locks nobody out, and a token
//! that was stolen long ago opens nothing. The seat keeps only their SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tickwire_game::PlayerId;

use crate::limits::MAX_TOKEN_BYTES;
use crate::ticket::{MAC_BYTES, TicketKey};

/// Bytes of a token before base64: player id, then the MAC.
const TOKEN_BYTES: usize = 2 + MAC_BYTES;

/// The tokens that take one seat over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResumeTokens {
    /// How many have been issued for the seat.
    generation: u32,
    /// Hash of the token issued last.
    issued: Option<[u8; 32]>,
    /// Hash of the token that was last presented.
    proved: Option<[u8; 32]>,
}

impl ResumeTokens {
    /// A new token for the seat of `player`; `seat` tells this occupation of the seat from every
    /// other, in this room and any other.
    pub(crate) fn issue(&mut self, key: &TicketKey, seat: &[u8], player: PlayerId) -> String {
        self.generation = self.generation.wrapping_add(1);
        let id = player.0.to_le_bytes();
        let mac = key.mac("tickwire resume 1", &[seat, &id, &self.generation.to_le_bytes()]);
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..2].copy_from_slice(&id);
        bytes[2..].copy_from_slice(&mac);
        self.issued = Some(Sha256::digest(bytes).into());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether `token` is one of the two that are good; if so it is now the proved one.
    pub(crate) fn prove(&mut self, token: &ResumeToken) -> bool {
        let hash: [u8; 32] = Sha256::digest(token.0).into();
        // Hashes of what a stranger sent: comparing them in variable time tells nothing.
        let good = self.issued == Some(hash) || self.proved == Some(hash);
        if good {
            self.proved = Some(hash);
        }
        good
    }
}

/// A token as presented, not yet checked.
pub(crate) struct ResumeToken([u8; TOKEN_BYTES]);

impl ResumeToken {
    /// Reads the text of a token; `None` when it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Whose seat it claims to be for.
    pub(crate) fn player(&self) -> PlayerId {
        PlayerId(u16::from_le_bytes([self.0[0], self.0[1]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAYER: PlayerId = PlayerId(5);

    fn issue(tokens: &mut ResumeTokens) -> ResumeToken {
        let key = TicketKey::from_bytes([1; 32]);
        ResumeToken::parse(&tokens.issue(&key, b"seat", PLAYER)).unwrap()
    }

    #[test]
    fn the_token_issued_last_and_the_one_proved_last_are_good() {
        let mut tokens = ResumeTokens::default();
        let first = issue(&mut tokens);
        assert_eq!(first.player(), PLAYER);
        assert!(tokens.prove(&first));
        let second = issue(&mut tokens);
        // The Welcome with the second was lost: the client still has the first.
        assert!(tokens.prove(&first));
        let third = issue(&mut tokens);
        assert!(!tokens.prove(&second));
        assert!(tokens.prove(&third));
        let fourth = issue(&mut tokens);
        assert!(!tokens.prove(&first));
        assert!(tokens.prove(&fourth));
    }

    #[test]
    fn a_token_opens_no_other_seat() {
        let key = TicketKey::from_bytes([1; 32]);
        let mut tokens = ResumeTokens::default();
        tokens.issue(&key, b"seat", PLAYER);
        for (seat, player) in [(&b"seat"[..], PlayerId(6)), (b"other", PLAYER)] {
            let mut other = ResumeTokens::default();
            let foreign = ResumeToken::parse(&other.issue(&key, seat, player)).unwrap();
            assert!(!tokens.prove(&foreign));
        }
    }

    #[test]
    fn text_that_is_no_token_is_refused() {
        for text in ["", "x", "====", &"A".repeat(45), &"A".repeat(10_000)] {
            assert!(ResumeToken::parse(text).is_none());
        }
    }
}
