// Columns <-> JavaScript values. Which value a shape gives is listed in `readValue`.

import { DecodeError } from './errors.js';
import { angleRaw, angleValue, floatRaw, floatValue, readQuat, writeQuat } from './quant.js';

/** @typedef {import('./shape.js').Shape} Shape */
/** @typedef {import('./shape.js').ShapeField} ShapeField */
/** @typedef {any} Value what a shape holds as a JavaScript value */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const AXES = /** @type {const} */ (['x', 'y', 'z']);

/**
 * bool -> boolean; int, float, angle, id, player, team -> number; wide -> bigint; vector -> {x, y[, z]};
 * quat -> {x, y, z, w}; enum of units -> the variant's name; other enum -> {type, ...fields};
 * struct -> object; option -> value or null; array, list -> array; text -> string; unit -> null.
 * @param {Shape} shape
 * @param {Uint32Array} cells valid columns: each at most its maximum
 * @param {number} at first column
 * @returns {Value}
 */
export function readValue(shape, cells, at) {
  switch (shape.type) {
    case 'bool':
      return cells[at] !== 0;
    case 'int':
      return shape.min + cells[at];
    case 'id':
    case 'player':
    case 'team':
      return cells[at];
    case 'float':
      return floatValue(cells[at], shape.min, shape.step);
    case 'angle':
      return angleValue(cells[at], shape.width);
    case 'vector': {
      const x = floatValue(cells[at], shape.min, shape.step);
      const y = floatValue(cells[at + 1], shape.min, shape.step);
      return shape.columns === 2 ? { x, y } : { x, y, z: floatValue(cells[at + 2], shape.min, shape.step) };
    }
    case 'quat': {
      const quat = { x: 0, y: 0, z: 0, w: 1 };
      readQuat(cells, at, shape.max, quat);
      return quat;
    }
    case 'wide': {
      const value = (BigInt(cells[at + 1]) << 32n) | BigInt(cells[at]);
      return shape.signed ? BigInt.asIntN(64, value) : value;
    }
    case 'enum': {
      const variant = shape.variants[cells[at]];
      return shape.unitOnly ? variant.name : readFields(variant.fields, cells, at, { type: variant.name });
    }
    case 'struct':
      return readFields(shape.fields, cells, at, {});
    case 'option':
      return cells[at] === 0 ? null : readValue(shape.of, cells, at + 1);
    case 'array':
      return readElements(shape.of, shape.len, cells, at);
    case 'list':
      return readElements(shape.of, cells[at], cells, at + 1);
    case 'text':
      return readText(cells[at], cells, at + 1);
    case 'unit':
      return null;
  }
}

/**
 * @param {ShapeField[]} fields
 * @param {Uint32Array} cells
 * @param {number} at
 * @param {Record<string, Value>} out
 */
function readFields(fields, cells, at, out) {
  for (const field of fields) out[field.name] = readValue(field.shape, cells, at + field.offset);
  return out;
}

/**
 * @param {Shape} of
 * @param {number} len
 * @param {Uint32Array} cells
 * @param {number} at
 */
function readElements(of, len, cells, at) {
  const out = new Array(len);
  for (let i = 0; i < len; i += 1) out[i] = readValue(of, cells, at + i * of.columns);
  return out;
}

/**
 * Text from its packed columns, four bytes each, first byte lowest.
 * @param {number} length bytes
 * @param {Uint32Array} cells
 * @param {number} at first column of the bytes
 * @returns {string} throws DecodeError when the bytes are not UTF-8
 */
export function readText(length, cells, at) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) bytes[i] = cells[at + (i >>> 2)] >>> ((i & 3) * 8);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new DecodeError('a text is not valid UTF-8');
  }
}

/**
 * Writes all columns of a value; `undefined` gives the shape's default (false, 0, empty, first variant),
 * also for single fields of an object. Numbers are rounded and clamped into range.
 * @param {Shape} shape
 * @param {Value} value
 * @param {Uint32Array} cells
 * @param {number} at first column
 */
export function writeValue(shape, value, cells, at) {
  switch (shape.type) {
    case 'bool':
      cells[at] = value ? 1 : 0;
      break;
    case 'int':
      cells[at] = clampedInt((value ?? 0) - shape.min, shape.max);
      break;
    case 'id':
    case 'player':
    case 'team':
      cells[at] = clampedInt(value ?? 0, shape.max);
      break;
    case 'float':
      cells[at] = floatRaw(value ?? 0, shape.min, shape.step, shape.max);
      break;
    case 'angle':
      cells[at] = angleRaw(value ?? 0, shape.width);
      break;
    case 'vector':
      for (let i = 0; i < shape.columns; i += 1) {
        cells[at + i] = floatRaw(value?.[AXES[i]] ?? 0, shape.min, shape.step, shape.max);
      }
      break;
    case 'quat':
      writeQuat(value ?? { x: 0, y: 0, z: 0, w: 1 }, shape.max, cells, at);
      break;
    case 'wide': {
      const bits = BigInt.asUintN(64, BigInt(value ?? 0));
      cells[at] = Number(bits & 0xffffffffn);
      cells[at + 1] = Number(bits >> 32n);
      break;
    }
    case 'enum':
      writeEnum(shape, value, cells, at);
      break;
    case 'struct':
      for (const field of shape.fields) writeValue(field.shape, value?.[field.name], cells, at + field.offset);
      break;
    case 'option':
      cells.fill(0, at, at + shape.columns);
      if (value !== null && value !== undefined) {
        cells[at] = 1;
        writeValue(shape.of, value, cells, at + 1);
      }
      break;
    case 'array':
      for (let i = 0; i < shape.len; i += 1) writeValue(shape.of, value?.[i], cells, at + i * shape.of.columns);
      break;
    case 'list': {
      cells.fill(0, at, at + shape.columns);
      const len = Math.min(value?.length ?? 0, shape.max);
      cells[at] = len;
      for (let i = 0; i < len; i += 1) writeValue(shape.of, value[i], cells, at + 1 + i * shape.of.columns);
      break;
    }
    case 'text':
      writeText(shape.max, String(value ?? ''), cells, at, shape.columns);
      break;
    case 'unit':
      break;
  }
}

/**
 * @param {import('./shape.js').EnumShape} shape
 * @param {Value} value a variant's name, or {type, ...fields}
 * @param {Uint32Array} cells
 * @param {number} at
 */
function writeEnum(shape, value, cells, at) {
  cells.fill(0, at, at + shape.columns);
  if (value === undefined || value === null) return writeFields(shape.variants[0].fields, {}, cells, at);
  const name = typeof value === 'string' ? value : value.type;
  const tag = shape.tags.get(name);
  if (tag === undefined) throw new TypeError(`${shape.name} has no variant ${name}; it has ${[...shape.tags.keys()].join(', ')}`);
  cells[at] = tag;
  return writeFields(shape.variants[tag].fields, value, cells, at);
}

/**
 * @param {ShapeField[]} fields
 * @param {Value} value
 * @param {Uint32Array} cells
 * @param {number} at
 */
function writeFields(fields, value, cells, at) {
  for (const field of fields) writeValue(field.shape, value[field.name], cells, at + field.offset);
}

/**
 * @param {number} max bytes
 * @param {string} value cut at a character's boundary when it is too long
 * @param {Uint32Array} cells
 * @param {number} at
 * @param {number} columns
 */
function writeText(max, value, cells, at, columns) {
  cells.fill(0, at, at + columns);
  const bytes = new Uint8Array(max);
  const { written } = encoder.encodeInto(value, bytes);
  cells[at] = written;
  for (let i = 0; i < written; i += 1) cells[at + 1 + (i >>> 2)] |= bytes[i] << ((i & 3) * 8);
}

/**
 * @param {number} value
 * @param {number} max
 */
function clampedInt(value, max) {
  const whole = Math.round(Number(value));
  return whole > 0 ? Math.min(whole, max) : 0; // also for what is not a number
}

/**
 * Finds a key of `value` that its shape does not know: almost always a misspelt field.
 * @param {Shape} shape a struct, or an enum
 * @param {Value} value
 * @returns {string | undefined}
 */
export function unknownField(shape, value) {
  if (typeof value !== 'object' || value === null) return undefined;
  if (shape.type === 'struct') return strangerTo(shape.fields, value, '');
  if (shape.type !== 'enum') return undefined;
  const tag = shape.tags.get(value.type);
  return tag === undefined ? undefined : strangerTo(shape.variants[tag].fields, value, 'type');
}

/**
 * @param {ShapeField[]} fields
 * @param {object} value
 * @param {string} allowed
 */
function strangerTo(fields, value, allowed) {
  return Object.keys(value).find((key) => key !== allowed && !fields.some((field) => field.name === key));
}
