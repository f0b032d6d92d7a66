// Decoder of one stream's state chunks: keyframes, deltas and catch-ups (PROTOCOL section 7.3).

import { BitReader } from './bits.js';
import { DesyncError } from './errors.js';
import { hashTables } from './murmur.js';
import { Budget, StreamTable } from './stream/record.js';
import { readCatchUp, readKeyframe } from './stream/whole.js';

/** The state of one stream: what both sides hold after the newest chunk. */
export class StreamDecoder {
  /** @param {import('./stream/layout.js').StreamLayout} layout shared by all streams of a room */
  constructor(layout) {
    this.layout = layout;
    /** @type {StreamTable[]} one per table of the schema */
    this.tables = layout.tables.map((codec) => new StreamTable(codec));
    /** @type {number | null} tick of the state held; null: only a keyframe can follow */
    this.tick = null;
    /** Cells held in all tables. */
    this.cells = 0;
  }

  /** @returns {number} hash of the state held (PROTOCOL section 7.5) */
  hash() {
    return hashTables(this.tables);
  }

  /**
   * Replaces the state.
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  keyframe(tick, bytes) {
    this.tick = null;
    const bits = new BitReader(bytes);
    const budget = new Budget();
    for (const table of this.tables) readKeyframe(table, bits, budget);
    bits.finish();
    this.#settle(tick);
  }

  /**
   * Moves the state from the one at `base` to the one at `tick`. After an error only a keyframe helps.
   * @param {number} base
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  delta(base, tick, bytes) {
    this.#leave('delta', base, tick);
    const { layout } = this;
    const ticks = layout.ticks(base, tick, this.#rests());
    if (layout.packed !== null) this.#readPacked(layout.packed, ticks, bytes);
    else if (layout.ranged !== null) this.#readRanged(layout.ranged, ticks, bytes);
    this.#settle(tick);
  }

  /**
   * Moves the state from the one at `base` to the one at `tick`, over deltas that were skipped.
   * @param {number} base
   * @param {number} tick
   * @param {Uint8Array} bytes
   */
  catchUp(base, tick, bytes) {
    this.#leave('catch-up', base, tick);
    const bits = new BitReader(bytes);
    const budget = new Budget();
    for (const table of this.tables) readCatchUp(table, bits, budget);
    bits.finish();
    this.#settle(tick);
  }

  /**
   * @param {import('./stream/packed.js').PackedReader} reader
   * @param {number} ticks
   * @param {Uint8Array} bytes
   */
  #readPacked(reader, ticks, bytes) {
    reader.row.ticks = ticks;
    const bits = new BitReader(bytes);
    const budget = new Budget();
    for (const table of this.tables) reader.read(table, bits, budget);
    bits.finish();
  }

  /**
   * @param {import('./stream/ranged.js').RangedTables} reader
   * @param {number} ticks
   * @param {Uint8Array} bytes
   */
  #readRanged(reader, ticks, bytes) {
    reader.row.ticks = ticks;
    const budget = new Budget();
    reader.coder.start(bytes);
    for (const table of this.tables) reader.read(table, budget);
    reader.coder.range.finish();
  }

  /** @returns {boolean} whether nothing moves in it */
  #rests() {
    for (const table of this.tables) if (!table.rests()) return false;
    return true;
  }

  /**
   * The state is left: until the chunk has been read there is none.
   * @param {string} what
   * @param {number} base
   * @param {number} tick
   */
  #leave(what, base, tick) {
    const held = this.tick;
    this.tick = null;
    if (held !== base || base >= tick) throw new DesyncError(`a ${what} from tick ${base} to ${tick}, but the state held is of tick ${held}`);
  }

  /** @param {number} tick */
  #settle(tick) {
    let cells = 0;
    for (const table of this.tables) cells += table.count * table.width;
    this.cells = cells;
    this.tick = tick;
  }
}
