// The bit codec (PROTOCOL section 2): least significant bit first, total on any input.

import { DecodeError } from './errors.js';

/** Longest run of one-bits in a Rice code; a run of this length announces an escape. */
const RICE_ESCAPE = 16;
/** Most zero-bits that may lead a gamma code, so that its value fits in 32 bits. */
const GAMMA_MAX_ZEROS = 31;

/**
 * Number of bits needed for values up to `value`: position of the highest set bit, 0 for 0.
 * @param {number} value 0..2^32-1
 * @returns {number} 0..32
 */
export function bitLength(value) {
  return 32 - Math.clz32(value);
}

/** Reads bit fields from a byte array; throws DecodeError past the end. */
export class BitReader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    /** @type {Uint8Array} */
    this.bytes = bytes;
    /** Position of the next bit. */
    this.at = 0;
    /** Number of bits in all. */
    this.end = bytes.length * 8;
  }

  /** Bits not read yet, padding included. */
  get left() {
    return this.end - this.at;
  }

  /** @returns {number} the next bit, 0 or 1 */
  bit() {
    const at = this.at;
    if (at >= this.end) throw new DecodeError('the bit stream ends too early');
    this.at = at + 1;
    return (this.bytes[at >>> 3] >>> (at & 7)) & 1;
  }

  /**
   * @param {number} n 0..32
   * @returns {number} the next n bits as an unsigned number
   */
  bits(n) {
    const at = this.at;
    if (n > this.end - at) throw new DecodeError('the bit stream ends too early');
    this.at = at + n;
    if (n === 0) return 0;
    const shift = at & 7;
    const first = at >>> 3;
    const last = (at + n - 1) >>> 3;
    const bytes = this.bytes;
    let value = bytes[first] >>> shift;
    for (let i = first + 1, up = 8 - shift; i <= last; i += 1, up += 8) {
      value |= bytes[i] << up; // up <= 31: a field of 32 bits touches at most 5 bytes
    }
    return n === 32 ? value >>> 0 : (value & ((1 << n) - 1)) >>> 0;
  }

  /**
   * A Rice code with parameter k.
   * @param {number} k 0..24
   * @returns {number}
   */
  rice(k) {
    let ones = 0;
    while (ones < RICE_ESCAPE && this.bit() === 1) ones += 1;
    if (ones < RICE_ESCAPE) return ((ones << k) | this.bits(k)) >>> 0;
    const width = this.bits(6) + 1;
    if (width > 32) throw new DecodeError(`a Rice escape announces ${width} bits`);
    return this.bits(width);
  }

  /** @returns {number} an Elias gamma code, from 0 */
  gamma() {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > GAMMA_MAX_ZEROS) throw new DecodeError('a gamma code is longer than 32 bits');
    }
    const low = this.bits(zeros);
    return (zeros === 31 ? 0x80000000 + low : (1 << zeros) + low) - 1;
  }

  /** Nothing to be done: reading past the end fails at once. A range decoder notices late. */
  check() {}

  /** Ends the stream: only zero padding within the last byte may be left. */
  finish() {
    if (this.left >= 8) throw new DecodeError(`${this.left >> 3} bytes follow the end of a bit stream`);
    if (this.bits(this.left) !== 0) throw new DecodeError('the padding of a bit stream is not zero');
  }
}

/** Writes bit fields into a growing byte array. */
export class BitWriter {
  constructor() {
    this.bytes = new Uint8Array(64);
    /** Number of bits written. */
    this.at = 0;
  }

  /**
   * @param {number} value its low n bits are written
   * @param {number} n 0..32
   */
  bits(value, n) {
    if (this.at + n > this.bytes.length * 8) this.#grow();
    let left = n;
    let rest = value >>> 0;
    while (left > 0) {
      const shift = this.at & 7;
      const take = Math.min(8 - shift, left);
      this.bytes[this.at >>> 3] |= (rest & ((1 << take) - 1)) << shift;
      rest >>>= take;
      this.at += take;
      left -= take;
    }
  }

  /** @returns {Uint8Array} a copy of what was written, padded to whole bytes */
  finish() {
    return this.bytes.slice(0, (this.at + 7) >>> 3);
  }

  #grow() {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
