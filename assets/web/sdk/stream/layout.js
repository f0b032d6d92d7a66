// A schema compiled for the streams of a room: how its tables move, and how their snapshots are coded.

import { Adaptive } from './adaptive.js';
import { RangedReader } from './coder.js';
import { Model } from './model.js';
import { TableMotion } from './motion.js';
import { PackedReader } from './packed.js';
import { RangedTables } from './ranged.js';
import { shippedPrior } from './shipped.js';

/** @typedef {import('../schema.js').Schema} Schema */
/** @typedef {import('./motion.js').Rates} Rates */

/** One table, compiled, with memory that its rows take turns to use. */
export class TableCodec {
  /**
   * @param {import('../schema.js').TableLayout} layout
   * @param {Rates} rates
   */
  constructor(layout, rates) {
    this.layout = layout;
    this.motion = new TableMotion(layout, rates);
    const fields = layout.publicFields.length;
    const usual = layout.publicFields.map((field) => field.usual);
    /** Rice parameters of catch-ups: one per public field. */
    this.residuals = new Adaptive(usual.map(() => 0));
    /** Of packed deltas: one per moving field, then one per public field. */
    this.widths = new Adaptive([...this.motion.moving.map((moving) => moving.usual), ...usual]);
    /** Which fields of the row being read differ. */
    this.differs = new Uint8Array(fields + 1);
  }
}

/** What the decoders of a room's streams share. */
export class StreamLayout {
  /**
   * @param {Schema} schema
   * @param {import('../messages.js').Level} [level]
   * @param {Uint8Array | null} [prior] what the ranged levels start from; null: the protocol's own, which must
   *   have been loaded by `loadShippedPrior`
   * @param {Rates} [rates] of the room, which may be other than the game's usual ones
   */
  constructor(schema, level = 'packed', prior = null, rates = schema) {
    this.tables = schema.tables.map((table) => new TableCodec(table, rates));
    /** Ticks from one snapshot of the room to the next. */
    this.sendEvery = rates.sendEvery;
    /** Reads the deltas: one of the two. */
    this.packed = level === 'packed' ? new PackedReader() : null;
    this.ranged = level === 'packed' ? null : new RangedTables(new RangedReader(new Model(prior ?? shippedPrior()), level === 'ranged-max'));
  }

  /**
   * Ticks for which a rate has moved what it moves: all between, whatever the pace of the snapshots. Of a stream that
   * rests at its base none may have been sent for long; what moves then has done so since the last one.
   * @param {number} base
   * @param {number} tick
   * @param {boolean} rests
   * @returns {number}
   */
  ticks(base, tick, rests) {
    return rests ? Math.min(tick - base, this.sendEvery) : tick - base;
  }
}
