// Plain encoding of one value (PROTOCOL section 3): bits <-> columns.

import { DecodeError } from './errors.js';
import { readText } from './value.js';

/** @typedef {import('./shape.js').Shape} Shape */
/** @typedef {import('./bits.js').BitReader | import('./stream/range.js').RangeDecoder} BitSource whatever gives bits */
/** @typedef {import('./bits.js').BitWriter} BitWriter */

/**
 * Reads all columns of a value; those that do not travel become 0.
 * @param {Shape} shape
 * @param {BitSource} reader
 * @param {Uint32Array} cells
 * @param {number} at first column
 */
export function readPlain(shape, reader, cells, at) {
  switch (shape.type) {
    case 'bool':
    case 'int':
    case 'id':
    case 'player':
    case 'team':
    case 'float':
    case 'angle':
      cells[at] = column(reader, shape.width, shape.max);
      break;
    case 'vector':
      for (let i = 0; i < shape.columns; i += 1) cells[at + i] = column(reader, shape.width, shape.max);
      break;
    case 'quat':
      cells[at] = reader.bits(2);
      for (let i = 1; i < 4; i += 1) cells[at + i] = reader.bits(shape.width);
      break;
    case 'wide':
      cells[at] = reader.bits(32);
      cells[at + 1] = reader.bits(32);
      break;
    case 'enum': {
      cells.fill(0, at, at + shape.columns);
      const tag = column(reader, shape.width, shape.max);
      cells[at] = tag;
      for (const field of shape.variants[tag].fields) readPlain(field.shape, reader, cells, at + field.offset);
      break;
    }
    case 'struct':
      for (const field of shape.fields) readPlain(field.shape, reader, cells, at + field.offset);
      break;
    case 'option':
      cells.fill(0, at, at + shape.columns);
      cells[at] = reader.bit();
      if (cells[at] === 1) readPlain(shape.of, reader, cells, at + 1);
      break;
    case 'array':
      for (let i = 0; i < shape.len; i += 1) readPlain(shape.of, reader, cells, at + i * shape.of.columns);
      break;
    case 'list': {
      cells.fill(0, at, at + shape.columns);
      const len = column(reader, shape.width, shape.max);
      cells[at] = len;
      for (let i = 0; i < len; i += 1) readPlain(shape.of, reader, cells, at + 1 + i * shape.of.columns);
      break;
    }
    case 'text': {
      cells.fill(0, at, at + shape.columns);
      const len = column(reader, shape.width, shape.max);
      cells[at] = len;
      for (let i = 0; i < len; i += 1) cells[at + 1 + (i >>> 2)] |= reader.bits(8) << ((i & 3) * 8);
      readText(len, cells, at + 1); // refuses what is not UTF-8
      break;
    }
    case 'unit':
      break;
  }
}

/**
 * @param {BitSource} reader
 * @param {number} width
 * @param {number} max
 * @returns {number}
 */
function column(reader, width, max) {
  const raw = reader.bits(width);
  if (raw > max) throw new DecodeError(`a column holds ${raw}, its maximum is ${max}`);
  return raw;
}

/**
 * Writes a value from its columns.
 * @param {Shape} shape
 * @param {Uint32Array} cells
 * @param {number} at first column
 * @param {BitWriter} writer
 */
export function writePlain(shape, cells, at, writer) {
  switch (shape.type) {
    case 'bool':
    case 'int':
    case 'id':
    case 'player':
    case 'team':
    case 'float':
    case 'angle':
    case 'vector':
      for (let i = 0; i < shape.columns; i += 1) writer.bits(cells[at + i], shape.width);
      break;
    case 'quat':
      writer.bits(cells[at], 2);
      for (let i = 1; i < 4; i += 1) writer.bits(cells[at + i], shape.width);
      break;
    case 'wide':
      writer.bits(cells[at], 32);
      writer.bits(cells[at + 1], 32);
      break;
    case 'enum':
      writer.bits(cells[at], shape.width);
      for (const field of shape.variants[cells[at]].fields) writePlain(field.shape, cells, at + field.offset, writer);
      break;
    case 'struct':
      for (const field of shape.fields) writePlain(field.shape, cells, at + field.offset, writer);
      break;
    case 'option':
      writer.bits(cells[at], 1);
      if (cells[at] === 1) writePlain(shape.of, cells, at + 1, writer);
      break;
    case 'array':
      for (let i = 0; i < shape.len; i += 1) writePlain(shape.of, cells, at + i * shape.of.columns, writer);
      break;
    case 'list':
      writer.bits(cells[at], shape.width);
      for (let i = 0; i < cells[at]; i += 1) writePlain(shape.of, cells, at + 1 + i * shape.of.columns, writer);
      break;
    case 'text':
      writer.bits(cells[at], shape.width);
      for (let i = 0; i < cells[at]; i += 1) writer.bits(cells[at + 1 + (i >>> 2)] >>> ((i & 3) * 8), 8);
      break;
    case 'unit':
      break;
  }
}
