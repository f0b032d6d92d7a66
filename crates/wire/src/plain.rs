//! The plain encoding: one value alone (section 3 of `PROTOCOL.md`).

use crate::bits::{BitSink, BitSource};
use crate::error::DecodeError;
use crate::shape::{ColumnSpec, Shape, ShapeField};

/// Writes a value given as columns: exactly `shape.columns()` of them, each within its range, those
/// of variants, options and elements that are not there 0.
pub fn write_plain(shape: &Shape, columns: &[u32], writer: &mut impl BitSink) {
    let mut rest = columns;
    write(shape, &mut rest, writer);
    debug_assert!(rest.is_empty(), "exactly the columns of the shape");
}

fn write(shape: &Shape, rest: &mut &[u32], writer: &mut impl BitSink) {
    match shape {
        Shape::Unit => {}
        Shape::Struct { fields, .. } => write_fields(fields, rest, writer),
        Shape::Array { of, len } => {
            for _ in 0..*len {
                write(of, rest, writer);
            }
        }
        Shape::Enum { variants, .. } => {
            let tag = write_column(shape.tag_spec(), rest, writer);
            for (index, variant) in variants.iter().enumerate() {
                if index == tag as usize {
                    write_fields(&variant.fields, rest, writer);
                } else {
                    take(rest, width_of(&variant.fields));
                }
            }
        }
        Shape::Option { of } => {
            if write_column(shape.tag_spec(), rest, writer) == 1 {
                write(of, rest, writer);
            } else {
                take(rest, of.columns());
            }
        }
        Shape::List { of, max } => {
            let len = write_column(shape.tag_spec(), rest, writer).min(*max);
            for _ in 0..len {
                write(of, rest, writer);
            }
            take(rest, (max - len) as usize * of.columns());
        }
        Shape::Text { max } => {
            let len = write_column(shape.tag_spec(), rest, writer).min(*max) as usize;
            let words = take(rest, max.div_ceil(4) as usize);
            for byte in words.iter().flat_map(|word| word.to_le_bytes()).take(len) {
                writer.push(byte.into(), 8);
            }
        }
        Shape::Quat { bits } => {
            write_column(shape.tag_spec(), rest, writer);
            for _ in 0..3 {
                write_column(ColumnSpec::of_width(*bits), rest, writer);
            }
        }
        _ => {
            let spec = shape.tag_spec();
            for _ in 0..shape.columns() {
                write_column(spec, rest, writer);
            }
        }
    }
}

fn write_fields(fields: &[ShapeField], rest: &mut &[u32], writer: &mut impl BitSink) {
    for field in fields {
        write(&field.shape, rest, writer);
    }
}

fn write_column(spec: ColumnSpec, rest: &mut &[u32], writer: &mut impl BitSink) -> u32 {
    let value = take(rest, 1)[0];
    debug_assert!(value <= spec.max, "a column exceeds its maximum: {value} > {}", spec.max);
    writer.push(value, spec.width);
    value
}

fn width_of(fields: &[ShapeField]) -> usize {
    fields.iter().map(|field| field.shape.columns()).sum()
}

fn take<'a>(rest: &mut &'a [u32], n: usize) -> &'a [u32] {
    let (front, back) = rest.split_at(n);
    *rest = back;
    front
}

/// Reads a value into `columns`, exactly `shape.columns()` of them; what is not sent becomes 0.
///
/// # Errors
/// When the bits end, a column exceeds its maximum, or a text is not UTF-8. `columns` then holds
/// whatever was read so far.
pub fn read_plain(
    shape: &Shape,
    reader: &mut impl BitSource,
    columns: &mut [u32],
) -> Result<(), DecodeError> {
    columns.fill(0);
    let mut rest = columns;
    read(shape, reader, &mut rest)?;
    debug_assert!(rest.is_empty(), "exactly the columns of the shape");
    Ok(())
}

fn read(
    shape: &Shape,
    reader: &mut impl BitSource,
    rest: &mut &mut [u32],
) -> Result<(), DecodeError> {
    match shape {
        Shape::Unit => {}
        Shape::Struct { fields, .. } => read_fields(fields, reader, rest)?,
        Shape::Array { of, len } => {
            for _ in 0..*len {
                read(of, reader, rest)?;
            }
        }
        Shape::Enum { variants, .. } => {
            let tag = read_into(shape.tag_spec(), reader, rest)?;
            for (index, variant) in variants.iter().enumerate() {
                if index == tag as usize {
                    read_fields(&variant.fields, reader, rest)?;
                } else {
                    take_mut(rest, width_of(&variant.fields));
                }
            }
        }
        Shape::Option { of } => {
            if read_into(shape.tag_spec(), reader, rest)? == 1 {
                read(of, reader, rest)?;
            } else {
                take_mut(rest, of.columns());
            }
        }
        Shape::List { of, max } => {
            let len = read_into(shape.tag_spec(), reader, rest)?;
            for _ in 0..len {
                read(of, reader, rest)?;
            }
            take_mut(rest, (max - len) as usize * of.columns());
        }
        Shape::Text { max } => {
            let len = read_into(shape.tag_spec(), reader, rest)? as usize;
            read_text(reader, len, take_mut(rest, max.div_ceil(4) as usize))?;
        }
        Shape::Quat { bits } => {
            read_into(shape.tag_spec(), reader, rest)?;
            for _ in 0..3 {
                read_into(ColumnSpec::of_width(*bits), reader, rest)?;
            }
        }
        _ => {
            let spec = shape.tag_spec();
            for _ in 0..shape.columns() {
                read_into(spec, reader, rest)?;
            }
        }
    }
    Ok(())
}

fn read_fields(
    fields: &[ShapeField],
    reader: &mut impl BitSource,
    rest: &mut &mut [u32],
) -> Result<(), DecodeError> {
    fields.iter().try_for_each(|field| read(&field.shape, reader, rest))
}

fn read_text(
    reader: &mut impl BitSource,
    len: usize,
    words: &mut [u32],
) -> Result<(), DecodeError> {
    let mut text = Vec::with_capacity(len);
    for index in 0..len {
        let byte = reader.read(8)?;
        text.push(byte as u8);
        words[index / 4] |= byte << (index % 4 * 8);
    }
    std::str::from_utf8(&text).map_err(|_| DecodeError::InvalidText)?;
    Ok(())
}

fn read_into(
    spec: ColumnSpec,
    reader: &mut impl BitSource,
    rest: &mut &mut [u32],
) -> Result<u32, DecodeError> {
    let value = read_column(spec, reader)?;
    take_mut(rest, 1)[0] = value;
    Ok(value)
}

/// One column as `bits(width)`, refused when it exceeds its maximum.
#[inline]
pub(crate) fn read_column(
    spec: ColumnSpec,
    reader: &mut impl BitSource,
) -> Result<u32, DecodeError> {
    let value = reader.read(spec.width)?;
    if value > spec.max { Err(DecodeError::InvalidColumn) } else { Ok(value) }
}

fn take_mut<'a>(rest: &mut &'a mut [u32], n: usize) -> &'a mut [u32] {
    let (front, back) = std::mem::take(rest).split_at_mut(n);
    *rest = back;
    front
}
