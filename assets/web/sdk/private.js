// Private fields of the rows that this client's player owns (PROTOCOL section 7.4).

import { BitReader } from './bits.js';
import { readPlain } from './plain.js';
import { Table } from './table.js';

/** Holds, per table, the player's rows and their private columns. */
export class PrivateDecoder {
  /**
   * @param {import('./schema.js').Schema} schema
   * @param {number} player
   */
  constructor(schema, player) {
    this.schema = schema;
    this.player = player;
    /** @type {Table[]} own rows with their private cells, one table per table of the schema */
    this.tables = schema.tables.map((layout) => new Table(layout.privateWidth));
    /** @type {Table[]} the same at the snapshot before, while the next is built */
    this.before = schema.tables.map((layout) => new Table(layout.privateWidth));
  }

  /**
   * Follows the rows of a snapshot, then applies what it says about private fields.
   * @param {readonly Table[]} state the merged public rows after the snapshot
   * @param {boolean} reset stream 0 came as a keyframe: all private columns start at 0
   * @param {Uint8Array | null} bytes null: no private field differs
   */
  apply(state, reset, bytes) {
    const reader = bytes === null ? null : new BitReader(bytes);
    for (const layout of this.schema.tables) {
      if (layout.ownerColumn < 0) continue;
      this.#follow(layout, state[layout.index], reset);
      if (reader !== null) readPrivate(reader, layout, this.tables[layout.index]);
    }
    reader?.finish();
  }

  /**
   * Carries the private cells of rows that were already owned; others start at 0.
   * @param {import('./schema.js').TableLayout} layout
   * @param {Table} rows
   * @param {boolean} reset
   */
  #follow(layout, rows, reset) {
    const old = this.tables[layout.index];
    const next = this.before[layout.index];
    this.tables[layout.index] = next;
    this.before[layout.index] = old;
    next.count = 0;
    let cell = layout.ownerColumn;
    for (let row = 0; row < rows.count; row += 1, cell += rows.width) {
      if (rows.cells[cell] !== this.player) continue;
      const id = rows.ids[row];
      const at = next.push(id);
      const was = reset ? -1 : old.find(id) * old.width;
      if (was < 0) next.cells.fill(0, at, at + next.width);
      else next.cells.set(old.cells.subarray(was, was + old.width), at);
    }
  }
}

/**
 * @param {BitReader} reader
 * @param {import('./schema.js').TableLayout} layout
 * @param {Table} own
 */
function readPrivate(reader, layout, own) {
  for (let at = 0, end = own.count * own.width; at < end; at += own.width) {
    for (const field of layout.privateFields) {
      if (reader.bit() === 1) readPlain(field.shape, reader, own.cells, at + field.offset);
    }
  }
}
