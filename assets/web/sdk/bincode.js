// bincode 2, standard configuration: what control messages are written in (PROTOCOL section 5).

import { ByteReader, ByteWriter } from './bytes.js';
import { DecodeError } from './errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Markers of integers that do not fit in one byte. */
const MARK_U16 = 251;
const MARK_U32 = 252;
const MARK_U64 = 253;

/** Reads bincode values; throws DecodeError on anything else. */
export class BincodeReader extends ByteReader {
  /** @returns {number} a u16 */
  short() {
    const mark = this.u8();
    if (mark < MARK_U16) return mark;
    if (mark > MARK_U16) throw new DecodeError(`a 16-bit integer begins with ${mark}`);
    return this.u16();
  }

  /** @returns {number} a u32, also an enum's tag */
  int() {
    const mark = this.u8();
    if (mark < MARK_U16) return mark;
    if (mark === MARK_U16) return this.u16();
    if (mark > MARK_U32) throw new DecodeError(`a 32-bit integer begins with ${mark}`);
    return this.u32();
  }

  /** @returns {bigint} a u64 */
  long() {
    if (this.at < this.bytes.length && this.bytes[this.at] < MARK_U64) return BigInt(this.int());
    const mark = this.u8();
    if (mark > MARK_U64) throw new DecodeError(`a 64-bit integer begins with ${mark}`);
    const low = BigInt(this.u32());
    return (BigInt(this.u32()) << 32n) | low;
  }

  /** @returns {boolean} */
  bool() {
    const byte = this.u8();
    if (byte > 1) throw new DecodeError(`a bool holds ${byte}`);
    return byte === 1;
  }

  /** @returns {number} length of what follows: at most what is there */
  #length() {
    const length = this.long();
    if (length > BigInt(this.left)) throw new DecodeError(`${length} entries announced, ${this.left} bytes there`);
    return Number(length);
  }

  /** @returns {Uint8Array} a view, not a copy */
  blob() {
    return this.take(this.#length());
  }

  /** @returns {string} */
  string() {
    const bytes = this.blob();
    try {
      return utf8.decode(bytes);
    } catch {
      throw new DecodeError('a string is not valid UTF-8');
    }
  }

  /**
   * @template T
   * @param {() => T} read
   * @returns {T | null}
   */
  option(read) {
    return this.bool() ? read() : null;
  }

  /**
   * @template T
   * @param {() => T} read one element
   * @returns {T[]}
   */
  vec(read) {
    const length = this.#length(); // each element of ours takes at least a byte
    const out = [];
    for (let i = 0; i < length; i += 1) out.push(read());
    return out;
  }

  /** Ends the message: no bytes may follow. */
  finish() {
    if (this.left > 0) throw new DecodeError(`${this.left} bytes follow the end of a message`);
  }
}

/** Writes bincode values. */
export class BincodeWriter extends ByteWriter {
  /** @param {number | bigint} value unsigned, of any width up to 64 bits */
  int(value) {
    if (value < MARK_U16) return this.u8(Number(value));
    if (value <= 0xffff) {
      this.u8(MARK_U16);
      return this.u16(Number(value));
    }
    if (value <= 0xffffffff) {
      this.u8(MARK_U32);
      return this.u32(Number(value));
    }
    this.u8(MARK_U64);
    this.u32(Number(BigInt(value) & 0xffffffffn));
    return this.u32(Number(BigInt(value) >> 32n));
  }

  /** @param {boolean} value */
  bool(value) {
    this.u8(value ? 1 : 0);
  }

  /** @param {Uint8Array} bytes */
  blob(bytes) {
    this.int(bytes.length);
    this.put(bytes);
  }

  /** @param {string} text */
  string(text) {
    this.blob(encoder.encode(text));
  }

  /**
   * @template T
   * @param {T | null | undefined} value
   * @param {(value: T) => void} write
   */
  option(value, write) {
    const there = value !== null && value !== undefined;
    this.bool(there);
    if (there) write(value);
  }
}
