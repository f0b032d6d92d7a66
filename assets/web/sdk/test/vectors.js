// The vectors that the Rust tests write; a missing file fails the tests that need it.

import { readFileSync } from 'node:fs';

/** @param {string} name @returns {any} */
export function vectors(name) {
  return JSON.parse(readFileSync(new URL(`./vectors/${name}.json`, import.meta.url), 'utf8'));
}

/** @param {string} text @returns {Uint8Array} */
export function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** @param {Uint8Array} bytes @returns {string} */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const view = new DataView(new ArrayBuffer(4));

/** @param {number} bits @returns {number} the f32 */
export function fromBits(bits) {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** @param {number} value an f32 @returns {number} its bits; one pattern for all that is not a number */
export function toBits(value) {
  view.setFloat32(0, value);
  return Number.isNaN(value) ? 0x7fc00000 : view.getUint32(0);
}

/** A small generator of random numbers, the same at every run. */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0 || 1;
  }

  /** @returns {number} 32 random bits */
  bits() {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  /** @param {number} n @returns {number} 0..n-1 */
  below(n) {
    return this.bits() % n;
  }

  /** @returns {number} in [0, 1) */
  unit() {
    return this.bits() / 2 ** 32;
  }

  /** @param {number} length @returns {Uint8Array} */
  bytes(length) {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}
