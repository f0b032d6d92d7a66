//! Seat tickets: what a join request hands out and `Hello` presents.
//!
//! A ticket is base64url text of a bincode payload and its HMAC-SHA256. Whoever holds the key can
//! check where it belongs without asking the room; that it is used once, the room enforces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bincode::{Decode, Encode};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tickwire_game::PlayerId;

use crate::limits::MAX_TOKEN_BYTES;

/// Bytes of an HMAC-SHA256.
pub(crate) const MAC_BYTES: usize = 32;

/// The secret with which tickets are signed and resume tokens derived.
#[derive(Clone)]
pub struct TicketKey([u8; MAC_BYTES]);

impl TicketKey {
    /// A key from 32 secret random bytes. Every server of a cluster has the same.
    pub fn from_bytes(bytes: [u8; MAC_BYTES]) -> Self {
        Self(bytes)
    }

    /// A MAC over `parts`; `purpose` keeps the uses of the key apart.
    pub(crate) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; MAC_BYTES] {
        self.begin(purpose, parts).finalize().into_bytes().into()
    }

    fn verify(&self, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.begin(purpose, parts).verify_slice(mac).is_ok()
    }

    fn begin(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            // The length first, so that no two lists of parts give the same bytes.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac
    }
}

impl std::fmt::Debug for TicketKey {
    /// Does not show the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketKey(..)")
    }
}

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Ticket {
    /// Id of the room it is for.
    pub room: String,
    /// Player id of the seat.
    pub player: u16,
    /// Distinguishes this reservation from every other.
    pub nonce: u64,
    /// When it lapses.
    pub expires_us: u64,
}

/// Why a ticket was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not the text of a ticket at all.
    #[error("the ticket is malformed")]
    Malformed,
    /// The signature is not ours.
    #[error("the ticket's signature is wrong")]
    Forged,
    /// Its time is over.
    #[error("the ticket has expired; join again")]
    Expired,
    /// It is for another room.
    #[error("the ticket is for another room")]
    OtherRoom,
    /// It has been used, or its reservation is gone.
    #[error("the ticket has already been used")]
    Used,
}

impl Ticket {
    /// The player whose seat it is.
    pub fn player(&self) -> PlayerId {
        PlayerId(self.player)
    }

    /// The ticket as text.
    pub fn sign(&self, key: &TicketKey) -> String {
        let mut bytes = bincode::encode_to_vec(self, bincode::config::standard())
            .expect("a ticket's fields encode without error");
        let mac = key.mac(PURPOSE, &[&bytes]);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads and checks a ticket for `room` at `now_us`. Single use is the room's to enforce.
    ///
    /// # Errors
    /// Every [`TicketError`] but `Used`. Nothing of the payload is believed before the signature.
    pub fn verify(
        text: &str,
        key: &TicketKey,
        room: &str,
        now_us: u64,
    ) -> Result<Self, TicketError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TicketError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TicketError::Malformed)?;
        let (payload, mac) = bytes.split_last_chunk::<MAC_BYTES>().ok_or(TicketError::Malformed)?;
        if !key.verify(PURPOSE, &[payload], mac) {
            return Err(TicketError::Forged);
        }
        let config = bincode::config::standard().with_limit::<MAX_TOKEN_BYTES>();
        let (ticket, used): (Self, usize) =
            bincode::decode_from_slice(payload, config).map_err(|_| TicketError::Malformed)?;
        if used != payload.len() {
            return Err(TicketError::Malformed);
        }
        if ticket.room != room {
            return Err(TicketError::OtherRoom);
        }
        if now_us >= ticket.expires_us {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }
}

const PURPOSE: &str = "tickwire ticket 1";

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TicketKey {
        TicketKey::from_bytes([7; 32])
    }

    fn ticket() -> Ticket {
        Ticket { room: "depot".into(), player: 3, nonce: 99, expires_us: 1_000 }
    }

    #[test]
    fn a_signed_ticket_reads_back() {
        let text = ticket().sign(&key());
        assert_eq!(Ticket::verify(&text, &key(), "depot", 999), Ok(ticket()));
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let text = ticket().sign(&key());
        let other = TicketKey::from_bytes([8; 32]);
        assert_eq!(Ticket::verify(&text, &other, "depot", 0), Err(TicketError::Forged));
        assert_eq!(Ticket::verify(&text, &key(), "depot", 1_000), Err(TicketError::Expired));
        assert_eq!(Ticket::verify(&text, &key(), "other", 0), Err(TicketError::OtherRoom));
        for malformed in ["", "a", "!!!!", &text[..20], &"A".repeat(10_000)] {
            assert_eq!(Ticket::verify(malformed, &key(), "depot", 0), Err(TicketError::Malformed));
        }
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let bytes = URL_SAFE_NO_PAD.decode(ticket().sign(&key())).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let text = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(Ticket::verify(&text, &key(), "depot", 0), Err(TicketError::Forged));
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", key()), "TicketKey(..)");
    }
}
