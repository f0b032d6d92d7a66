//! The whole state each time: bincode, and zstd on top, also with the state before as dictionary.

use tickwire_wire::columns::{StateColumns, TableColumns};
use zstd::bulk::{Compressor, Decompressor};

use super::Rival;

/// Bytes that a state may unpack to: far more than any state of these benches.
const MAX_STATE_BYTES: usize = 1 << 20;
/// bincode's smallest form.
const FORMAT: bincode::config::Configuration = bincode::config::standard();

/// A state in bincode, as it is.
pub struct Whole {
    widths: Vec<usize>,
    seen: StateColumns,
}

impl Whole {
    /// For states with the tables of `state`.
    pub fn new(state: &StateColumns) -> Self {
        let widths = state.tables.iter().map(|table| table.width).collect();
        Self { widths, seen: StateColumns::default() }
    }

    fn write(state: &StateColumns, out: &mut Vec<u8>) {
        let tables: Vec<_> = state.tables.iter().map(|t| (&t.ids, &t.cells)).collect();
        bincode::serde::encode_into_std_write(&tables, out, FORMAT)
            .expect("integers go into a vector without fail");
    }

    fn read(&mut self, bytes: &[u8]) -> Result<&StateColumns, String> {
        type Tables = Vec<(Vec<u32>, Vec<u32>)>;
        let (tables, _): (Tables, usize) =
            bincode::serde::decode_from_slice(bytes, FORMAT).map_err(|error| error.to_string())?;
        let tables = tables.into_iter().zip(&self.widths);
        self.seen.tables =
            tables.map(|((ids, cells), &width)| TableColumns { ids, cells, width }).collect();
        Ok(&self.seen)
    }
}

impl Rival for Whole {
    fn name(&self) -> String {
        "whole state, bincode".to_owned()
    }

    fn encode(&mut self, state: &StateColumns, out: &mut Vec<u8>) {
        Self::write(state, out);
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<&StateColumns, String> {
        self.read(bytes)
    }
}

/// A state in bincode, compressed.
pub struct Compressed {
    whole: Whole,
    level: i32,
    /// Whether each side gives zstd the state before, as the receiver has it anyway.
    remembers: bool,
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    /// The state before in bincode: the sender's, and the receiver's.
    sent: Vec<u8>,
    received: Vec<u8>,
    plain: Vec<u8>,
}

impl Compressed {
    /// zstd at `level`; with the state before as dictionary when `remembers`.
    ///
    /// # Errors
    /// When zstd knows no such level.
    pub fn new(state: &StateColumns, level: i32, remembers: bool) -> std::io::Result<Self> {
        Ok(Self {
            whole: Whole::new(state),
            level,
            remembers,
            compressor: Compressor::new(level)?,
            decompressor: Decompressor::new()?,
            sent: Vec::new(),
            received: Vec::new(),
            plain: Vec::new(),
        })
    }
}

impl Rival for Compressed {
    fn name(&self) -> String {
        let dictionary = if self.remembers { ", previous as dictionary" } else { "" };
        format!("whole state, bincode + zstd {}{dictionary}", self.level)
    }

    fn encode(&mut self, state: &StateColumns, out: &mut Vec<u8>) {
        self.plain.clear();
        Whole::write(state, &mut self.plain);
        if self.remembers {
            self.compressor
                .set_dictionary(self.level, &self.sent)
                .expect("any bytes make a raw dictionary");
        }
        out.reserve(zstd::zstd_safe::compress_bound(self.plain.len()));
        self.compressor
            .compress_to_buffer(&self.plain, out)
            .expect("the buffer has room for the worst case");
        std::mem::swap(&mut self.sent, &mut self.plain);
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<&StateColumns, String> {
        let said = |error: std::io::Error| error.to_string();
        if self.remembers {
            self.decompressor.set_dictionary(&self.received).map_err(said)?;
        }
        self.received = self.decompressor.decompress(bytes, MAX_STATE_BYTES).map_err(said)?;
        self.whole.read(&self.received)
    }
}
