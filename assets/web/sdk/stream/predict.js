// Where a row goes next: the steps by which every moving field is predicted, read and remembered.
//
// A step walks the components of one field. For each it tells a coder what it expects, and goes on with what
// the component really is. Only + - * /, sqrt and floor, so that every implementation computes the same bits.

import { HISTORY_WORDS, Track } from './history.js';
import { Kind } from './motion.js';
import { angle } from './predict/angle.js';
import { carried } from './predict/carried.js';
import { line } from './predict/line.js';
import { steered } from './predict/steered.js';
import { turn } from './predict/turn.js';
import { toU32 } from './rounding.js';

/** @typedef {import('./motion.js').Moving} Moving */

/** What is expected of one component, and by what its uncertainty may be judged. Sizes are in quarters of a step. */
export class Component {
  constructor() {
    /** What its field's numbers are like. */
    this.class = 0;
    /** Which component of its field, in the order of coding. */
    this.index = 0;
    /** Where it is expected, in raw steps. */
    this.expected = 0.5;
    /** Where it would be by the other way of predicting. */
    this.otherwise = 0.5;
    /** Highest valid value. */
    this.max = 0;
    /** Whether values wrap around at `max + 1`. */
    this.wraps = false;
    /** The residual remembered of this component. */
    this.own = 0;
    /** Sizes of the residuals remembered of the field. */
    this.field = 0;
    /** How far it went with the last snapshot. */
    this.pace = 0;
    /** How far the field went. */
    this.speed = 0;
    /** What only this kind of field has: how far a turning vector reaches to the side. */
    this.aside = 0;
    /** How far the row is from moving as its neighbours do. */
    this.apart = 0;
    /** Sizes of the residuals of its neighbours. */
    this.around = 0;
    /** How far above the rounded value the expectation lies, in steps; set by `rounded`. */
    this.offset = 0.5;
  }

  /** @returns {number} the valid value nearest to what is expected */
  rounded() {
    const { expected, max } = this;
    const whole = Math.floor(expected + 0.5);
    this.offset = expected - whole;
    if (this.wraps) {
      const turns = max + 1;
      return toU32(whole - Math.floor(whole / turns) * turns);
    }
    return whole > 0 ? (whole < max ? whole : max) : 0;
  }
}

/**
 * Whoever codes the components of a row.
 * @typedef {object} Coder
 * @property {(component: Component, actual: number) => number} component takes what is expected of a component
 *   and, from an encoder, what it is; returns what it is
 * @property {(expected: number, sure: boolean, actual: number) => number} largest the same for the index of a
 *   quaternion's largest component
 */

/** @type {Uint32Array} */
const NOTHING = new Uint32Array(0);

/** A row on its way from one snapshot to the next, and what the steps need; one for all rows. */
export class Row {
  constructor() {
    /** Its columns at the base, from `at` on, and one snapshot earlier. */
    this.now = NOTHING;
    this.last = NOTHING;
    this.at = 0;
    /** What is remembered of it, from `remembered` on. */
    this.history = NOTHING;
    this.remembered = 0;
    /** Its columns to come, from `to` on: those of fields read before are there already. */
    this.next = NOTHING;
    this.to = 0;
    /** What is to be remembered, from `remember` on; zero before the first step. */
    this.nextHistory = NOTHING;
    this.remember = 0;
    /** Ticks in which rates have moved it. */
    this.ticks = 1;
    /** What the neighbours say, for rigid bodies. @type {import('./neighbours.js').Guess | null} */
    this.guess = null;
    this.component = new Component();
    this.track = new Track();
    /** How far each component came out beyond its line. */
    this.beyond = new Float64Array(3);
  }

  /**
   * The rows of a table that is being read come next.
   * @param {import('./record.js').StreamTable} table
   */
  enter(table) {
    this.now = table.cells;
    this.last = table.last;
    this.history = table.history;
    this.next = table.nextCells;
    this.nextHistory = table.nextHistory;
    this.guess = null;
  }

  /**
   * @param {number} old index of the row at the base
   * @param {number} index of the row to come
   * @param {number} width
   */
  seek(old, index, width) {
    this.at = old * width;
    this.remembered = old * HISTORY_WORDS;
    this.to = index * width;
    this.remember = index * HISTORY_WORDS;
  }

  /**
   * @param {number} column
   * @returns {number} how far it went with the last snapshot
   */
  went(column) {
    return this.now[this.at + column] - this.last[this.at + column];
  }

  /**
   * @param {Moving} moving
   * @returns {number} the bits of its slot
   */
  bits({ slot }) {
    return (this.history[this.remembered + slot.word] >>> slot.shift) & slot.mask;
  }

  /** @returns {boolean} whether nothing is remembered of it */
  isForgotten() {
    return (this.history[this.remembered] | this.history[this.remembered + 1]) === 0;
  }

  /**
   * @param {number} offset first column
   * @param {number} columns
   * @returns {boolean} whether these columns are at the base as they were before
   */
  stood(offset, columns) {
    const { now, last } = this;
    const from = this.at + offset;
    for (let i = from; i < from + columns; i += 1) if (now[i] !== last[i]) return false;
    return true;
  }

  /**
   * @param {Moving} moving
   * @param {boolean} rests whether the whole row rests
   * @returns {boolean} whether the field lies still: then it is expected to go on doing so, whatever its kind
   */
  isStill(moving, rests) {
    if (rests) return true;
    return moving.kind !== Kind.CARRIED && this.stood(moving.offset, moving.columns) && this.bits(moving) === 0;
  }

  /**
   * @param {Moving} moving
   * @returns {boolean} whether its last value was a surprise
   */
  surprised(moving) {
    const bits = this.bits(moving);
    switch (moving.kind) {
      case Kind.LINE:
        this.track.read(bits, moving.columns);
        return this.track.isRough();
      case Kind.TURN:
        this.track.read(bits, 3);
        return this.track.isRough();
      case Kind.CARRIED:
        return false;
      default:
        return (bits & 15) !== 0;
    }
  }

  /**
   * Moves a field: its columns of `next`, and its part of the next history.
   * @param {Moving} moving
   * @param {Coder} coder
   */
  step(moving, coder) {
    const { slot } = moving;
    this.nextHistory[this.remember + slot.word] |= (this.#step(moving, coder) & slot.mask) << slot.shift;
  }

  /**
   * @param {Moving} moving
   * @param {Coder} coder
   * @returns {number} the bits to be remembered
   */
  #step(moving, coder) {
    switch (moving.kind) {
      case Kind.LINE:
        return line(this, moving, coder);
      case Kind.CARRIED:
        return carried(this, moving, coder);
      case Kind.STEERED:
        return steered(this, moving, coder);
      case Kind.ANGLE:
        return angle(this, moving, coder);
      default:
        return turn(this, moving, coder);
    }
  }
}
