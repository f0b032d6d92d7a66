// Byte-aligned reading and writing: little-endian integers and LEB128 varints (PROTOCOL section 2).

import { DecodeError } from './errors.js';

/** Walks over a byte array; throws DecodeError past the end. */
export class ByteReader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} [at] where to begin
   */
  constructor(bytes, at = 0) {
    /** @type {Uint8Array} */
    this.bytes = bytes;
    this.at = at;
  }

  /** Bytes not read yet. */
  get left() {
    return this.bytes.length - this.at;
  }

  /** @returns {number} */
  u8() {
    if (this.at >= this.bytes.length) throw new DecodeError('the message ends too early');
    return this.bytes[this.at++];
  }

  /** @returns {number} a signed byte */
  i8() {
    return (this.u8() << 24) >> 24;
  }

  /** @returns {number} */
  u16() {
    const low = this.u8();
    return low | (this.u8() << 8);
  }

  /** @returns {number} */
  u32() {
    const low = this.u16();
    return (low | (this.u16() << 16)) >>> 0;
  }

  /** @returns {number} a LEB128 varint below 2^32, in at most 5 bytes */
  varint() {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const top = this.u8();
    if (top > 0x0f) throw new DecodeError('a varint does not fit in 32 bits');
    return (value | (top << 28)) >>> 0;
  }

  /**
   * @param {number} length
   * @returns {Uint8Array} a view of the next bytes, not a copy
   */
  take(length) {
    if (length > this.left) throw new DecodeError(`${length} bytes announced, ${this.left} there`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** Writes bytes into a growing array. */
export class ByteWriter {
  constructor() {
    this.bytes = new Uint8Array(64);
    /** Number of bytes written. */
    this.at = 0;
  }

  /** @param {number} value 0..255 */
  u8(value) {
    if (this.at === this.bytes.length) this.#reserve(1);
    this.bytes[this.at++] = value;
  }

  /** @param {number} value 0..2^16-1 */
  u16(value) {
    this.u8(value & 0xff);
    this.u8((value >>> 8) & 0xff);
  }

  /** @param {number} value 0..2^32-1 */
  u32(value) {
    this.u16(value & 0xffff);
    this.u16((value >>> 16) & 0xffff);
  }

  /** @param {number} value 0..2^32-1, as LEB128 */
  varint(value) {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.u8(rest);
  }

  /** @param {ArrayLike<number>} bytes */
  put(bytes) {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** @returns {Uint8Array} a copy of what was written */
  finish() {
    return this.bytes.slice(0, this.at);
  }

  /** @param {number} more */
  #reserve(more) {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
