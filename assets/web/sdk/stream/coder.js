// Whoever takes decisions from a chunk: the one place where a decision gets its probability from its contexts.

import { INPUTS, OTHERS, SIGN } from './contexts.js';
import { learnt, mixedOf, stretch } from './mixing.js';
import { RangeDecoder, adapted, probability } from './range.js';

/** How quickly probabilities follow: by 1/2^6 of the way with each decision. */
const RATE = 6;

/** Reads decisions; what is known of each follows what is decided within a chunk. */
export class RangedReader {
  /**
   * @param {import('./model.js').Model} model what is known before the first decision
   * @param {boolean} mixes whether decisions are mixed: level `ranged-max`
   */
  constructor(model, mixes) {
    this.model = model;
    this.mixes = mixes;
    this.range = new RangeDecoder();
    this.slots = model.slots.slice();
    this.others = model.others.slice();
    this.weights = model.mixes.slice();
    /** Of the decision being taken: logarithms of odds, and slots of the other contexts. */
    this.inputs = new Int32Array(INPUTS);
    this.at = new Int32Array(OTHERS);
  }

  /** @param {Uint8Array} bytes a chunk */
  start(bytes) {
    const { model } = this;
    this.range.start(bytes);
    this.slots.set(model.slots);
    if (!this.mixes) return;
    this.others.set(model.others);
    this.weights.set(model.mixes);
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

  /**
   * @param {number} slot
   * @param {import('./contexts.js').Mixes} contexts
   * @param {number} kind of decision
   * @returns {boolean} a decision with a probability mixed from that of a slot and those of others
   */
  mixed(slot, contexts, kind) {
    const { slots, others, weights, inputs, at } = this;
    const all = contexts.kind(kind);
    const first = kind === SIGN ? OTHERS : 0;
    const set = contexts.set(all) * INPUTS;
    inputs[0] = stretch(slots[slot]);
    let sum = inputs[0] * weights[set];
    for (let i = 0; i < OTHERS; i += 1) {
      at[i] = contexts.slot(all, first, i);
      inputs[i + 1] = stretch(others[at[i]]);
      sum += inputs[i + 1] * weights[set + 1 + i];
    }
    const p = mixedOf(sum);
    const one = this.range.decide(probability(p));
    const error = (one ? 65536 : 0) - p;
    for (let i = 0; i < INPUTS; i += 1) weights[set + i] = learnt(weights[set + i], inputs[i], error);
    slots[slot] = adapted(slots[slot], one, RATE);
    for (let i = 0; i < OTHERS; i += 1) others[at[i]] = adapted(others[at[i]], one, RATE);
    return one;
  }
}
