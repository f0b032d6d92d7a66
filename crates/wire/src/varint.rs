//! Byte-aligned variable-length integers: LEB128, seven bits a byte, the low group first.

use crate::bits::ReadError;

/// Appends `value` in 1 to 5 bytes.
pub fn write_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a varint off the front of `bytes`.
///
/// # Errors
/// [`ReadError::End`] when the bytes end in the middle, [`ReadError::Code`] when it exceeds 32 bits.
pub fn read_varint(bytes: &mut &[u8]) -> Result<u32, ReadError> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(ReadError::End)?;
        *bytes = rest;
        let group = u64::from(byte & 0x7F) << shift;
        value |= group;
        if byte < 0x80 {
            return u32::try_from(value).map_err(|_| ReadError::Code);
        }
    }
    Err(ReadError::Code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of(value: u32) -> Vec<u8> {
        let mut out = Vec::new();
        write_varint(&mut out, value);
        out
    }

    proptest! {
        #![proptest_config(crate::fixed_cases())]

        #[test]
        fn what_is_written_reads_back(value: u32, shift in 0_u32..32) {
            let value = value >> shift;
            let bytes = bytes_of(value);
            let mut rest = &bytes[..];
            prop_assert_eq!(read_varint(&mut rest), Ok(value));
            prop_assert!(rest.is_empty());
        }
    }

    #[test]
    fn takes_the_bytes_it_should() {
        assert_eq!(bytes_of(0), [0]);
        assert_eq!(bytes_of(127), [127]);
        assert_eq!(bytes_of(300), [0xAC, 0x02]);
        assert_eq!(bytes_of(u32::MAX), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]);
    }

    #[test]
    fn refuses_what_is_cut_or_too_large() {
        assert_eq!(read_varint(&mut &[][..]), Err(ReadError::End));
        assert_eq!(read_varint(&mut &[0x80, 0x80][..]), Err(ReadError::End));
        assert_eq!(read_varint(&mut &[0xFF, 0xFF, 0xFF, 0xFF, 0x1F][..]), Err(ReadError::Code));
        assert_eq!(read_varint(&mut &[0x80; 6][..]), Err(ReadError::Code));
    }
}
