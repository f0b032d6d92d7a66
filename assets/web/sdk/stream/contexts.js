// What else a residual's decisions depend on at level `ranged-max`: four more contexts beside the slot, for its
// size and for its sign, and the weights by which their probabilities are mixed.

import { sizeOf } from './history.js';
import { CLASSES } from './motion.js';
import { FAR } from './neighbours.js';
import { log16, toU32 } from './rounding.js';
import { GROUPS, LEVELS } from './slots.js';

/** Contexts of a decision beside its slot. */
export const OTHERS = 4;
/** Probabilities that are mixed for one decision: the slot of level `ranged`, then the others. */
export const INPUTS = 1 + OTHERS;
/** Values of each of the others. */
const VALUES = (LEVELS / 2) * 8;
/** Positions of the unary length that are mixed, the last one for all further. */
const LENGTHS = 4;
/** Kinds of decisions that are mixed. */
export const ZERO = 0;
export const SIGN = 1;
export const LONGER = 2;
const KINDS = LONGER + LENGTHS;
/** Slots of those contexts. */
export const OTHER_SLOTS = CLASSES * OTHERS * VALUES * KINDS;
/** Sets of weights by which they are mixed. */
export const MIXES = CLASSES * KINDS * GROUPS;

/** The other contexts of one residual's decisions; one for all residuals. */
export class Mixes {
  constructor() {
    /** Kinds of the classes before. */
    this.kinds = 0;
    /** Eighth of the level. */
    this.group = 0;
    /** Values of the contexts: of the size, then of the sign. */
    this.values = new Int32Array(2 * OTHERS);
  }

  /**
   * @param {import('./predict.js').Component} c whose `offset` is known
   * @param {number} level
   * @param {number} siblings sizes of the residuals of its field so far
   * @param {number} before the residual read before in the row
   */
  start(c, level, siblings, before) {
    const { values } = this;
    this.kinds = c.class * KINDS;
    this.group = level >> 3;
    const spread = c.otherwise - c.expected;
    const spreadSize = octave(toU32(Math.abs(spread) * 4));
    const pair = (level >> 1) * 8;
    values[0] = pair + octave(sizeOf(c.own));
    values[1] = pair + (c.apart < FAR ? octave(c.apart) : spreadSize);
    values[2] = pair + octave(siblings);
    values[3] = toU32(Math.max(-7, Math.min(7, spread * 2)) + 7.5) * 10 + (level >> 2);
    const eighth = Math.min(toU32((c.offset + 0.5) * 8), 7);
    const side = (spread > -0.25 ? 1 : 0) + (spread > 0.25 ? 1 : 0);
    values[4] = (c.own > -7 ? c.own + 7 : 0) * 4 + side;
    values[5] = side * 8 + spreadSize + (c.index > 0 ? 24 : 0);
    values[6] = eighth * 8 + Math.floor(level / 5);
    values[7] = (Math.sign(before) + 1) * 16 + (Math.sign(c.own) + 1) * 4 + (c.index < 2 ? c.index : 2);
  }

  /**
   * @param {number} kind of decision, of lengths one for each
   * @returns {number} its kind among those of all classes
   */
  kind(kind) {
    return this.kinds + (kind < KINDS ? kind : KINDS - 1);
  }

  /**
   * @param {number} kind among those of all classes
   * @returns {number} its set of weights
   */
  set(kind) {
    return kind * GROUPS + this.group;
  }

  /**
   * @param {number} kind among those of all classes
   * @param {number} first of the values: those of the size, or those of the sign
   * @param {number} other which context
   * @returns {number} its slot among the others
   */
  slot(kind, first, other) {
    return (kind * OTHERS + other) * VALUES + this.values[first + other];
  }
}

/**
 * @param {number} size in quarters of a step
 * @returns {number} octaves, from below one step on
 */
function octave(size) {
  const octaves = (log16(size) >> 4) - 1;
  return octaves < 7 ? octaves : 7;
}
