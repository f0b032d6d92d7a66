//! The hash of saved states: 64 bits, the same on every machine and in every version.

/// Mixes all bits of a word into all others (the finaliser of MurmurHash3).
pub(crate) const fn fmix64(mut word: u64) -> u64 {
    word = (word ^ (word >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    word = (word ^ (word >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

/// Hashes bytes, eight at a time. For finding differences, not for keeping out forgers.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    for eight in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..eight.len()].copy_from_slice(eight);
        state = fmix64(state ^ u64::from_le_bytes(word));
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lengths_and_places_apart() {
        assert_ne!(hash_bytes(b""), hash_bytes(b"\0"));
        assert_ne!(hash_bytes(b"\0\0"), hash_bytes(b"\0"));
        assert_ne!(hash_bytes(b"abcdefgh12345678"), hash_bytes(b"12345678abcdefgh"));
    }
}
