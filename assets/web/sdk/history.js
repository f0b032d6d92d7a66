// The newest snapshots' rows, for playback.

import { Table } from './table.js';

/** Past that is kept, milliseconds: the longest playback delay, twice over. */
const KEPT_MS = 1000;

/** The rows of one snapshot. */
export class Frame {
  /** @param {import('./schema.js').Schema} schema */
  constructor(schema) {
    this.tick = 0;
    this.tables = schema.tables.map((layout) => new Table(layout.width));
    /** Whether nothing differs from the frame before. */
    this.still = false;
  }
}

/** A bounded queue of frames in ascending tick order; frames are used again. */
export class History {
  /** @param {import('./schema.js').Schema} schema */
  constructor(schema) {
    this.schema = schema;
    const perSecond = schema.tickHz / schema.sendEvery;
    this.capacity = Math.max(8, Math.ceil((KEPT_MS / 1000) * perSecond));
    /** @type {Frame[]} oldest first */
    this.frames = [];
    /** @type {Frame[]} for the next pushes */
    this.spare = [];
  }

  clear() {
    this.spare.push(...this.frames.splice(0));
  }

  /**
   * Copies the rows of a snapshot.
   * @param {number} tick
   * @param {readonly Table[]} tables
   */
  push(tick, tables) {
    if (this.frames.length > 0 && tick <= this.frames[this.frames.length - 1].tick) this.clear();
    if (this.frames.length === this.capacity) this.spare.push(/** @type {Frame} */ (this.frames.shift()));
    const frame = this.spare.pop() ?? new Frame(this.schema);
    frame.tick = tick;
    frame.tables.forEach((table, i) => table.copyFrom(tables[i]));
    const before = this.frames[this.frames.length - 1];
    frame.still = before !== undefined && frame.tables.every((table, i) => table.equals(before.tables[i]));
    if (before !== undefined && before.still) {
      // Snapshots are left out while nothing moves: what stood still did so up to the last one left out.
      before.tick = Math.max(before.tick, tick - this.schema.sendEvery);
    }
    this.frames.push(frame);
  }

  /**
   * @param {number} tick with its fraction
   * @returns {number} index of the newest frame that is not after it; 0 when all are after it
   */
  indexAt(tick) {
    let i = this.frames.length - 1;
    while (i > 0 && this.frames[i].tick > tick) i -= 1;
    return i;
  }
}
