// What a decoder holds of one table of a stream, and what a snapshot makes of it.

import { DecodeError } from '../errors.js';
import { MAX_CELLS, MAX_ROWS } from '../limits.js';
import { Table, grown } from '../table.js';
import { HISTORY_WORDS } from './history.js';

/** Of a row that was not there before. */
const ENTERED = 0xffffffff;

/** Cells that a state may still take. */
export class Budget {
  constructor() {
    this.left = MAX_CELLS;
  }

  /**
   * Accounts for one more row.
   * @param {number} rows that the table has already
   * @param {number} width
   */
  takeRow(rows, width) {
    this.takeCells(width);
    if (rows >= MAX_ROWS) throw new DecodeError(`a table has more than ${MAX_ROWS} rows`);
  }

  /** @param {number} cells */
  takeCells(cells) {
    this.left -= cells;
    if (this.left < 0) throw new DecodeError(`a state has more than ${MAX_CELLS} cells`);
  }
}

/**
 * The rows of a table at the newest snapshot (`ids`, `cells`), with all that the next delta may read of them:
 * their cells at the snapshot before (of a row that has just entered, as now), and their history. Beside it the
 * snapshot to come, while it is being read.
 */
export class StreamTable extends Table {
  /** @param {import('./layout.js').TableCodec} codec */
  constructor(codec) {
    super(codec.layout.width);
    this.codec = codec;
    this.layout = codec.layout;
    const rows = this.ids.length;
    /** @type {Uint32Array} */
    this.last = new Uint32Array(this.cells.length);
    /** @type {Uint32Array} */
    this.history = new Uint32Array(rows * HISTORY_WORDS);
    /** Whether the same rows are there before and after; then `nextIds` and `old` mean nothing. */
    this.sameRows = true;
    this.nextCount = 0;
    /** @type {Uint32Array} */
    this.nextIds = new Uint32Array(rows);
    /** @type {Uint32Array} */
    this.nextCells = new Uint32Array(this.cells.length);
    /** @type {Uint32Array} */
    this.nextHistory = new Uint32Array(rows * HISTORY_WORDS);
    /** Per new row its index in the old order. @type {Uint32Array} */
    this.old = new Uint32Array(rows);
    /** Indices of rows that left. @type {Uint32Array} */
    this.left = new Uint32Array(rows);
    /** Rows that enter. */
    this.entered = new Table(codec.layout.width);
  }

  /** @param {number} rows */
  reserve(rows) {
    if (rows <= this.ids.length) return;
    super.reserve(rows);
    const capacity = this.ids.length;
    const cells = this.cells.length;
    this.last = grown(this.last, cells);
    this.nextCells = grown(this.nextCells, cells);
    this.history = grown(this.history, capacity * HISTORY_WORDS);
    this.nextHistory = grown(this.nextHistory, capacity * HISTORY_WORDS);
    this.nextIds = grown(this.nextIds, capacity);
    this.old = grown(this.old, capacity);
    this.left = grown(this.left, capacity);
  }

  /** @returns {boolean} whether nothing moves in it */
  rests() {
    const { cells, last, history, count, width } = this;
    for (let i = 0; i < count * width; i += 1) if (cells[i] !== last[i]) return false;
    for (let i = 0; i < count * HISTORY_WORDS; i += 1) if (history[i] !== 0) return false;
    return true;
  }

  /** Starts a change in which the same rows stay, as they are. */
  stay() {
    this.sameRows = true;
    this.nextCount = this.count;
    this.nextCells.set(this.cells.subarray(0, this.count * this.width));
  }

  /** Starts a change in which rows come and go. */
  startChange() {
    this.sameRows = false;
    this.nextCount = 0;
    this.entered.count = 0;
  }

  /**
   * A row that stays follows in the new order.
   * @param {number} index in the old order
   */
  stays(index) {
    this.#follows(this.ids[index], index, this.cells, index * this.width);
  }

  /**
   * A row that enters follows in the new order.
   * @param {number} index among the entered
   */
  enters(index) {
    this.#follows(this.entered.ids[index], ENTERED, this.entered.cells, index * this.width);
  }

  /**
   * @param {number} id
   * @param {number} old
   * @param {Uint32Array} cells
   * @param {number} at
   */
  #follows(id, old, cells, at) {
    const next = this.nextCount;
    this.reserve(next + 1);
    this.nextIds[next] = id;
    this.old[next] = old;
    const { nextCells, width } = this;
    for (let i = 0, to = next * width; i < width; i += 1) nextCells[to + i] = cells[at + i];
    this.nextCount = next + 1;
  }

  /**
   * @param {number} index of a new row
   * @returns {number} its index in the old order, or -1 when it has entered
   */
  oldOf(index) {
    if (this.sameRows) return index;
    const old = this.old[index];
    return old === ENTERED ? -1 : old;
  }

  /** The change has been read: its state becomes the newest, and what was so the one before. */
  advance() {
    const { cells, last, nextCells, width } = this;
    if (this.sameRows) {
      this.last = cells;
      this.nextCells = last;
    } else {
      for (let row = 0, to = 0; row < this.nextCount; row += 1) {
        const old = this.oldOf(row);
        const from = old < 0 ? nextCells : cells;
        const at = (old < 0 ? row : old) * width;
        for (let i = 0; i < width; i += 1, to += 1) last[to] = from[at + i];
      }
      this.nextCells = cells;
    }
    this.cells = nextCells;
    this.#adoptRows();
    const { history } = this;
    this.history = this.nextHistory;
    this.nextHistory = history;
  }

  /** The new rows become the newest state; what is held beside them is to be filled anew. */
  adopt() {
    const { cells } = this;
    this.cells = this.nextCells;
    this.nextCells = cells;
    this.#adoptRows();
  }

  #adoptRows() {
    this.count = this.nextCount;
    if (this.sameRows) return;
    const { ids } = this;
    this.ids = this.nextIds;
    this.nextIds = ids;
  }

  /**
   * Lets rows rest: before they were as they are, and nothing is remembered.
   * @param {number} from
   * @param {number} to exclusive
   */
  rest(from, to) {
    const { cells, last, history, width } = this;
    for (let i = from * width; i < to * width; i += 1) last[i] = cells[i];
    history.fill(0, from * HISTORY_WORDS, to * HISTORY_WORDS);
  }
}
