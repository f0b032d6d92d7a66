// Whoever takes decisions from a chunk: the one place where a decision gets its probability from its context.

import { adapted } from './model.js';
import { RangeDecoder } from './range.js';

/** How quickly probabilities follow: by 1/2^6 of the way with each decision. */
const RATE = 6;

/** Reads decisions of one adaptive context each. */
export class RangedReader {
  /** @param {import('./model.js').Model} model what is known before the first decision */
  constructor(model) {
    this.model = model;
    this.range = new RangeDecoder();
    this.slots = model.slots.slice();
  }

  /** @param {Uint8Array} bytes a chunk */
  start(bytes) {
    this.range.start(bytes);
    this.slots.set(this.model.slots);
  }

  /**
   * @param {number} slot
   * @returns {boolean} a decision with the probability of a slot
   */
  bit(slot) {
    const { slots } = this;
    const p = slots[slot];
    const one = this.range.decide(p);
    slots[slot] = adapted(p, one, RATE);
    return one;
  }
}
