// Decoder of one stream's state chunks: keyframes and deltas (PROTOCOL section 7.3).

import { BitReader } from './bits.js';
import { DecodeError, DesyncError } from './errors.js';
import { MAX_CELLS } from './limits.js';
import { hashTables } from './murmur.js';
import { readPlain } from './plain.js';
import { Coding } from './schema.js';
import { StreamTable } from './stream-table.js';

/** @typedef {import('./schema.js').TableLayout} TableLayout */
/** @typedef {import('./schema.js').Field} Field */

/** The state of one stream: what both sides hold after the newest chunk. */
export class StreamDecoder {
  /**
   * @param {import('./schema.js').Schema} schema
   * @param {import('./messages.js').Level} [level]
   * @param {Uint8Array | null} [prior] null: the protocol's own
   */
  constructor(schema, level = 'packed', prior = null) {
    this.schema = schema;
    this.level = level;
    this.prior = prior;
    /** @type {StreamTable[]} one per table of the schema */
    this.tables = schema.tables.map((layout) => new StreamTable(layout));
    /** @type {number | null} tick of the state held; null: only a keyframe can follow */
    this.tick = null;
    /** Cells held in all tables. */
    this.cells = 0;
  }

  /** @returns {number} hash of the state held (PROTOCOL section 7.5) */
  hash() {
    return hashTables(this.tables);
  }

  /**
   * Replaces the state.
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  keyframe(tick, bytes) {
    this.tick = null;
    const reader = new BitReader(bytes);
    for (const table of this.tables) readKeyframeTable(reader, table);
    this.#finish(reader, tick);
  }

  /**
   * Moves the state from the one at `base` to the one at `tick`. After an error only a keyframe helps.
   * @param {number} base
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  delta(base, tick, bytes) {
    const held = this.tick;
    this.tick = null;
    if (held !== base) throw new DesyncError(`a delta from tick ${base}, but the state held is of tick ${held}`);
    const reader = new BitReader(bytes);
    for (const table of this.tables) readDeltaTable(reader, table);
    this.#finish(reader, tick);
  }

  /**
   * Moves the state from the one at `base` to the one at `tick`, over deltas that were skipped.
   * @param {number} base
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  catchUp(base, tick, bytes) {
    const held = this.tick;
    this.tick = null;
    if (held !== base) throw new DesyncError(`a catch-up from tick ${base}, but the state held is of tick ${held}`);
    this.keyframe(tick, bytes);
  }

  /**
   * @param {BitReader} reader
   * @param {number} tick
   */
  #finish(reader, tick) {
    reader.finish();
    this.cells = this.tables.reduce((sum, table) => sum + table.count * table.width, 0);
    if (this.cells > MAX_CELLS) throw new DecodeError(`a state of ${this.cells} cells is too large`);
    this.tick = tick;
  }
}

/**
 * @param {BitReader} reader
 * @param {StreamTable} table
 */
function readKeyframeTable(reader, table) {
  table.clear();
  const { layout } = table;
  const rows = layout.single ? reader.bit() : reader.gamma(); // streams other than 0 may lack the row of a single
  let id = 0;
  for (let i = 0; i < rows; i += 1) {
    id = layout.single ? 1 : nextId(reader, id);
    const at = table.push(id);
    readRow(reader, layout.publicFields, table.cells, at);
    table.last.set(table.cells.subarray(at, at + table.width), at);
    if (reader.bit() === 0) continue;
    for (const field of layout.publicFields) {
      if (reader.bit() === 1) readPlain(field.shape, reader, table.last, at + field.offset);
    }
  }
}

/**
 * @param {BitReader} reader
 * @param {StreamTable} table
 */
function readDeltaTable(reader, table) {
  if (reader.bit() === 0) {
    table.predict();
    return;
  }
  if (table.layout.single) {
    if (table.count === 0) throw new DecodeError(`${table.layout.name} differs, but this stream has no row of it`);
    table.predict();
    table.resetRates();
    readResiduals(reader, table, 0);
    return;
  }
  readLeft(reader, table);
  readEntered(reader, table);
  table.predict();
  table.resetRates();
  const differing = reader.gamma();
  let row = -1;
  for (let i = 0; i < differing; i += 1) {
    row += reader.rice(1) + 1;
    if (row >= table.count) throw new DecodeError(`row ${row} differs, but ${table.layout.name} has ${table.count} that stayed`);
    readResiduals(reader, table, row);
  }
  table.mergeEntered();
}

/**
 * Reads which rows left, and removes them.
 * @param {BitReader} reader
 * @param {StreamTable} table
 */
function readLeft(reader, table) {
  const leaving = reader.gamma();
  if (leaving === 0) return;
  let row = -1;
  let kept = 0;
  let from = 0;
  for (let i = 0; i < leaving; i += 1) {
    row += reader.rice(3) + 1;
    if (row >= table.count) throw new DecodeError(`row ${row} left, but ${table.layout.name} has ${table.count}`);
    kept = table.moveDown(from, row, kept);
    from = row + 1;
  }
  table.count = table.moveDown(from, table.count, kept);
}

/**
 * Reads the rows that entered into the table's scratch; they join after the others have moved.
 * @param {BitReader} reader
 * @param {StreamTable} table
 */
function readEntered(reader, table) {
  const { entered, layout } = table;
  entered.count = 0;
  const entering = reader.gamma();
  let id = 0;
  for (let i = 0; i < entering; i += 1) {
    id = nextId(reader, id);
    const at = entered.push(id); // may move the cells: only now they are looked at
    readRow(reader, layout.publicFields, entered.cells, at);
  }
}

/**
 * @param {BitReader} reader
 * @param {number} previous
 * @returns {number}
 */
function nextId(reader, previous) {
  const id = previous + 1 + reader.rice(4);
  if (id > 0xffffffff) throw new DecodeError('a row id does not fit in 32 bits');
  return id;
}

/**
 * @param {BitReader} reader
 * @param {Field[]} fields
 * @param {Uint32Array} cells
 * @param {number} at
 */
function readRow(reader, fields, cells, at) {
  for (const field of fields) readPlain(field.shape, reader, cells, at + field.offset);
}

/**
 * Corrects the predicted cells of one row.
 * @param {BitReader} reader
 * @param {StreamTable} table
 * @param {number} row
 */
function readResiduals(reader, table, row) {
  const fields = table.layout.publicFields;
  const differs = table.differs;
  for (let f = 0; f < fields.length; f += 1) differs[f] = reader.bit();
  for (let f = 0; f < fields.length; f += 1) {
    if (differs[f] === 1) readResidual(reader, table, f, row * table.width + fields[f].offset);
  }
}

/**
 * @param {BitReader} reader
 * @param {StreamTable} table
 * @param {number} f index of the field
 * @param {number} at its first cell
 */
function readResidual(reader, table, f, at) {
  const { coding, shape } = table.layout.publicFields[f];
  const { cells } = table;
  if (coding === Coding.WHOLE) return readPlain(shape, reader, cells, at);
  if (coding === Coding.FLIP) {
    cells[at] ^= 1;
    return undefined;
  }
  const { max } = /** @type {import('./shape.js').FloatShape} */ (shape);
  for (let i = at; i < at + shape.columns; i += 1) {
    const zigzag = reader.rice(table.riceParameter(f));
    table.countResidual(f, zigzag);
    const value = (cells[i] + ((zigzag >>> 1) ^ -(zigzag & 1))) >>> 0;
    if (coding === Coding.ANGLE) cells[i] = (value & max) >>> 0;
    else if (value <= max) cells[i] = value;
    else throw new DecodeError(`a column holds ${value}, its maximum is ${max}`);
  }
  return undefined;
}
