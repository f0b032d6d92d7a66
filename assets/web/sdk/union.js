// The rows of several streams as one set of tables (PROTOCOL section 7.2).

import { Table } from './table.js';

/** @typedef {import('./stream.js').StreamDecoder} StreamDecoder */

/**
 * Shows the union of the streams' rows. A row in several streams is taken from the highest stream
 * number. Tables whose rows all come from one stream are shown as they are, not copied.
 */
export class Union {
  /** @param {import('./schema.js').Schema} schema */
  constructor(schema) {
    /** @type {Table[]} copies, for tables that several streams have rows of */
    this.merged = schema.tables.map((layout) => new Table(layout.width));
    /** @type {Table[]} the rows to show, one table per table of the schema */
    this.tables = this.merged.slice();
  }

  /** @param {readonly StreamDecoder[]} streams in ascending order of their numbers */
  update(streams) {
    for (let t = 0; t < this.tables.length; t += 1) {
      const sources = streams.map((stream) => stream.tables[t]).filter((table) => table.count > 0);
      this.tables[t] = sources.length === 1 ? sources[0] : merge(sources, this.merged[t]);
    }
  }
}

/**
 * @param {readonly Table[]} sources later ones win
 * @param {Table} out overwritten
 * @returns {Table} out
 */
function merge(sources, out) {
  out.count = 0;
  const at = new Uint32Array(sources.length);
  for (;;) {
    let lowest = Infinity;
    let winner = -1;
    for (let s = 0; s < sources.length; s += 1) {
      const id = at[s] < sources[s].count ? sources[s].ids[at[s]] : Infinity;
      if (id <= lowest && id < Infinity) {
        lowest = id;
        winner = s;
      }
    }
    if (winner < 0) return out;
    const { cells, width } = sources[winner];
    const from = at[winner] * width;
    const to = out.push(lowest);
    out.cells.set(cells.subarray(from, from + width), to);
    for (let s = 0; s < sources.length; s += 1) {
      if (at[s] < sources[s].count && sources[s].ids[at[s]] === lowest) at[s] += 1;
    }
  }
}
