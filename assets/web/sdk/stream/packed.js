// The rows of a table at level `packed`: plain bits and Rice codes.
//
// Lists of the rows that are not as expected, then for each of these which fields are not, and by how much. The
// width of a residual follows from those before it in the chunk, from its siblings, and from what is remembered.

import { bitLength } from '../bits.js';
import { DecodeError } from '../errors.js';
import { MAX_ROWS } from '../limits.js';
import { readPlain } from '../plain.js';
import { Coding } from '../schema.js';
import { grown } from '../table.js';
import { HISTORY_WORDS } from './history.js';
import { readIndex, readMembers } from './members.js';
import { Row } from './predict.js';
import { applied, unzigzag } from './residual.js';

/** @typedef {import('../bits.js').BitReader} BitReader */
/** @typedef {import('./predict.js').Component} Component */
/** @typedef {import('./record.js').StreamTable} StreamTable */

/** Bits of an index of a quaternion's component. */
const INDEX_BITS = 2;
/** Residuals beyond it count as this large. */
const MOST = 1 << 16;

/** The rice parameters of one field of a row after the other. */
export class Widths {
  constructor() {
    /** One entry per moving field, then one per public field for held ones. @type {import('./adaptive.js').Adaptive} */
    this.adaptive = /** @type {any} */ (null);
    this.entry = 0;
    this.columns = 1;
    /** Sum, in eighths, and number of the residuals of the row's field so far, zigzagged. */
    this.sum = 0;
    this.count = 0;
  }

  /**
   * The next field of a row begins.
   * @param {number} entry
   * @param {number} columns
   */
  nextField(entry, columns) {
    this.entry = entry;
    this.columns = columns;
    this.sum = 0;
    this.count = 0;
  }

  /**
   * @param {Component} component
   * @returns {number} the Rice parameter of its residual
   */
  parameter({ field }) {
    // All in eighths of a zigzagged residual, which is about twice its size.
    const chunk = this.adaptive.meanEighths(this.entry);
    const remembered = Math.floor((Math.min(field, MOST) * 4) / this.columns);
    let expected = chunk;
    if (this.count === 0) {
      if (field > 0) expected = Math.floor((chunk + 2 * remembered) / 3);
    } else {
      const siblings = Math.floor(this.sum / this.count);
      if (field > 0) expected = Math.floor((2 * chunk + 3 * remembered + 3 * siblings) / 8);
      else expected = Math.floor((chunk + 2 * siblings) / 3);
    }
    // The best parameter for a geometric distribution of this mean: about log2(0.7 x mean).
    return bitLength(Math.floor(expected / 11));
  }

  /** @param {number} zigzag a residual of the field */
  learn(zigzag) {
    this.adaptive.learn(this.entry, zigzag);
    this.sum += Math.min(zigzag, MOST) * 8;
    this.count += 1;
  }
}

/** Some of the rows of one kind, ascending. */
class Positions {
  constructor() {
    /** @type {Uint32Array} */
    this.listed = new Uint32Array(8);
    this.count = 0;
    /** The listed ones are those that do not differ. */
    this.inverted = false;
    /** Rows of the kind met so far, and entries of the list. */
    this.met = 0;
    this.passed = 0;
  }

  clear() {
    this.count = 0;
    this.inverted = false;
    this.met = 0;
    this.passed = 0;
  }

  /** @param {number} position */
  push(position) {
    if (this.count === this.listed.length) this.listed = grown(this.listed, this.count * 2);
    this.listed[this.count] = position;
    this.count += 1;
  }

  /**
   * @param {number} rows of the kind
   * @param {BitReader} bits
   */
  read(rows, bits) {
    const count = bits.gamma();
    if (count > MAX_ROWS) throw new DecodeError(`a list of ${count} rows`);
    const k = Math.max(0, bitLength(Math.floor(rows / (count + 1))) - 1);
    for (let i = 0, next = 0; i < count; i += 1) {
      const index = readIndex(next, k, rows, bits);
      this.push(index);
      next = index + 1;
    }
  }

  /** @returns {boolean} whether the next row of the kind differs */
  meet() {
    const listed = this.passed < this.count && this.listed[this.passed] === this.met;
    if (listed) this.passed += 1;
    this.met += 1;
    return listed !== this.inverted;
  }
}

/** Reads tables; kept for its memory. */
export class PackedReader {
  constructor() {
    this.row = new Row();
    this.widths = new Widths();
    /** Which rows differ, of those that rested and of those that moved. */
    this.resting = new Positions();
    this.moving = new Positions();
    /** @type {BitReader} */
    this.source = /** @type {any} */ (null);
    /** Whether the field is not as expected. */
    this.isNews = false;
  }

  /**
   * Reads a table's way to the next snapshot.
   * @param {StreamTable} table
   * @param {BitReader} bits
   * @param {import('./record.js').Budget} budget
   */
  read(table, bits, budget) {
    this.source = bits;
    this.resting.clear();
    this.moving.clear();
    const { single } = table.layout;
    const any = bits.bit() === 1;
    if (any && !single && bits.bit() === 1) {
      readMembers(table, bits, budget);
    } else {
      budget.takeCells(table.count * table.width);
      table.stay();
    }
    if (any && single) this.#onlyRow(table);
    else if (any) this.#lists(table, bits);
    this.#rows(table, bits);
    table.advance();
  }

  /**
   * The row of a single table differs.
   * @param {StreamTable} table
   */
  #onlyRow({ count, layout }) {
    if (count === 0) throw new DecodeError(`${layout.name} differs, but this stream has no row of it`);
    this.resting.push(0);
    this.moving.push(0);
  }

  /**
   * @param {StreamTable} table
   * @param {BitReader} bits
   */
  #lists(table, bits) {
    const { row } = this;
    row.now = table.cells;
    row.last = table.last;
    let rows = 0;
    let rested = 0;
    for (let index = 0; index < table.nextCount; index += 1) {
      const old = table.oldOf(index);
      if (old < 0) continue;
      row.at = old * table.width;
      rows += 1;
      if (row.stood(0, table.width)) rested += 1;
    }
    this.resting.read(rested, bits);
    if (rows === rested) return;
    this.moving.inverted = bits.bit() === 1;
    this.moving.read(rows - rested, bits);
  }

  /**
   * @param {StreamTable} table
   * @param {BitReader} bits
   */
  #rows(table, bits) {
    const { row, widths } = this;
    const { width, nextCount } = table;
    widths.adaptive = table.codec.widths;
    widths.adaptive.start();
    table.nextHistory.fill(0, 0, nextCount * HISTORY_WORDS);
    row.enter(table);
    for (let index = 0; index < nextCount; index += 1) {
      const old = table.oldOf(index);
      if (old < 0) continue;
      row.seek(old, index, width);
      const rested = row.stood(0, width);
      const differs = rested ? this.resting.meet() : this.moving.meet();
      if (differs || !rested) this.#row(table, differs, rested, bits);
    }
  }

  /**
   * @param {StreamTable} table
   * @param {boolean} differs
   * @param {boolean} rested
   * @param {BitReader} bits
   */
  #row({ codec }, differs, rested, bits) {
    const { row, widths } = this;
    const { moving, held } = codec.motion;
    const news = codec.differs;
    if (differs) this.#mask(codec, bits);
    for (let position = 0; position < moving.length; position += 1) {
      this.isNews = differs && news[position] === 1;
      if (!this.isNews && row.isStill(moving[position], rested)) continue;
      widths.nextField(position, moving[position].columns);
      row.step(moving[position], this);
    }
    if (differs && held.length > 0 && news[moving.length] === 1) this.#held(codec, bits);
  }

  /**
   * Reads which fields of a row are not as expected: the moving ones, then one for all held ones.
   * @param {import('./layout.js').TableCodec} codec
   * @param {BitReader} bits
   */
  #mask({ motion, differs }, bits) {
    const { moving, held } = motion;
    const asBefore = bits.bit() === 1;
    for (let position = 0; position < moving.length; position += 1) {
      differs[position] = asBefore ? (this.row.surprised(moving[position]) ? 1 : 0) : bits.bit();
    }
    differs[moving.length] = !asBefore && held.length > 0 ? bits.bit() : 0;
  }

  /**
   * Reads which held fields changed, and what they are.
   * @param {import('./layout.js').TableCodec} codec
   * @param {BitReader} bits
   */
  #held({ motion, layout, differs }, bits) {
    const { held, moving } = motion;
    for (let i = 0; i < held.length; i += 1) differs[i] = held.length > 1 ? bits.bit() : 1;
    for (let i = 0; i < held.length; i += 1) {
      if (differs[i] === 1) this.#heldField(layout.publicFields[held[i]], moving.length + held[i], bits);
    }
  }

  /**
   * @param {import('../schema.js').Field} field
   * @param {number} entry
   * @param {BitReader} bits
   */
  #heldField({ coding, shape, offset }, entry, bits) {
    const { next, to } = this.row;
    const { adaptive } = this.widths;
    if (coding === Coding.FLIP) {
      next[to + offset] ^= 1;
    } else if (coding === Coding.COUNT) {
      const zigzag = bits.rice(adaptive.k(entry));
      adaptive.learn(entry, zigzag);
      const { max } = /** @type {import('../shape.js').IntShape} */ (shape);
      next[to + offset] = applied(next[to + offset], unzigzag(zigzag), max, false);
    } else {
      readPlain(shape, bits, next, to + offset);
    }
  }

  /**
   * Reads, or takes as expected, a component of the field.
   * @param {Component} component
   * @param {number} _actual
   * @returns {number}
   */
  component(component, _actual) {
    const rounded = component.rounded();
    if (!this.isNews) return rounded;
    const zigzag = this.source.rice(this.widths.parameter(component));
    this.widths.learn(zigzag);
    return applied(rounded, unzigzag(zigzag), component.max, component.wraps);
  }

  /**
   * @param {number} expected
   * @param {boolean} _sure
   * @param {number} _actual
   * @returns {number}
   */
  largest(expected, _sure, _actual) {
    return this.isNews && this.source.bit() === 1 ? this.source.bits(INDEX_BITS) : expected;
  }
}
