//! UTF-8 checked piece by piece: a character may be cut by a fragment's end.

use std::str;

/// Checks text that comes in pieces; keeps only the bytes of an unfinished character.
#[derive(Clone, Debug, Default)]
pub(super) struct Utf8Check {
    /// Start of a character whose rest has not come yet.
    pending: [u8; 4],
    /// Bytes of `pending` in use: 0..=3.
    held: usize,
}

impl Utf8Check {
    /// Takes the next piece; false when the text can no longer become UTF-8.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> bool {
        while self.held > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return true };
            self.pending[self.held] = byte;
            self.held += 1;
            piece = rest;
            match str::from_utf8(&self.pending[..self.held]) {
                Ok(_) => self.held = 0,
                Err(error) if error.error_len().is_some() => return false,
                // A character has at most four bytes, so the fourth decides either way.
                Err(_) => debug_assert!(self.held < 4),
            }
        }
        match str::from_utf8(piece) {
            Ok(_) => true,
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                let rest = &piece[error.valid_up_to()..];
                self.pending[..rest.len()].copy_from_slice(rest);
                self.held = rest.len();
                true
            }
        }
    }

    /// Ends the text; false when a character is unfinished. Ready for the next text.
    pub(super) fn finish(&mut self) -> bool {
        std::mem::take(&mut self.held) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pieces: &[&[u8]]) -> bool {
        let mut check = Utf8Check::default();
        pieces.iter().all(|piece| check.push(piece)) && check.finish()
    }

    #[test]
    fn every_cut_of_a_text_gives_the_verdict_of_the_whole() {
        let texts: [&[u8]; 8] = [
            "aä€😀z".as_bytes(),
            b"\xed\xa0\x80",     // a surrogate
            b"a\xc0\xaf",        // overlong
            b"\xf4\x90\x80\x80", // above U+10FFFF
            b"ab\xe2\x82",       // ends inside a character
            b"\x80",
            b"\xf0\x9f\x98\x80\xff",
            b"",
        ];
        for text in texts {
            let expected = str::from_utf8(text).is_ok();
            for i in 0..=text.len() {
                for j in i..=text.len() {
                    assert_eq!(check(&[&text[..i], &text[i..j], &text[j..]]), expected, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_hopeless_character_is_refused_at_its_first_impossible_byte() {
        let mut check = Utf8Check::default();
        assert!(check.push(b"\xed"));
        assert!(!check.push(b"\xa0"));
    }
}
