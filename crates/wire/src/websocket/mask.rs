//! The mask of a client's frames.

/// Masks or unmasks `payload` in place, eight bytes at a time; the key starts at its first byte.
pub fn apply_mask(payload: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, tail) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_masked_as_byte_by_byte() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        for len in 0..40_u8 {
            let plain: Vec<u8> = (0..len).map(|i| i.wrapping_mul(7)).collect();
            let expected: Vec<u8> = plain.iter().zip(0..).map(|(b, i)| b ^ key[i % 4]).collect();
            let mut masked = plain.clone();
            apply_mask(&mut masked, key);
            assert_eq!(masked, expected);
            apply_mask(&mut masked, key);
            assert_eq!(masked, plain);
        }
    }
}
