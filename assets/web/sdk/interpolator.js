// What to draw of everyone else: the received past, blended between snapshots.

import { blend, extrapolate } from './blend.js';
import { History } from './history.js';
import { Rows } from './rows.js';

/** @typedef {import('./table.js').Table} Table */
/** @typedef {import('./history.js').Frame} Frame */
/** @typedef {import('./rows.js').Row} Row */

/** Longest time by which rows are moved on past the newest snapshot, milliseconds; then they stop. */
const MAX_EXTRAPOLATION_MS = 200;

/**
 * Draws tables at any tick of the kept past. A row is shown from the snapshot it entered with until
 * the one it left with; fields marked `lerp` are blended, others keep the older snapshot's value.
 */
export class Interpolator {
  /**
   * @param {import('./schema.js').Schema} schema
   * @param {{maxExtrapolationMs?: number}} [options]
   */
  constructor(schema, { maxExtrapolationMs = MAX_EXTRAPOLATION_MS } = {}) {
    this.schema = schema;
    this.history = new History(schema);
    this.maxAheadS = maxExtrapolationMs / 1000;
    this.rows = schema.tables.map((layout) => new Rows(layout));
    this.lerped = schema.tables.map((layout) => layout.publicFields.filter((field) => field.lerp));
    /** @type {Frame | null} the frame at or before the drawn tick */
    this.from = null;
    /** @type {Frame | null} the frame after it */
    this.to = null;
    /** @type {Frame | null} the frame before `from` */
    this.before = null;
    /** How far from `from` to `to`, 0..1. */
    this.share = 0;
    /** Seconds past the newest frame. */
    this.aheadS = 0;
    /** @type {import('./blend.js').Cells} the row being blended */
    this.cells = { from: new Uint32Array(0), fromAt: 0, to: new Uint32Array(0), toAt: 0, before: null, beforeAt: 0, seconds: 0 };
  }

  /**
   * Takes the rows of a snapshot.
   * @param {number} tick
   * @param {readonly Table[]} tables
   */
  push(tick, tables) {
    this.history.push(tick, tables);
  }

  /** Forgets the past: after a hidden tab or a cut. The next snapshot is drawn as it is. */
  clear() {
    this.history.clear();
  }

  /**
   * Chooses what the next calls of `table` draw.
   * @param {number} tick with its fraction
   * @returns {boolean} false while there is no snapshot
   */
  seek(tick) {
    const { frames } = this.history;
    if (frames.length === 0) {
      this.from = null;
      return false;
    }
    const i = this.history.indexAt(tick);
    this.before = i > 0 ? frames[i - 1] : null;
    this.from = frames[i];
    this.to = i + 1 < frames.length ? frames[i + 1] : null;
    const passed = Math.max(0, tick - this.from.tick);
    this.share = this.to === null ? 0 : Math.min(1, passed / (this.to.tick - this.from.tick));
    this.aheadS = this.to !== null || this.from.still ? 0 : Math.min(passed / this.schema.tickHz, this.maxAheadS);
    return true;
  }

  /**
   * The rows of one table at the chosen tick; the same objects at each call, updated in place.
   * @param {number} index of the table in the schema
   * @param {Table | null} own private cells of own rows, which are shown as they are
   * @returns {Map<number, Row>} id -> row
   */
  table(index, own) {
    const rows = this.rows[index];
    const { from } = this;
    if (from === null) return rows.map;
    const table = from.tables[index];
    rows.update(table, own);
    const fields = this.lerped[index];
    if (fields.length > 0) this.#blendRows(index, table, rows, fields);
    return rows.map;
  }

  /**
   * @param {number} index
   * @param {Table} table the rows of `from`
   * @param {Rows} rows
   * @param {import('./schema.js').Field[]} fields
   */
  #blendRows(index, table, rows, fields) {
    const { to, before, cells } = this;
    const other = (to ?? before)?.tables[index];
    if (other === undefined) return this.#still(table, rows, fields);
    const third = to !== null && before !== null && fields.some((field) => field.velocity === null) ? before.tables[index] : null;
    const ticks = to === null ? tickOf(this.from) - tickOf(before) : tickOf(to) - tickOf(this.from);
    cells.seconds = ticks / this.schema.tickHz;
    cells.from = cells.to = table.cells;
    for (let i = 0, j = 0; i < table.count; i += 1) {
      const id = table.ids[i];
      while (j < other.count && other.ids[j] < id) j += 1;
      const paired = j < other.count && other.ids[j] === id;
      const mine = i * table.width;
      const theirs = paired ? j * other.width : mine;
      cells.from = to !== null || !paired ? table.cells : other.cells;
      cells.fromAt = to !== null ? mine : theirs;
      cells.to = to === null || !paired ? table.cells : other.cells;
      cells.toAt = to === null ? mine : theirs;
      const past = third === null ? -1 : third.find(id);
      cells.before = past < 0 || third === null ? null : third.cells;
      cells.beforeAt = past * table.width;
      const { row } = rows.entry(id);
      for (const field of fields) {
        if (to === null) extrapolate(row, field, cells, this.aheadS);
        else blend(row, field, cells, this.share);
      }
    }
    return undefined;
  }

  /**
   * With a single snapshot there is nothing to blend: rows are where it says.
   * @param {Table} table
   * @param {Rows} rows
   * @param {import('./schema.js').Field[]} fields
   */
  #still(table, rows, fields) {
    const { cells } = this;
    cells.from = cells.to = table.cells;
    cells.before = null;
    for (let i = 0; i < table.count; i += 1) {
      cells.fromAt = cells.toAt = i * table.width;
      for (const field of fields) blend(rows.entry(table.ids[i]).row, field, cells, 0);
    }
  }
}

/** @param {Frame | null} frame */
function tickOf(frame) {
  return frame === null ? 0 : frame.tick;
}
