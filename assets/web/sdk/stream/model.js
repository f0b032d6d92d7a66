// What the range coder expects: the decisions of a row, each with its probability.
//
// A residual is read as zero or not, sign, length in bits, bits. How large it may become is estimated from
// everything both sides know (a weighted sum of logarithms); the estimate is the context of most decisions.

import { DecodeError } from '../errors.js';
import { sizeOf } from './history.js';
import { CLASSES } from './motion.js';
import { toU32 } from './rounding.js';

/** @typedef {import('./predict.js').Component} Component */

/** What every prior starts with: `TWP1`. */
const MAGIC = [0x54, 0x57, 0x50, 0x31];
/** Levels of the estimated size of a residual, four to an octave, from 1/4 on. */
const LEVELS = 40;
/** Quantities that an estimate rests on, its constants included. */
const FEATURES = 12;
/** Positions of the unary length that have a probability of their own. */
const LENGTHS = 14;
/** Lengths whose first bits have probabilities of their own. */
const SIZES = 16;
/** Contexts of the sign. */
const SIGNS = 8 * 3 * 5;
/** Groups of levels for the highest bit. */
const GROUPS = LEVELS / 8;

/** Slots of one class, in this order. */
const ZERO = 0;
const SIGN = ZERO + LEVELS * 4;
const LENGTH = SIGN + SIGNS;
const TOP = LENGTH + LEVELS * LENGTHS;
const SECOND = TOP + SIZES * GROUPS;
const WAKES = SECOND + SIZES * 2;
const CLASS_SLOTS = WAKES + 2 * 3;

/** Slots that are not of a class, behind those of all classes. */
const ROW_RESTS = CLASS_SLOTS * CLASSES;
const ROW_MOVES = ROW_RESTS + 4;
const HELD = ROW_MOVES + 16;
const DIFFERS = HELD + 4;
const LARGEST = DIFFERS + 2;
/** Whether rows left or entered a table. */
export const MEMBERS = LARGEST + 2;
/** Whether anything happens in a table that rested. */
export const STIRS = MEMBERS + 1;
/** All slots. */
const SLOTS = STIRS + 1;

/** Probabilities that the slots of a prior choose from. */
const PALETTE = 256;
/** Where the parts of a prior begin, and its size. */
const WEIGHTS_AT = MAGIC.length;
const PALETTE_AT = WEIGHTS_AT + CLASSES * 2 * FEATURES * 2;
const SLOTS_AT = PALETTE_AT + PALETTE * 2;
const PRIOR_BYTES = SLOTS_AT + SLOTS;

/** The lowest probability of either value: no decision costs more than 11 bits, and none is free. */
const LEAST = 32;
const MOST = 65536 - LEAST;

/** What one residual adds to the sizes coded in a row at most: one wild row must not drown the others. */
const MOST_CODED = 160;

/**
 * Moves a probability by 1/2^rate of the way to what was decided.
 * @param {number} p
 * @param {boolean} one
 * @param {number} rate
 * @returns {number} within its bounds
 */
export function adapted(p, one, rate) {
  if (one) {
    const higher = p + ((65536 - p) >> rate);
    return higher > MOST ? MOST : higher;
  }
  const lower = p - (p >> rate);
  return lower < LEAST ? LEAST : lower;
}

/**
 * @param {number} quarters a size in quarters of a step
 * @returns {number} its logarithm, in 1/16 octaves
 */
export function log16(quarters) {
  const value = quarters < 0xfffffffc ? quarters + 3 : 0xffffffff;
  const octave = 31 - Math.clz32(value);
  const part = octave >= 4 ? value >>> (octave - 4) : value << (4 - octave);
  return octave * 16 + (part & 15);
}

/** Sizes of the residuals read so far in a row, in quarters of a step. */
export class Coded {
  constructor() {
    /** Of this field. */
    this.field = 0;
    /** Of the fields before it. */
    this.row = 0;
  }

  clear() {
    this.field = 0;
    this.row = 0;
  }

  /** @param {number} residual that has been read */
  add(residual) {
    const size = Math.abs(residual) * 4;
    this.field += size < MOST_CODED ? size : MOST_CODED;
  }

  /** The next field begins. */
  nextField() {
    this.row += this.field;
    this.field = 0;
  }
}

/** The numbers of a prior. */
export class Model {
  /** @param {Uint8Array} bytes of a prior */
  constructor(bytes) {
    if (bytes.length !== PRIOR_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) {
      throw new DecodeError(`${bytes.length} bytes are no prior, which has ${PRIOR_BYTES} and starts with TWP1`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    /** Per class: of the first component, of the others; in 1/64. */
    this.weights = Int32Array.from({ length: CLASSES * 2 * FEATURES }, (_, i) => view.getInt16(WEIGHTS_AT + i * 2, true));
    const palette = Uint16Array.from({ length: PALETTE }, (_, i) => {
      return Math.max(LEAST, Math.min(MOST, view.getUint16(PALETTE_AT + i * 2, true)));
    });
    /** The probability of each slot at the start of a chunk. */
    this.slots = Uint16Array.from({ length: SLOTS }, (_, i) => palette[bytes[SLOTS_AT + i]]);
  }

  /**
   * @param {Component} c
   * @param {Coded} coded the sizes read before it
   * @returns {number} the level of its estimated size
   */
  level(c, coded) {
    const { weights } = this;
    const at = (c.class * 2 + (c.index > 0 ? 1 : 0)) * FEATURES;
    const siblings = c.index > 1 ? coded.field >> 1 : coded.field;
    const sum =
      64 * weights[at] +
      (c.index > 1 ? 64 : 0) * weights[at + 1] +
      log16(sizeOf(c.own)) * weights[at + 2] +
      log16(c.field) * weights[at + 3] +
      log16(c.pace) * weights[at + 4] +
      log16(siblings) * weights[at + 5] +
      log16(coded.row) * weights[at + 6] +
      log16(toU32(Math.abs(c.otherwise - c.expected) * 4)) * weights[at + 7] +
      log16(c.aside) * weights[at + 8] +
      log16(c.apart) * weights[at + 9] +
      log16(c.around) * weights[at + 10] +
      log16(c.speed) * weights[at + 11];
    // 1/64 of 1/16 octaves to 1/4 octaves.
    const level = sum >> 8;
    return level < 0 ? 0 : level < LEVELS ? level : LEVELS - 1;
  }
}

/**
 * The first slot of a class, and of its zeros, lengths and highest bits at a level.
 * @param {Component} c whose `offset` is known
 * @param {number} level
 * @returns {number} whether the residual is not zero
 */
export function zeroSlot(c, level) {
  const fold = Math.min(toU32(Math.abs(c.offset) * 8), 3);
  return c.class * CLASS_SLOTS + ZERO + level * 4 + fold;
}

/**
 * @param {Component} c whose `offset` is known
 * @returns {number} whether the residual is negative
 */
export function signSlot(c) {
  const eighth = Math.min(toU32((c.offset + 0.5) * 8), 7);
  const spread = c.otherwise - c.expected;
  const side = (spread > -0.25 ? 1 : 0) + (spread > 0.25 ? 1 : 0);
  const own = Math.max(-2, Math.min(2, c.own)) + 2;
  return c.class * CLASS_SLOTS + SIGN + (eighth * 3 + side) * 5 + own;
}

/**
 * @param {Component} c
 * @param {number} level
 * @param {number} length from 1 on
 * @returns {number} whether the magnitude has more than `length` bits
 */
export function longerSlot(c, level, length) {
  return c.class * CLASS_SLOTS + LENGTH + level * LENGTHS + (length < LENGTHS ? length - 1 : LENGTHS - 1);
}

/**
 * @param {Component} c
 * @param {number} level
 * @param {number} length
 * @returns {number} the bit below the highest of a magnitude of `length` bits
 */
export function topSlot(c, level, length) {
  return c.class * CLASS_SLOTS + TOP + (length < SIZES ? length : SIZES - 1) * GROUPS + (level >> 3);
}

/**
 * @param {Component} c
 * @param {number} length
 * @param {number} top the bit above
 * @returns {number} the bit below that one
 */
export function secondSlot(c, length, top) {
  return c.class * CLASS_SLOTS + SECOND + (length < SIZES ? length : SIZES - 1) * 2 + top;
}

/**
 * @param {boolean} stirs whether it has only just come to rest
 * @param {boolean} follows whether the row before it moved
 * @returns {number} whether a row that rested moves
 */
export function rowRestsSlot(stirs, follows) {
  return ROW_RESTS + (stirs ? 2 : 0) + (follows ? 1 : 0);
}

/**
 * @param {boolean} calm whether nothing is remembered of it
 * @param {number} speed
 * @returns {number} whether a row that moved goes on
 */
export function rowMovesSlot(calm, speed) {
  const octaves = (log16(speed) >> 4) - 2;
  return ROW_MOVES + (calm ? 8 : 0) + (octaves < 0 ? 0 : octaves < 7 ? octaves : 7);
}

/**
 * @param {number} of class
 * @param {boolean} rested whether its row rested
 * @param {number} before fields of the row that have moved
 * @returns {number} whether a field that lay still moves
 */
export function wakesSlot(of, rested, before) {
  return of * CLASS_SLOTS + WAKES + (rested ? 3 : 0) + (before < 2 ? before : 2);
}

/**
 * @param {boolean} rested
 * @param {boolean} moved
 * @returns {number} whether any held field of a row changes
 */
export function heldSlot(rested, moved) {
  return HELD + (rested ? 2 : 0) + (moved ? 1 : 0);
}

/**
 * @param {boolean} changed whether it did with the last snapshot
 * @returns {number} whether one of them does
 */
export function differsSlot(changed) {
  return DIFFERS + (changed ? 1 : 0);
}

/**
 * @param {boolean} sure
 * @returns {number} whether another component of a quaternion is the largest than expected
 */
export function largestSlot(sure) {
  return LARGEST + (sure ? 1 : 0);
}
