// Row objects of one table, made once and then updated in place.

import { angleValue, floatValue } from './quant.js';
import { readValue } from './value.js';

/** @typedef {import('./schema.js').Field} Field */
/** @typedef {import('./table.js').Table} Table */
/** @typedef {Record<string, any>} Row field name -> value, see `readValue` */

/** A row and the cells that its values were read from. */
class Entry {
  /** @param {number} width */
  constructor(width) {
    /** @type {Row} */
    this.row = {};
    this.cells = new Uint32Array(width);
    /** Whether `cells` tells nothing about the row's values. */
    this.stale = true;
    /** The update that last saw the row. */
    this.seen = 0;
  }
}

/** Keeps a Map of row objects in step with a table: only fields whose cells changed are read again. */
export class Rows {
  /** @param {import('./schema.js').TableLayout} layout */
  constructor(layout) {
    this.layout = layout;
    /** @type {Map<number, Row>} id -> row */
    this.map = new Map();
    /** @type {Map<number, Entry>} */
    this.entries = new Map();
    this.updates = 0;
  }

  /**
   * Follows a table.
   * @param {Table} table
   * @param {Table | null} own private cells of the player's own rows
   */
  update(table, own) {
    this.updates += 1;
    const { publicFields, width } = this.layout;
    for (let i = 0, at = 0; i < table.count; i += 1, at += width) {
      const entry = this.entry(table.ids[i]);
      refresh(entry, publicFields, table.cells, at, 0);
      if (own !== null && own.count > 0) this.#refreshOwn(entry, table.ids[i], own);
      entry.stale = false;
    }
    if (this.entries.size !== table.count) this.#sweep();
  }

  /**
   * The entry of a row, made if need be, and marked as seen.
   * @param {number} id
   * @returns {Entry}
   */
  entry(id) {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = new Entry(this.layout.width + this.layout.privateWidth);
      this.entries.set(id, entry);
      this.map.set(id, entry.row);
    }
    entry.seen = this.updates;
    return entry;
  }

  /**
   * Shows a row with these values instead of the table's, until the next update.
   * @param {number} id
   * @param {Row} values
   * @returns {Row}
   */
  override(id, values) {
    const entry = this.entry(id);
    Object.assign(entry.row, values);
    entry.stale = true;
    return entry.row;
  }

  /**
   * @param {Entry} entry
   * @param {number} id
   * @param {Table} own
   */
  #refreshOwn(entry, id, own) {
    const row = own.find(id);
    if (row >= 0) refresh(entry, this.layout.privateFields, own.cells, row * own.width, this.layout.width);
  }

  #sweep() {
    for (const [id, entry] of this.entries) {
      if (entry.seen === this.updates) continue;
      this.entries.delete(id);
      this.map.delete(id);
    }
  }
}

/**
 * Reads the fields of a row whose cells changed.
 * @param {Entry} entry
 * @param {Field[]} fields
 * @param {Uint32Array} cells
 * @param {number} at first cell of the row
 * @param {number} held where these fields' columns begin in the entry's own cells
 */
function refresh(entry, fields, cells, at, held) {
  for (const field of fields) {
    let changed = entry.stale;
    for (let c = 0; c < field.shape.columns; c += 1) {
      const cell = cells[at + field.offset + c];
      if (entry.cells[held + field.offset + c] === cell) continue;
      entry.cells[held + field.offset + c] = cell;
      changed = true;
    }
    if (changed || !(field.name in entry.row)) readField(entry.row, field, cells, at + field.offset);
  }
}

/**
 * Reads one field; a vector that is there is changed in place.
 * @param {Row} row
 * @param {Field} field
 * @param {Uint32Array} cells
 * @param {number} at
 */
export function readField(row, field, cells, at) {
  const { shape, name } = field;
  if (shape.type === 'angle') {
    row[name] = angleValue(cells[at], shape.width);
    return;
  }
  const old = row[name];
  if (shape.type !== 'vector' || old === undefined) {
    row[name] = readValue(shape, cells, at);
    return;
  }
  old.x = floatValue(cells[at], shape.min, shape.step);
  old.y = floatValue(cells[at + 1], shape.min, shape.step);
  if (shape.columns === 3) old.z = floatValue(cells[at + 2], shape.min, shape.step);
}
