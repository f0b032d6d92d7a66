// The binary range coder of the ranged levels: decisions of known probability. It also reads plain bits, as a
// BitReader does, so that whatever reads from one reads from the other.

import { DecodeError } from '../errors.js';

/** Below it another byte is due. */
const BOTTOM = 2 ** 24;
/** Zero bytes at the end that an encoder leaves out at most, and bytes that a reader looks ahead. */
const PAST_END_BYTES = 8 + 4;
const LOOKAHEAD_BYTES = 4;
/** The lowest probability of either value, in 1/65536: no decision costs more than 11 bits, and none is free. */
const LEAST = 32;
const MOST = 65536 - LEAST;
/** Plain bits read at once. */
const RAW_BITS = 8;
/** Longest run of ones in a Rice code; a run of this length announces an escape. */
const RICE_ESCAPE = 16;
/** Most zeros that may lead a gamma code, so that its value fits in 32 bits. */
const GAMMA_MAX_ZEROS = 31;

/** Where code and range are kept: as unsigned words, arithmetic on them stays arithmetic on integers. */
const CODE = 0;
const RANGE = 1;

/**
 * @param {number} value
 * @returns {number} a probability within its bounds
 */
export function probability(value) {
  return value < LEAST ? LEAST : value > MOST ? MOST : value;
}

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

/** Total: any bytes give decisions, or an error when they end too early. */
export class RangeDecoder {
  constructor() {
    /** @type {Uint8Array} */
    this.bytes = new Uint8Array(0);
    /** Bytes taken, those past the end included. */
    this.taken = 0;
    this.words = new Uint32Array(2);
  }

  /** @param {Uint8Array} bytes a chunk */
  start(bytes) {
    this.bytes = bytes;
    this.taken = 0;
    this.words[CODE] = 0;
    this.words[RANGE] = 0xffffffff;
    for (let i = 0; i < LOOKAHEAD_BYTES; i += 1) this.#take();
  }

  #take() {
    const { words, bytes, taken } = this;
    words[CODE] = (words[CODE] << 8) | (taken < bytes.length ? bytes[taken] : 0);
    this.taken = taken + 1;
  }

  /**
   * @param {number} p probability of a one, in 1/65536
   * @returns {boolean} a decision: whether it is a one
   */
  decide(p) {
    const { words } = this;
    const code = words[CODE];
    const range = words[RANGE];
    const bound = Math.imul(range >>> 16, p) >>> 0;
    const one = code < bound;
    if (one) {
      words[RANGE] = bound;
    } else {
      words[CODE] = code - bound;
      words[RANGE] = range - bound;
    }
    while (words[RANGE] < BOTTOM) {
      this.#take();
      words[RANGE] <<= 8;
    }
    return one;
  }

  /**
   * @param {number} n 0..32
   * @returns {number} plain bits
   */
  bits(n) {
    const { words } = this;
    let value = 0;
    for (let left = n; left > 0; ) {
      const take = left < RAW_BITS ? left : RAW_BITS;
      left -= take;
      const range = words[RANGE] >>> take;
      // Impossible bytes may lie past the last value: they count as the last.
      const bits = Math.min(Math.floor(words[CODE] / range), (1 << take) - 1);
      words[CODE] -= bits * range;
      words[RANGE] = range;
      value = (value << take) | bits;
      while (words[RANGE] < BOTTOM) {
        this.#take();
        words[RANGE] <<= 8;
      }
    }
    return value >>> 0;
  }

  /** @returns {number} 0 or 1 */
  bit() {
    return this.bits(1);
  }

  /**
   * @param {number} k 0..24
   * @returns {number} a Rice code
   */
  rice(k) {
    let ones = 0;
    while (ones < RICE_ESCAPE && this.bits(1) === 1) ones += 1;
    if (ones < RICE_ESCAPE) return ((ones << k) | this.bits(k)) >>> 0;
    const width = this.bits(6) + 1;
    if (width > 32) throw new DecodeError(`a Rice escape announces ${width} bits`);
    return this.bits(width);
  }

  /** @returns {number} an Elias gamma code, from 0 */
  gamma() {
    let zeros = 0;
    while (this.bits(1) === 0) {
      zeros += 1;
      if (zeros > GAMMA_MAX_ZEROS) throw new DecodeError('a gamma code is longer than 32 bits');
    }
    const low = this.bits(zeros);
    return (zeros === 31 ? 0x80000000 + low : (1 << zeros) + low) - 1;
  }

  /** Refuses to go on when more has been read than an encoder leaves out. */
  check() {
    if (this.taken > this.bytes.length + PAST_END_BYTES) throw new DecodeError('the range coder\'s bytes end too early');
  }

  /** Ends the chunk: every byte must have been taken, and not many more. */
  finish() {
    this.check();
    if (this.taken < this.bytes.length) throw new DecodeError(`${this.bytes.length - this.taken} bytes follow the end of a chunk`);
  }
}
