// Rows of one table as columns: sorted ids and one unsigned 32-bit cell per column, row by row.

import { DecodeError } from './errors.js';
import { MAX_CELLS, MAX_ROWS } from './limits.js';

/** A table's rows. Arrays are longer than what is used: `count` rows of `width` cells. */
export class Table {
  /** @param {number} width columns of a row */
  constructor(width) {
    this.width = width;
    /** Rows held. */
    this.count = 0;
    /** @type {Uint32Array} row ids, ascending */
    this.ids = new Uint32Array(8);
    /** @type {Uint32Array} */
    this.cells = new Uint32Array(8 * width);
  }

  /**
   * Makes room for a number of rows.
   * @param {number} rows
   */
  reserve(rows) {
    if (rows <= this.ids.length) return;
    if (rows > MAX_ROWS || rows * this.width > MAX_CELLS) throw new DecodeError(`a table of ${rows} rows is too large`);
    const capacity = Math.max(rows, Math.min(this.ids.length * 2, MAX_ROWS));
    this.ids = grown(this.ids, capacity);
    this.cells = grown(this.cells, capacity * this.width);
  }

  /**
   * Adds a row after the last; the caller fills its cells.
   * @param {number} id above all ids held
   * @returns {number} index of the row's first cell
   */
  push(id) {
    this.reserve(this.count + 1);
    this.ids[this.count] = id;
    this.count += 1;
    return (this.count - 1) * this.width;
  }

  /** @param {Table} other of the same width */
  copyFrom(other) {
    this.reserve(other.count);
    this.count = other.count;
    this.ids.set(other.ids.subarray(0, other.count));
    this.cells.set(other.cells.subarray(0, other.count * other.width));
  }

  /**
   * @param {number} id
   * @returns {number} index of the row, or -1
   */
  find(id) {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ids[middle] < id) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.ids[low] === id ? low : -1;
  }

  /**
   * @param {Table} other of the same width
   * @returns {boolean} whether both hold the same rows with the same cells
   */
  equals(other) {
    if (this.count !== other.count) return false;
    for (let i = 0; i < this.count; i += 1) if (this.ids[i] !== other.ids[i]) return false;
    const cells = this.count * this.width;
    for (let i = 0; i < cells; i += 1) if (this.cells[i] !== other.cells[i]) return false;
    return true;
  }
}

/**
 * @param {Uint32Array} old
 * @param {number} length
 * @returns {Uint32Array}
 */
export function grown(old, length) {
  const larger = new Uint32Array(length);
  larger.set(old);
  return larger;
}
