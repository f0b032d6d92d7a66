// Shapes: what a value looks like and which columns it takes (PROTOCOL section 3).

import { bitLength } from './bits.js';
import { DecodeError } from './errors.js';
import { MAX_ANGLE_BITS, MAX_COLUMNS, MAX_QUAT_BITS, MAX_SHAPE_DEPTH, MAX_VARIANTS } from './limits.js';

/** Most bytes of a text that a row of MAX_COLUMNS columns can hold. */
const MAX_TEXT = 4 * MAX_COLUMNS;

/**
 * @typedef {{type: 'bool' | 'id' | 'player' | 'team', columns: 1, width: number, max: number}} PlainShape
 * @typedef {{type: 'int', columns: 1, width: number, max: number, min: number}} IntShape
 * @typedef {{type: 'wide', columns: 2, signed: boolean}} WideShape
 * @typedef {{type: 'float', columns: 1, width: number, max: number, min: number, step: number}} FloatShape
 * @typedef {{type: 'vector', columns: 2 | 3, width: number, max: number, min: number, step: number}} VectorShape
 * @typedef {{type: 'angle', columns: 1, width: number, max: number}} AngleShape
 * @typedef {{type: 'quat', columns: 4, width: number, max: number}} QuatShape
 * @typedef {{name: string, shape: Shape, offset: number}} ShapeField `offset`: first column, from the start of the outer shape
 * @typedef {{name: string, fields: ShapeField[]}} Variant
 * @typedef {{type: 'enum', columns: number, width: number, max: number, name: string, variants: Variant[],
 *   unitOnly: boolean, tags: Map<string, number>}} EnumShape
 * @typedef {{type: 'struct', columns: number, name: string, fields: ShapeField[]}} StructShape
 * @typedef {{type: 'option', columns: number, of: Shape}} OptionShape
 * @typedef {{type: 'array', columns: number, of: Shape, len: number}} ArrayShape
 * @typedef {{type: 'text', columns: number, width: number, max: number}} TextShape
 * @typedef {{type: 'list', columns: number, width: number, of: Shape, max: number}} ListShape
 * @typedef {{type: 'unit', columns: 0}} UnitShape
 * @typedef {PlainShape | IntShape | WideShape | FloatShape | VectorShape | AngleShape | QuatShape | EnumShape
 *   | StructShape | OptionShape | ArrayShape | TextShape | ListShape | UnitShape} Shape
 */

/**
 * Checks a shape of the schema and works out its columns.
 * @param {unknown} json
 * @param {string} where for error texts
 * @param {number} [depth]
 * @returns {Shape}
 */
export function parseShape(json, where, depth = 0) {
  if (depth > MAX_SHAPE_DEPTH) throw new DecodeError(`${where}: shapes nest too deep`);
  const shape = parseType(record(json, where), where, depth);
  if (shape.columns > MAX_COLUMNS) throw new DecodeError(`${where}: ${shape.columns} columns are too many`);
  return shape;
}

/**
 * @param {Record<string, unknown>} json
 * @param {string} where
 * @param {number} depth
 * @returns {Shape}
 */
function parseType(json, where, depth) {
  switch (json.type) {
    case 'bool':
      return { type: 'bool', columns: 1, width: 1, max: 1 };
    case 'id':
      return { type: 'id', columns: 1, width: 32, max: 0xffffffff };
    case 'player':
      return { type: 'player', columns: 1, width: 16, max: 0xffff };
    case 'team':
      return { type: 'team', columns: 1, width: 8, max: 0xff };
    case 'unit':
      return { type: 'unit', columns: 0 };
    case 'wide':
      return { type: 'wide', columns: 2, signed: json.signed === true };
    case 'int': {
      const min = integer(json.min, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, `${where}.min`);
      const max = integer(json.max, min, min + 0xffffffff, `${where}.max`) - min;
      return { type: 'int', columns: 1, width: bitLength(max), max, min };
    }
    case 'float':
      return { type: 'float', columns: 1, ...range(json, where) };
    case 'vector': {
      const columns = integer(json.n, 2, 3, `${where}.n`) === 2 ? 2 : 3;
      return { type: 'vector', columns, ...range(json, where) };
    }
    case 'angle': {
      const width = integer(json.bits, 1, MAX_ANGLE_BITS, `${where}.bits`);
      return { type: 'angle', columns: 1, width, max: 2 ** width - 1 };
    }
    case 'quat': {
      const width = integer(json.bits, 2, MAX_QUAT_BITS, `${where}.bits`);
      return { type: 'quat', columns: 4, width, max: 2 ** width - 1 };
    }
    case 'enum':
      return parseEnum(json, where, depth);
    case 'struct': {
      const fields = parseFields(json.fields, where, depth, 0);
      return { type: 'struct', columns: columnsOf(fields), name: String(json.name ?? ''), fields };
    }
    case 'option': {
      const of = parseShape(json.of, `${where}.of`, depth + 1);
      return { type: 'option', columns: 1 + of.columns, of };
    }
    case 'array': {
      const of = parseElement(json.of, where, depth);
      const len = integer(json.len, 0, MAX_COLUMNS, `${where}.len`);
      return { type: 'array', columns: len * of.columns, of, len };
    }
    case 'text': {
      const max = integer(json.max, 0, MAX_TEXT, `${where}.max`);
      return { type: 'text', columns: 1 + Math.ceil(max / 4), width: bitLength(max), max };
    }
    case 'list': {
      const of = parseElement(json.of, where, depth);
      const max = integer(json.max, 0, MAX_COLUMNS, `${where}.max`);
      return { type: 'list', columns: 1 + max * of.columns, width: bitLength(max), of, max };
    }
    default:
      throw new DecodeError(`${where}: no shape has the type ${JSON.stringify(json.type)}`);
  }
}

/**
 * The element of an array or list. It must hold something: elements of no columns would let a
 * short schema ask for endless loops.
 * @param {unknown} json
 * @param {string} where
 * @param {number} depth
 * @returns {Shape}
 */
function parseElement(json, where, depth) {
  const of = parseShape(json, `${where}.of`, depth + 1);
  if (of.columns === 0) throw new DecodeError(`${where}: elements without columns`);
  return of;
}

/**
 * @param {Record<string, unknown>} json
 * @param {string} where
 * @param {number} depth
 * @returns {EnumShape}
 */
function parseEnum(json, where, depth) {
  let columns = 1;
  const variants = list(json.variants, `${where}.variants`).map((entry, i) => {
    const variant = record(entry, `${where}.variants[${i}]`);
    const name = text(variant.name, `${where}.variants[${i}].name`);
    const fields = parseFields(variant.fields ?? [], `${where}.${name}`, depth, columns);
    columns += columnsOf(fields);
    return { name, fields };
  });
  if (variants.length === 0 || variants.length > MAX_VARIANTS) throw new DecodeError(`${where}: ${variants.length} variants`);
  return {
    type: 'enum',
    columns,
    width: bitLength(variants.length - 1),
    max: variants.length - 1,
    name: String(json.name ?? ''),
    variants,
    unitOnly: variants.every((variant) => variant.fields.length === 0),
    tags: new Map(variants.map((variant, tag) => [variant.name, tag])),
  };
}

/**
 * @param {unknown} json
 * @param {string} where
 * @param {number} depth
 * @param {number} offset column of the first field
 * @returns {ShapeField[]}
 */
function parseFields(json, where, depth, offset) {
  let next = offset;
  return list(json, `${where}.fields`).map((entry, i) => {
    const field = record(entry, `${where}.fields[${i}]`);
    const name = text(field.name, `${where}.fields[${i}].name`);
    const shape = parseShape(field.shape, `${where}.${name}`, depth + 1);
    const at = next;
    next += shape.columns;
    return { name, shape, offset: at };
  });
}

/** @param {ShapeField[]} fields */
function columnsOf(fields) {
  return fields.reduce((sum, field) => sum + field.shape.columns, 0);
}

/**
 * @param {Record<string, unknown>} json
 * @param {string} where
 */
function range(json, where) {
  const { min, step } = json;
  if (typeof min !== 'number' || !Number.isFinite(min)) throw new DecodeError(`${where}.min must be a number`);
  if (typeof step !== 'number' || !(step > 0 && step < Infinity)) throw new DecodeError(`${where}.step must be above 0`);
  const max = integer(json.max_raw, 0, 0xffffffff, `${where}.max_raw`);
  return { width: bitLength(max), max, min, step };
}

/**
 * @param {unknown} json
 * @param {string} where
 * @returns {Record<string, unknown>}
 */
export function record(json, where) {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new DecodeError(`${where} must be an object`);
  return /** @type {Record<string, unknown>} */ (json);
}

/**
 * @param {unknown} json
 * @param {string} where
 * @returns {unknown[]}
 */
export function list(json, where) {
  if (!Array.isArray(json)) throw new DecodeError(`${where} must be a list`);
  return json;
}

/**
 * @param {unknown} json
 * @param {string} where
 * @returns {string}
 */
export function text(json, where) {
  if (typeof json !== 'string') throw new DecodeError(`${where} must be a string`);
  return json;
}

/**
 * @param {unknown} json
 * @param {number} min
 * @param {number} max
 * @param {string} where
 * @returns {number}
 */
export function integer(json, min, max, where) {
  if (typeof json !== 'number' || !Number.isInteger(json) || json < min || json > max) {
    throw new DecodeError(`${where} must be an integer in ${min}..${max}`);
  }
  return json;
}
