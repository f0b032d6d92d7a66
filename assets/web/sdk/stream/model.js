// What the range coder expects: the decisions of a row, each with its probability.
//
// A residual is read as zero or not, sign, length in bits, bits. How large it may become is estimated from
// everything both sides know (a weighted sum of logarithms); the estimate is the context of most decisions.

import { DecodeError } from '../errors.js';
import { INPUTS, MIXES, OTHER_SLOTS } from './contexts.js';
import { sizeOf } from './history.js';
import { CLASSES } from './motion.js';
import { probability } from './range.js';
import { log16, toU32 } from './rounding.js';
import { LEVELS, SLOTS } from './slots.js';

/** @typedef {import('./predict.js').Component} Component */

/** What every prior starts with: `TWP1`. */
const MAGIC = [0x54, 0x57, 0x50, 0x31];
/** Quantities that an estimate rests on, its constants included. */
const FEATURES = 12;
/** Probabilities that the slots of a prior choose from. */
const PALETTE = 256;
/** Where the parts of a prior begin, and its size. */
const WEIGHTS_AT = MAGIC.length;
const PALETTE_AT = WEIGHTS_AT + CLASSES * 2 * FEATURES * 2;
const SLOTS_AT = PALETTE_AT + PALETTE * 2;
const OTHERS_AT = SLOTS_AT + SLOTS;
const MIXES_AT = OTHERS_AT + OTHER_SLOTS;
const PRIOR_BYTES = MIXES_AT + MIXES * INPUTS * 2;
/** Bits by which a prior's weights of mixes are coarser. */
const MIX_SHIFT = 6;

/** What one residual adds to the sizes coded in a row at most: one wild row must not drown the others. */
const MOST_CODED = 160;

/** Sizes of the residuals read so far in a row, in quarters of a step. */
export class Coded {
  constructor() {
    /** Of this field. */
    this.field = 0;
    /** Of the fields before it. */
    this.row = 0;
    /** The residual read last. */
    this.before = 0;
  }

  clear() {
    this.field = 0;
    this.row = 0;
    this.before = 0;
  }

  /** @param {number} residual that has been read */
  add(residual) {
    const size = Math.abs(residual) * 4;
    this.field += size < MOST_CODED ? size : MOST_CODED;
    this.before = residual;
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
    const palette = Uint16Array.from({ length: PALETTE }, (_, i) => probability(view.getUint16(PALETTE_AT + i * 2, true)));
    const slots = (/** @type {number} */ at, /** @type {number} */ count) => Uint16Array.from({ length: count }, (_, i) => palette[bytes[at + i]]);
    /** The probability of each slot at the start of a chunk. */
    this.slots = slots(SLOTS_AT, SLOTS);
    /** The same for the other contexts of level `ranged-max`. */
    this.others = slots(OTHERS_AT, OTHER_SLOTS);
    /** The weights of each mix at the start of a chunk. */
    this.mixes = Int32Array.from({ length: MIXES * INPUTS }, (_, i) => view.getInt16(MIXES_AT + i * 2, true) << MIX_SHIFT);
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
