// What a record remembers of a row beside its two last states: two words of 32 bits. A field that predicts
// gets a slot of one of them. All bits are zero for a row that has just entered or rests.

import { nearest } from './rounding.js';

/** Words of a row's history. */
export const HISTORY_WORDS = 2;
/** Bits of a remembered residual. */
export const RESIDUAL_BITS = 4;
/** Bits of a lean: which of two candidates has been the better one lately. */
export const LEAN_BITS = 2;
/** Bits of a fraction of a step that a track carries, and of a fraction of its pace. */
const OFFSET_BITS = 2;
const DRIFT_BITS = 4;
/** Parts of a step in which both are carried. */
const OFFSET_PARTS = 4;
const DRIFT_PARTS = 8;
/** Shares of an error that enter the place and the pace. */
const ALPHA = 0.4;
const BETA = 0.15;
/** Errors above it, in steps, are no rounding: the track is rough, and starts over. */
const SMOOTH = 1.5;

/**
 * Where a field's part of the history lies.
 * @typedef {object} Slot
 * @property {number} word
 * @property {number} shift
 * @property {number} mask 0 when the words were full: then the slot reads as zero and keeps nothing
 */

/**
 * Takes bits from the first word that has them left.
 * @param {number[]} used bits of each word; changed
 * @param {number} bits
 * @returns {Slot}
 */
export function takeSlot(used, bits) {
  const word = used.findIndex((taken) => taken + bits <= 32);
  if (word < 0) return { word: 0, shift: 0, mask: 0 };
  const shift = used[word];
  used[word] += bits;
  return { word, shift, mask: 2 ** bits - 1 };
}

/**
 * @param {number} components
 * @returns {number} bits of a track of so many components
 */
export function trackBits(components) {
  return 1 + components * (OFFSET_BITS + DRIFT_BITS);
}

/**
 * @param {number} bits
 * @param {number} at
 * @param {number} n
 * @returns {number} n bits as two's complement
 */
export function signed(bits, at, n) {
  return ((bits >>> at) << (32 - n)) >> (32 - n);
}

/**
 * A residual, coarsely.
 * @param {number} residual
 * @returns {number} -7..7
 */
export function coarse(residual) {
  const away = Math.abs(residual);
  const size = away <= 3 ? away : away <= 5 ? 4 : away <= 10 ? 5 : away <= 24 ? 6 : 7;
  return residual < 0 ? -size : size;
}

/** Quarters of a step that a remembered residual of size 0..7 stands for; -8, which may arrive, counts as -7. */
const SIZES = Uint8Array.of(0, 4, 8, 12, 18, 30, 60, 120, 120);

/**
 * @param {number} remembered
 * @returns {number} the size, in quarters of a step, that it stands for
 */
export function sizeOf(remembered) {
  return SIZES[Math.abs(remembered)];
}

/**
 * @param {number} remembered
 * @returns {number} the residual, in steps, that it stands for
 */
export function valueOf(remembered) {
  const size = sizeOf(remembered) / 4;
  return remembered < 0 ? -size : size;
}

/**
 * Moves a two-bit counter (0, 1: the first candidate; 2, 3: the second) towards the one that came closer.
 * @param {number} counter
 * @param {number} first
 * @param {number} second
 * @returns {number}
 */
export function lean(counter, first, second) {
  if (second < first) return counter < 3 ? counter + 1 : 3;
  if (first < second) return counter > 0 ? counter - 1 : 0;
  return counter;
}

/**
 * How the components of a field have moved lately. As long as it moves smoothly, what rounding has cut off
 * place and pace is carried along; else the last residuals are remembered, coarsely.
 */
export class Track {
  constructor() {
    this.smooth = false;
    /** Smooth: offsets of the place in their parts; else the last residuals. */
    this.first = new Int32Array(3);
    /** Smooth: drifts of the pace in their parts; else 0. */
    this.second = new Int32Array(3);
    /** How far each component came out from where it was expected. */
    this.errors = new Float64Array(3);
  }

  /** Remembers nothing. */
  clear() {
    this.smooth = false;
    this.first.fill(0);
    this.second.fill(0);
  }

  /**
   * @param {number} bits a slot's
   * @param {number} components
   */
  read(bits, components) {
    const { first, second } = this;
    this.smooth = (bits & 1) === 1;
    for (let i = 0, at = 1; i < 3; i += 1) {
      first[i] = 0;
      second[i] = 0;
      if (i >= components) continue;
      if (this.smooth) {
        first[i] = signed(bits, at, OFFSET_BITS);
        second[i] = signed(bits, at + OFFSET_BITS, DRIFT_BITS);
        at += OFFSET_BITS + DRIFT_BITS;
      } else {
        first[i] = signed(bits, at, RESIDUAL_BITS);
        at += RESIDUAL_BITS;
      }
    }
  }

  /**
   * @param {number} components
   * @returns {number} its bits
   */
  write(components) {
    if (!this.smooth) {
      let bits = 0;
      for (let i = 0; i < components; i += 1) bits |= (this.first[i] & 15) << (1 + i * RESIDUAL_BITS);
      return bits;
    }
    let bits = 1;
    for (let i = 0; i < components; i += 1) {
      bits |= ((this.first[i] & 3) | ((this.second[i] & 15) << OFFSET_BITS)) << (1 + i * (OFFSET_BITS + DRIFT_BITS));
    }
    return bits;
  }

  /**
   * @param {number} components
   * @returns {number} how many bits they are
   */
  length(components) {
    return 1 + components * (this.smooth ? OFFSET_BITS + DRIFT_BITS : RESIDUAL_BITS);
  }

  /**
   * @param {number} index
   * @returns {number} how far a component will be from where its line leads, in steps
   */
  ahead(index) {
    return this.smooth ? this.first[index] / OFFSET_PARTS + this.second[index] / DRIFT_PARTS : 0;
  }

  /**
   * @param {number} index
   * @returns {number} the last residual of a component, coarsely; 0 of a smooth one
   */
  residual(index) {
    return this.smooth ? 0 : this.first[index];
  }

  /**
   * @param {number} components
   * @returns {number} sizes of the last residuals; of a smooth track, those of rounding
   */
  size(components) {
    if (this.smooth) return components;
    let size = 0;
    for (let i = 0; i < components; i += 1) size += sizeOf(this.first[i]);
    return size;
  }

  /** @returns {boolean} whether anything but rounding happened last */
  isRough() {
    return !this.smooth && (this.first[0] | this.first[1] | this.first[2]) !== 0;
  }

  /**
   * Goes on after a step in which each component came out so far beyond its line.
   * @param {Float64Array} beyond
   * @param {number} components
   */
  follow(beyond, components) {
    const { first, second, smooth: was, errors } = this;
    let smooth = true;
    for (let i = 0; i < components; i += 1) {
      errors[i] = beyond[i] - this.ahead(i);
      if (!(Math.abs(errors[i]) <= SMOOTH)) smooth = false;
    }
    for (let i = 0; i < components; i += 1) {
      if (!smooth) {
        first[i] = coarse(nearest(beyond[i]));
        second[i] = 0;
        continue;
      }
      const offset = was ? first[i] / OFFSET_PARTS : 0;
      const drift = was ? second[i] / DRIFT_PARTS : 0;
      // Seen from where the component came out, and from the way it went.
      first[i] = partOf(offset + drift + ALPHA * errors[i] - beyond[i], OFFSET_PARTS, OFFSET_BITS);
      second[i] = partOf(drift + BETA * errors[i] - beyond[i], DRIFT_PARTS, DRIFT_BITS);
    }
    this.smooth = smooth;
  }
}

/**
 * @param {number} value
 * @param {number} parts
 * @param {number} bits
 * @returns {number} a fraction in parts, as far as its bits reach
 */
function partOf(value, parts, bits) {
  const half = 1 << (bits - 1);
  return Math.max(-half, Math.min(half - 1, nearest(value * parts)));
}
