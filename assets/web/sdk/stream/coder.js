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
    const { slots, others, weights } = this;
    const all = contexts.kind(kind);
    const first = kind === SIGN ? OTHERS : 0;
    const a = contexts.slot(all, first, 0);
    const b = contexts.slot(all, first, 1);
    const c = contexts.slot(all, first, 2);
    const d = contexts.slot(all, first, 3);
    const set = contexts.set(all) * INPUTS;
    const own = stretch(slots[slot]);
    const inA = stretch(others[a]);
    const inB = stretch(others[b]);
    const inC = stretch(others[c]);
    const inD = stretch(others[d]);
    const p = mixedOf(own * weights[set] + inA * weights[set + 1] + inB * weights[set + 2] + inC * weights[set + 3] + inD * weights[set + 4]);
    const one = this.range.decide(probability(p));
    const error = (one ? 65536 : 0) - p;
    weights[set] = learnt(weights[set], own, error);
    weights[set + 1] = learnt(weights[set + 1], inA, error);
    weights[set + 2] = learnt(weights[set + 2], inB, error);
    weights[set + 3] = learnt(weights[set + 3], inC, error);
    weights[set + 4] = learnt(weights[set + 4], inD, error);
    slots[slot] = adapted(slots[slot], one, RATE);
    others[a] = adapted(others[a], one, RATE);
    others[b] = adapted(others[b], one, RATE);
    others[c] = adapted(others[c], one, RATE);
    others[d] = adapted(others[d], one, RATE);
    return one;
  }
}
