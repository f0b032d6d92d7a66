// The schema of a game (PROTOCOL section 4), checked and compiled to a layout for the decoders.

import { DecodeError } from './errors.js';
import { MAX_COLUMNS, MAX_TABLES } from './limits.js';
import { integer, list, parseShape, record, text } from './shape.js';

/** @typedef {import('./shape.js').Shape} Shape */

/** How a field that differs travels where its difference is sent (PROTOCOL section 7.3). */
export const Coding = Object.freeze({
  /** The value in plain encoding. */
  WHOLE: 0,
  /** Nothing: a bool is the other value. */
  FLIP: 1,
  /** A number that stays or changes by a little: the difference. */
  COUNT: 2,
  /** A difference per column. */
  RESIDUAL: 3,
  /** A difference modulo a turn. */
  ANGLE: 4,
});

/**
 * @typedef {object} Field a field of a table's rows
 * @property {string} name
 * @property {Shape} shape
 * @property {boolean} owned a private field: only the row's owner receives it
 * @property {number} offset first column, among the row's public columns (private ones: among the private columns)
 * @property {number} coding one of `Coding`
 * @property {boolean} linear predicted from two values (else from the last one)
 * @property {boolean} lerp may be interpolated between snapshots
 * @property {Field | null} velocity the field that is this one's rate per second
 * @property {boolean} keepsLength its length changes less than its direction
 * @property {Field | null} follows the vector along which this angle tends to point
 * @property {number} usual typical raw size of what cannot be foreseen in a change; 0: unknown
 */

/**
 * @typedef {object} TableLayout
 * @property {string} name
 * @property {number} index place in the schema
 * @property {boolean} single always exactly one row, of id 1
 * @property {Field[]} fields all, in schema order
 * @property {Field[]} publicFields
 * @property {Field[]} privateFields
 * @property {number} width public columns
 * @property {number} privateWidth private columns
 * @property {number} ownerColumn public column that names the row's owner, or -1
 */

/**
 * @typedef {object} Schema
 * @property {string} game
 * @property {number} tickHz ticks per second
 * @property {number} sendEvery a snapshot every this many ticks
 * @property {TableLayout[]} tables
 * @property {Shape} input
 * @property {number[]} sticky columns of the input that are OR-ed in `latest` mode
 * @property {Shape} command
 * @property {Shape} event
 * @property {any} json the schema as sent
 */

/** The protocol version spoken here. */
export const PROTOCOL = 1;

/**
 * @param {string} source JSON
 * @returns {Schema}
 */
export function parseSchema(source) {
  let json;
  try {
    json = JSON.parse(source);
  } catch (error) {
    throw new DecodeError(`the schema is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const schema = record(json, 'schema');
  if (schema.protocol !== PROTOCOL) throw new DecodeError(`the schema is of protocol ${schema.protocol}, not ${PROTOCOL}`);
  const tables = list(schema.tables, 'tables');
  if (tables.length > MAX_TABLES) throw new DecodeError(`${tables.length} tables are too many`);
  return {
    game: text(schema.game, 'game'),
    tickHz: integer(schema.tick_hz, 1, 1000, 'tick_hz'),
    sendEvery: integer(schema.send_every, 1, 1000, 'send_every'),
    tables: tables.map((table, index) => parseTable(record(table, `tables[${index}]`), index)),
    input: parseShape(schema.input, 'input'),
    sticky: list(schema.sticky ?? [], 'sticky').map((column) => integer(column, 0, 0xffff, 'sticky')),
    command: parseShape(schema.command, 'command'),
    event: parseShape(schema.event, 'event'),
    json,
  };
}

/**
 * @param {Record<string, unknown>} json
 * @param {number} index
 * @returns {TableLayout}
 */
function parseTable(json, index) {
  const name = text(json.name, `tables[${index}].name`);
  const sources = list(json.fields, `${name}.fields`).map((field, i) => record(field, `${name}.fields[${i}]`));
  const fields = sources.map((field) => parseField(field, name));
  sources.forEach((source, i) => {
    fields[i].velocity = named(source.velocity, fields, fields[i], fitsAsRate, `${name}.${fields[i].name}.velocity`);
    fields[i].follows = named(source.follows, fields, fields[i], fitsAsDirection, `${name}.${fields[i].name}.follows`);
  });
  const publicFields = fields.filter((field) => !field.owned);
  const privateFields = fields.filter((field) => field.owned);
  const table = {
    name,
    index,
    single: json.single === true,
    fields,
    publicFields,
    privateFields,
    width: place(publicFields),
    privateWidth: place(privateFields),
    ownerColumn: -1,
  };
  if (table.width + table.privateWidth > MAX_COLUMNS) throw new DecodeError(`${name} has more than ${MAX_COLUMNS} columns`);
  table.ownerColumn = ownerColumn(json.owner, table);
  return table;
}

/**
 * @param {Record<string, unknown>} json
 * @param {string} table
 * @returns {Field}
 */
function parseField(json, table) {
  const name = text(json.name, `${table} field name`);
  const shape = parseShape(json.shape, `${table}.${name}`);
  const moves = ['float', 'vector', 'int', 'angle'].includes(shape.type);
  const linear = json.predict === 'linear' && moves;
  return {
    name,
    shape,
    owned: json.to === 'owner',
    offset: 0,
    coding: codingOf(shape),
    linear,
    lerp: json.lerp === true,
    velocity: null,
    keepsLength: json.keeps_length === true,
    follows: null,
    usual: integer(json.usual ?? 0, 0, moves && 'max' in shape ? shape.max : 0, `${table}.${name}.usual`),
  };
}

/**
 * The field that a hint names; whoever receives the hinted field must receive it too.
 * @param {unknown} index
 * @param {Field[]} fields of the row
 * @param {Field} hinted
 * @param {(shape: Shape, other: Shape) => boolean} fits
 * @param {string} where
 * @returns {Field | null}
 */
function named(index, fields, hinted, fits, where) {
  if (index === null || index === undefined) return null;
  const other = fields[integer(index, 0, fields.length - 1, where)];
  if (!fits(hinted.shape, other.shape) || (other.owned && !hinted.owned)) throw new DecodeError(`${where}: ${other.name} does not fit`);
  return other;
}

/** @param {Shape} shape @param {Shape} rate */
function fitsAsRate(shape, rate) {
  if (shape.type === 'vector') return rate.type === 'vector' && rate.columns === shape.columns;
  return (shape.type === 'float' || shape.type === 'angle') && rate.type === 'float';
}

/** @param {Shape} shape @param {Shape} direction */
function fitsAsDirection(shape, direction) {
  return shape.type === 'angle' && direction.type === 'vector' && direction.columns === 2;
}

/** @param {Shape} shape */
function codingOf(shape) {
  switch (shape.type) {
    case 'bool':
      return Coding.FLIP;
    case 'int':
      return Coding.COUNT;
    case 'float':
    case 'vector':
      return Coding.RESIDUAL;
    case 'angle':
      return Coding.ANGLE;
    default:
      return Coding.WHOLE;
  }
}

/**
 * Gives the fields their columns, one after the other.
 * @param {Field[]} fields
 * @returns {number} columns in all
 */
function place(fields) {
  let next = 0;
  for (const field of fields) {
    field.offset = next;
    next += field.shape.columns;
  }
  return next;
}

/**
 * @param {unknown} owner index of the owner field, or null
 * @param {TableLayout} table
 * @returns {number}
 */
function ownerColumn(owner, table) {
  if (owner === null || owner === undefined) {
    if (table.privateFields.length > 0) throw new DecodeError(`${table.name} has private fields but no owner`);
    return -1;
  }
  const field = table.fields[integer(owner, 0, table.fields.length - 1, `${table.name}.owner`)];
  if (field.owned || field.shape.type !== 'player') throw new DecodeError(`${table.name}.owner is not a public player field`);
  return field.offset;
}
