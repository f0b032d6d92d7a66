//! Bit streams: least significant bit first, as section 2 of `PROTOCOL.md` describes.

/// Quotients from this on leave the unary part of `rice` for the escape form.
pub(crate) const RICE_ESCAPE: u32 = 16;

/// Why a bit stream could not be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes end before the value does.
    #[error("the bytes end before the value does")]
    End,
    /// A variable-length code that no writer produces.
    #[error("an impossible variable-length code")]
    Code,
}

/// Position of the highest set bit: 0 for 0, 1 for 1, 8 for 255.
pub const fn bit_length(value: u32) -> u32 {
    u32::BITS - value.leading_zeros()
}

/// Maps a wrapped signed difference to an unsigned number that is small when it is: 0, -1, 1, -2, …
pub const fn zigzag(difference: u32) -> u32 {
    (difference << 1) ^ (((difference as i32) >> 31) as u32)
}

/// The inverse of [`zigzag`].
pub const fn unzigzag(value: u32) -> u32 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

/// Whatever takes bits.
pub trait BitSink {
    /// The `n` low bits of `value` (n ≤ 32); the others must be 0.
    fn push(&mut self, value: u32, n: u32);

    /// One bit.
    #[inline]
    fn push_bit(&mut self, bit: bool) {
        self.push(u32::from(bit), 1);
    }

    /// `rice(k)`: short for values around 2^k and below, never more than 54 bits.
    #[inline]
    fn push_rice(&mut self, value: u32, k: u32) {
        let quotient = u64::from(value) >> k;
        if quotient < u64::from(RICE_ESCAPE) {
            let quotient = quotient as u32;
            self.push((1 << quotient) - 1, quotient + 1);
            self.push(low_bits(value, k), k);
        } else {
            self.push_escaped(value);
        }
    }

    /// The form that `rice` has for large values, whatever the parameter.
    #[cold]
    fn push_escaped(&mut self, value: u32) {
        let width = bit_length(value);
        self.push((1 << RICE_ESCAPE) - 1, RICE_ESCAPE);
        self.push(width - 1, 6);
        self.push(value, width);
    }

    /// `gamma`: for counts, which are mostly small. `value` must be below `u32::MAX`.
    #[inline]
    fn push_gamma(&mut self, value: u32) {
        debug_assert!(value < u32::MAX, "gamma ends at 2^32 - 2");
        let above = value.wrapping_add(1);
        let low = bit_length(above).saturating_sub(1);
        self.push(0, low);
        self.push(1, 1);
        self.push(low_bits(above, low), low);
    }
}

/// Whatever gives bits.
pub trait BitSource {
    /// Whether what was read so far was there: a source that reads past its end finds out late.
    ///
    /// # Errors
    /// When more was read than there is.
    fn check(&self) -> Result<(), ReadError> {
        Ok(())
    }

    /// `n` bits (n ≤ 32).
    fn read(&mut self, n: u32) -> Result<u32, ReadError>;

    /// One bit.
    #[inline]
    fn read_bit(&mut self) -> Result<bool, ReadError> {
        Ok(self.read(1)? == 1)
    }

    /// A value written by [`BitSink::push_rice`] with the same `k` (k ≤ 32).
    fn read_rice(&mut self, k: u32) -> Result<u32, ReadError> {
        let mut quotient = 0;
        while quotient < RICE_ESCAPE && self.read_bit()? {
            quotient += 1;
        }
        if quotient < RICE_ESCAPE {
            let value = (u64::from(quotient) << k) | u64::from(self.read(k)?);
            return u32::try_from(value).map_err(|_| ReadError::Code);
        }
        let width = self.read(6)? + 1;
        if width > 32 {
            return Err(ReadError::Code);
        }
        self.read(width)
    }

    /// A value written by [`BitSink::push_gamma`].
    fn read_gamma(&mut self) -> Result<u32, ReadError> {
        let mut low = 0;
        while !self.read_bit()? {
            low += 1;
            if low > 31 {
                return Err(ReadError::Code);
            }
        }
        let above = (1 << low) | self.read(low)?;
        Ok(above - 1)
    }
}

/// Appends bits to a byte vector.
///
/// Until [`finish`](Self::finish) the vector is longer than what was written, and nothing is complete.
#[must_use = "the last bits are written by `finish`"]
#[derive(Debug)]
pub struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Complete bytes in `out`; after them there is always room for `pending`.
    complete: usize,
    /// Bits of the byte begun, the oldest lowest; below 8 of them between calls.
    pending: u64,
    count: u32,
}

/// Bytes by which a writer makes room.
const ROOM: usize = 64;

impl<'a> BitWriter<'a> {
    /// Appends to `out`, from a byte boundary on.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self { complete: out.len(), out, pending: 0, count: 0 }
    }

    /// Pads the last byte with zero bits and ends the stream.
    pub fn finish(mut self) {
        self.append(0, 0);
        self.out.truncate(self.complete + self.count.div_ceil(8) as usize);
    }

    /// As `push`, of up to 56 bits.
    ///
    /// All that is pending is stored each time: whether a word is full could not be predicted.
    #[inline]
    fn append(&mut self, bits: u64, n: u32) {
        debug_assert!(n <= 56 && bits >> n == 0, "{bits} does not fit in {n} bits");
        self.pending |= bits << self.count;
        self.count += n;
        let bytes = self.pending.to_le_bytes();
        match self.out.get_mut(self.complete..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => *room = bytes,
            None => self.append_room(bytes),
        }
        self.complete += self.count as usize / 8;
        self.pending >>= self.count & !7;
        self.count %= 8;
    }

    /// Stores what is pending at the end of the vector, with room for more.
    #[cold]
    fn append_room(&mut self, bytes: [u8; 8]) {
        self.out.truncate(self.complete);
        self.out.extend_from_slice(&bytes);
        self.out.resize(self.complete + ROOM, 0);
    }
}

impl BitSink for BitWriter<'_> {
    #[inline]
    fn push(&mut self, value: u32, n: u32) {
        debug_assert!(n <= 32, "at most 32 bits at once");
        self.append(value.into(), n);
    }

    #[inline]
    fn push_rice(&mut self, value: u32, k: u32) {
        let quotient = u64::from(value) >> k;
        if quotient < u64::from(RICE_ESCAPE) {
            let quotient = quotient as u32;
            let unary = (1_u64 << quotient) - 1;
            self.append(unary | u64::from(low_bits(value, k)) << (quotient + 1), quotient + 1 + k);
        } else {
            self.push_escaped(value);
        }
    }
}

/// The `n` low bits of `value` (n ≤ 32).
const fn low_bits(value: u32, n: u32) -> u32 {
    (value as u64 & ((1_u64 << n) - 1)) as u32
}

/// Reads what a [`BitWriter`] wrote. Total: any bytes give values or an error.
#[derive(Clone, Debug)]
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits already read.
    position: usize,
}

impl<'a> BitReader<'a> {
    /// Reads from the first bit of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bits not yet read, padding included.
    pub fn remaining(&self) -> usize {
        self.bytes.len() * 8 - self.position
    }

    /// The next bits, the first lowest: at least 57 valid ones, zeros past the end.
    #[inline]
    fn window(&self) -> u64 {
        let rest = &self.bytes[self.position / 8..];
        let word = match rest.first_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => {
                let mut chunk = [0; 8];
                chunk[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(chunk)
            }
        };
        word >> (self.position % 8)
    }

    #[inline]
    fn skip(&mut self, n: u32) -> Result<(), ReadError> {
        if n as usize > self.remaining() {
            return Err(ReadError::End);
        }
        self.position += n as usize;
        Ok(())
    }

    /// Ends the stream: only zero padding up to the next byte boundary may be left.
    pub fn finish(self) -> Result<(), TrailingBits> {
        if self.remaining() < 8 && self.window() == 0 { Ok(()) } else { Err(TrailingBits) }
    }
}

impl BitSource for BitReader<'_> {
    #[inline]
    fn read(&mut self, n: u32) -> Result<u32, ReadError> {
        debug_assert!(n <= 32, "at most 32 bits at once");
        let window = self.window();
        self.skip(n)?;
        Ok((window & ((1 << n) - 1)) as u32)
    }

    #[inline]
    fn read_rice(&mut self, k: u32) -> Result<u32, ReadError> {
        let quotient = self.window().trailing_ones().min(RICE_ESCAPE);
        if quotient < RICE_ESCAPE {
            self.skip(quotient + 1)?;
            let low = self.read(k)?;
            let value = (u64::from(quotient) << k) | u64::from(low);
            return u32::try_from(value).map_err(|_| ReadError::Code);
        }
        self.skip(RICE_ESCAPE)?;
        let width = self.read(6)? + 1;
        if width > 32 {
            return Err(ReadError::Code);
        }
        self.read(width)
    }

    #[inline]
    fn read_gamma(&mut self) -> Result<u32, ReadError> {
        let low = self.window().trailing_zeros();
        if low > 31 {
            return Err(if self.remaining() <= 31 { ReadError::End } else { ReadError::Code });
        }
        self.skip(low + 1)?;
        let above = (1 << low) | self.read(low)?;
        Ok(above - 1)
    }
}

/// A bit stream goes on after its last value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailingBits;

impl From<TrailingBits> for crate::error::DecodeError {
    fn from(TrailingBits: TrailingBits) -> Self {
        Self::TrailingBytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl Fn(&mut BitWriter<'_>)) -> Vec<u8> {
        let mut bytes = vec![0xEE];
        let mut writer = BitWriter::new(&mut bytes);
        write(&mut writer);
        writer.finish();
        bytes.split_off(1)
    }

    /// A code, its parameter, and a value that may be of any size.
    fn op() -> impl Strategy<Value = (u32, u32, u32)> {
        (0_u32..3, 0_u32..=32, any::<u32>(), 0_u32..32)
            .prop_map(|(code, n, value, shift)| (code, n, value >> shift))
    }

    proptest! {
        #![proptest_config(crate::fixed_cases())]

        #[test]
        fn what_is_written_reads_back(ops in proptest::collection::vec(op(), 0..60)) {
            let bytes = written(|writer| {
                for &(code, n, value) in &ops {
                    match code {
                        0 => writer.push(low_bits(value, n), n),
                        1 => writer.push_rice(value, n),
                        _ => writer.push_gamma(value.min(u32::MAX - 1)),
                    }
                }
            });
            let mut reader = BitReader::new(&bytes);
            for (code, n, value) in ops {
                match code {
                    0 => prop_assert_eq!(reader.read(n), Ok(low_bits(value, n))),
                    1 => prop_assert_eq!(reader.read_rice(n), Ok(value)),
                    _ => prop_assert_eq!(reader.read_gamma(), Ok(value.min(u32::MAX - 1))),
                }
            }
            prop_assert!(reader.finish().is_ok());
        }

        #[test]
        fn any_bytes_read_to_their_end(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            codes in proptest::collection::vec((0_u32..3, 0_u32..=32), 0..60),
        ) {
            let mut reader = BitReader::new(&bytes);
            for (code, n) in codes {
                let before = reader.remaining();
                let read = match code {
                    0 => reader.read(n),
                    1 => reader.read_rice(n),
                    _ => reader.read_gamma(),
                };
                if read.is_ok() && (code > 0 || n > 0) {
                    prop_assert!(reader.remaining() < before);
                }
            }
        }

        #[test]
        fn zigzag_is_small_for_small_differences(a: u32, b: u32) {
            prop_assert_eq!(unzigzag(zigzag(a)), a);
            prop_assert_eq!(b.wrapping_add(unzigzag(zigzag(a.wrapping_sub(b)))), a);
        }
    }

    #[test]
    fn the_first_bit_is_the_lowest() {
        assert_eq!(written(|w| w.push(0b1, 1)), [1]);
        assert_eq!(
            written(|w| {
                w.push(0b01, 2);
                w.push(0b111, 3)
            }),
            [0b1_1101]
        );
        assert_eq!(written(|w| w.push(0x0403_0201, 32)), [1, 2, 3, 4]);
        assert_eq!(written(|w| w.push_gamma(0)), [0b1]);
        assert_eq!(written(|w| w.push_gamma(4)), [0b0_1100]);
        assert_eq!(written(|w| w.push_rice(0, 0)), [0]);
        assert_eq!(written(|w| w.push_rice(6, 1)), [0b0_0111]);
        assert!(written(|_| {}).is_empty());
    }

    #[test]
    fn codes_take_the_bits_they_should() {
        let zigzags = [0, 1, -1_i32 as u32, 2, -2_i32 as u32].map(zigzag);
        assert_eq!(zigzags, [0, 2, 1, 4, 3]);
        assert_eq!(written(|w| w.push_gamma(u32::MAX - 1)).len(), 8); // 63 bits
        assert_eq!(written(|w| w.push_rice(u32::MAX, 0)).len(), 7); // 16 + 6 + 32 bits
    }

    #[test]
    fn impossible_codes_are_refused() {
        assert_eq!(BitReader::new(&[]).read(1), Err(ReadError::End));
        assert_eq!(BitReader::new(&[0; 5]).read_gamma(), Err(ReadError::Code));
        assert_eq!(BitReader::new(&[0; 3]).read_gamma(), Err(ReadError::End));
        // An escape that says 64 bits.
        assert_eq!(BitReader::new(&[0xFF; 16]).read_rice(0), Err(ReadError::Code));
        // A quotient that does not fit beside 30 low bits.
        assert_eq!(BitReader::new(&[0x7F, 0, 0, 0, 0, 0]).read_rice(30), Err(ReadError::Code));
    }

    #[test]
    fn only_zero_padding_may_be_left() {
        let after = |bytes: &[u8], n| {
            let mut reader = BitReader::new(bytes);
            reader.read(n).map(|_| reader.finish().is_ok())
        };
        assert_eq!(after(&[0b011], 2), Ok(true));
        assert_eq!(after(&[0b111], 2), Ok(false));
        assert_eq!(after(&[3, 0], 2), Ok(false));
        assert_eq!(after(&[3, 0], 8), Ok(false));
    }
}
