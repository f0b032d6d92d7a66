//! Bytes made wrong.

use crate::worlds::Dice;

/// Values at which lengths and counts tend to break.
const EDGES: [u8; 8] = [0, 1, 0x7F, 0x80, 0x81, 0xFE, 0xFF, 0x55];
/// Bytes of an input at most.
const MOST: usize = 64 * 1024;

/// One of the corpus with some parts changed, or now and then bytes of no origin.
pub(crate) fn mutated(dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
    if dice.chance(5) {
        return (0..dice.below(200)).map(|_| dice.next() as u8).collect();
    }
    let pick = |dice: &mut Dice| &corpus[dice.below(corpus.len() as u64) as usize];
    let mut bytes = pick(dice).clone();
    for _ in 0..=dice.below(6) {
        let len = bytes.len() as u64;
        let at = dice.below(len) as usize;
        let end = at + dice.below(len - at as u64 + 1).min(32) as usize;
        match dice.below(9) {
            0 => bytes.truncate(at),
            1 => bytes.push(dice.next() as u8),
            2 => bytes.extend_from_within(at..),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let other = pick(dice);
                let from = dice.below(other.len() as u64) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            5 => bytes[at..end].fill(EDGES[dice.below(8) as usize]),
            6 => bytes.insert(at, EDGES[dice.below(8) as usize]),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes.truncate(MOST);
    bytes
}
