// The other direction, for tests: state chunks and snapshots as a server writes them.
// State: per table of the schema a Map of id -> cells, ids ascending.

import assert from 'node:assert/strict';
import { BitWriter, bitLength } from '../bits.js';
import { ByteWriter } from '../bytes.js';
import { Murmur } from '../murmur.js';
import { writePlain } from '../plain.js';
import { Coding } from '../schema.js';
import { StreamDecoder } from '../stream.js';
import { StreamLayout } from '../stream/layout.js';
import { Widths } from '../stream/packed.js';
import { Row } from '../stream/predict.js';

/** @typedef {Map<number, Uint32Array>[]} State */

export class TestWriter extends BitWriter {
  /** @param {number} value @param {number} k */
  rice(value, k) {
    const q = Math.floor(value / 2 ** k);
    if (q < 16) {
      for (let i = 0; i < q; i += 1) this.bits(1, 1);
      this.bits(0, 1);
      this.bits(value, k);
      return;
    }
    this.bits(0xffff, 16);
    const width = bitLength(value);
    this.bits(width - 1, 6);
    this.bits(value, width);
  }

  /** @param {number} value */
  gamma(value) {
    const width = bitLength(value + 1);
    this.bits(0, width - 1);
    this.bits(1, 1);
    this.bits(value + 1, width - 1);
  }
}

/** @param {ArrayLike<number>} a @param {number} at @param {ArrayLike<number>} b @param {number} from @param {number} count */
const same = (a, at, b, from, count) => {
  for (let i = 0; i < count; i += 1) if (a[at + i] !== b[from + i]) return false;
  return true;
};

/** @param {number} difference @param {number} bits @returns {number} zigzagged, taken as a number of so many bits */
const zigzag = (difference, bits = 32) => {
  const r = (difference << (32 - bits)) >> (32 - bits);
  return ((r << 1) ^ (r >> 31)) >>> 0;
};

/**
 * Encodes one stream at level `packed`: what it sent last is the base of what it sends next. Each row is sent with all
 * of its fields, whether they are as expected or not: longer than need be, but by the same steps.
 */
export class StreamEncoder {
  /** @param {import('../schema.js').Schema} schema */
  constructor(schema) {
    this.schema = schema;
    /** @type {State} */
    this.now = schema.tables.map(() => new Map());
    this.before = this.now;
    /** What those who follow hold. */
    this.mirror = new StreamDecoder(new StreamLayout(schema));
    this.tick = 0;
  }

  /** @param {number} tick @param {State} next @returns {Uint8Array} the delta; of the first state, nothing */
  advance(tick, next) {
    const writer = new RowWriter();
    const isFirst = this.mirror.tick === null;
    this.before = this.now;
    this.now = next.map((rows) => new Map([...rows].map(([id, cells]) => [id, cells.slice()])));
    if (isFirst) {
      this.mirror.keyframe(tick, this.#first());
    } else {
      const { mirror } = this;
      writer.row.ticks = mirror.layout.ticks(this.tick, tick, mirror.tables.every((table) => table.rests()));
      mirror.tables.forEach((table, t) => writer.table(table, this.now[t]));
      this.mirror.delta(this.tick, tick, writer.finish());
    }
    assert.equal(this.mirror.hash(), this.hash());
    this.tick = tick;
    return writer.finish();
  }

  /** @returns {Uint8Array} a keyframe of a state in which all rows have just entered */
  #first() {
    const writer = new RowWriter();
    this.schema.tables.forEach((layout, t) => {
      writer.count(layout, this.now[t].size);
      let previous = 0;
      for (const [id, cells] of this.now[t]) {
        previous = writer.id(layout, id, previous);
        writer.whole(layout, cells, 0);
        writer.bits(0, historyBits(this.mirror.tables[t]) > 0 ? 2 : 1);
      }
    });
    return writer.finish();
  }

  /** @returns {Uint8Array} */
  keyframe() {
    const writer = new RowWriter();
    for (const table of this.mirror.tables) {
      const { layout, count, ids, cells, width } = table;
      writer.count(layout, count);
      for (let row = 0, previous = 0; row < count; row += 1) {
        previous = writer.id(layout, ids[row], previous);
        writer.whole(layout, cells, row * width);
        this.#past(writer, table, row);
      }
    }
    return writer.finish();
  }

  /** @param {RowWriter} writer @param {import('../stream/record.js').StreamTable} table @param {number} row */
  #past(writer, table, row) {
    const { cells, last, layout, width, history } = table;
    const moved = !same(cells, row * width, last, row * width, width);
    writer.bits(moved ? 1 : 0, 1);
    for (const { shape, offset } of moved ? layout.publicFields : []) {
      const at = row * width + offset;
      const differs = !same(cells, at, last, at, shape.columns);
      writer.bits(differs ? 1 : 0, 1);
      if (differs) writePlain(shape, last, at, writer);
    }
    if (historyBits(table) === 0) return;
    const words = history.subarray(row * 2, row * 2 + 2);
    const remembers = words.some((word) => word !== 0);
    writer.bits(remembers ? 1 : 0, 1);
    if (remembers) words.forEach((word, i) => writer.bits(word, table.codec.motion.historyBits[i]));
  }

  /** @returns {Uint8Array} the way from the state before the newest, whose rows all go and come again */
  catchUp() {
    const writer = new RowWriter();
    this.mirror.tables.forEach((table, t) => {
      const { layout, codec, count, ids, cells, width } = table;
      const base = this.before[t];
      writer.bits(layout.single ? 0 : 1, 1);
      const left = [...base.keys()].map((_, i) => i);
      if (!layout.single) writer.members(layout, left, [...ids.subarray(0, count)], this.now[t]);
      writer.gamma(count);
      codec.residuals.start();
      for (let row = 0; row < count; row += 1) {
        writer.rice(0, 1);
        if (layout.single) writer.changes(table, /** @type {Uint32Array} */ (base.get(1)), cells.subarray(0, width));
        this.#past(writer, table, row);
      }
    });
    return writer.finish();
  }

  /** @returns {number} */
  hash() {
    const hash = new Murmur();
    for (const rows of this.now) {
      hash.word(rows.size);
      for (const [id, cells] of rows) {
        hash.word(id);
        for (const cell of cells) hash.word(cell);
      }
    }
    return hash.finish();
  }
}

/** @param {import('../stream/record.js').StreamTable} table */
function historyBits({ codec }) {
  return codec.motion.historyBits[0] + codec.motion.historyBits[1];
}

/** Writes what a `PackedReader` reads. */
class RowWriter extends TestWriter {
  constructor() {
    super();
    this.row = new Row();
    this.widths = new Widths();
  }

  /** @param {import('../schema.js').TableLayout} layout @param {number} count */
  count(layout, count) {
    if (layout.single) this.bits(count, 1);
    else this.gamma(count);
  }

  /** @param {import('../schema.js').TableLayout} layout @param {number} id @param {number} previous @returns {number} the id */
  id(layout, id, previous) {
    if (!layout.single) this.rice(id - previous - 1, 4);
    return id;
  }

  /** @param {import('../schema.js').TableLayout} layout @param {Uint32Array} cells @param {number} at */
  whole(layout, cells, at) {
    for (const field of layout.publicFields) writePlain(field.shape, cells, at + field.offset, this);
  }

  /** @param {import('../stream/record.js').StreamTable} table @param {Uint32Array} base @param {Uint32Array} cells */
  changes({ codec, layout }, base, cells) {
    const differs = layout.publicFields.map(({ offset, shape }) => !same(base, offset, cells, offset, shape.columns));
    for (const differ of differs) this.bits(differ ? 1 : 0, 1);
    layout.publicFields.forEach(({ coding, shape, offset }, f) => {
      if (!differs[f] || coding === Coding.FLIP) return;
      if (coding === Coding.WHOLE) return writePlain(shape, cells, offset, this);
      const width = coding === Coding.ANGLE ? /** @type {import('../shape.js').AngleShape} */ (shape).width : 32;
      for (let i = offset; i < offset + shape.columns; i += 1) this.#residual(zigzag(cells[i] - base[i], width), codec.residuals, f);
    });
  }

  /** @param {number} residual zigzagged @param {import('../stream/adaptive.js').Adaptive} adaptive @param {number} entry */
  #residual(residual, adaptive, entry) {
    this.rice(residual, adaptive.k(entry));
    adaptive.learn(entry, residual);
  }

  /** @param {import('../stream/record.js').StreamTable} table at the base @param {Map<number, Uint32Array>} next */
  table(table, next) {
    const { layout, width, ids, count } = table;
    const held = [...ids.subarray(0, count)];
    const left = held.map((id, i) => (next.has(id) ? -1 : i)).filter((i) => i >= 0);
    const entered = [...next.keys()].filter((id) => !held.includes(id));
    const rows = held.map((id, i) => ({ i, cells: next.get(id) })).filter(({ cells }) => cells !== undefined);
    const changes = left.length + entered.length > 0;
    this.bits(changes || rows.length > 0 ? 1 : 0, 1);
    if (!changes && rows.length === 0) return;
    if (!layout.single) {
      this.bits(changes ? 1 : 0, 1);
      if (changes) this.members(layout, left, entered, next);
      const rested = rows.filter(({ i }) => same(table.cells, i * width, table.last, i * width, width)).length;
      this.gamma(rested); // all of those that rest are listed, and of those that move none is as expected
      const k = bitLength(Math.floor(rested / (rested + 1)));
      for (let i = 0; i < rested; i += 1) this.rice(0, k === 0 ? 0 : k - 1);
      if (rows.length > rested) this.bits(1, 1);
      if (rows.length > rested) this.gamma(0);
    }
    this.row.enter(table);
    this.widths.adaptive = table.codec.widths;
    this.widths.adaptive.start();
    for (const { i, cells } of rows) this.#row(table, i, /** @type {Uint32Array} */ (cells));
  }

  /** @param {import('../schema.js').TableLayout} layout @param {number[]} left @param {number[]} entered @param {Map<number, Uint32Array>} next */
  members(layout, left, entered, next) {
    this.gamma(left.length);
    left.forEach((index, i) => this.rice(index - (i === 0 ? 0 : left[i - 1] + 1), 3));
    this.gamma(entered.length);
    let previous = 0;
    for (const id of entered) {
      previous = this.id(layout, id, previous);
      this.whole(layout, /** @type {Uint32Array} */ (next.get(id)), 0);
    }
  }

  /** @param {import('../stream/record.js').StreamTable} table @param {number} index @param {Uint32Array} cells to come */
  #row({ codec, layout, width, cells: now }, index, cells) {
    const { moving, held } = codec.motion;
    const { row, widths } = this;
    row.seek(index, 0, width);
    row.next = cells.slice();
    row.nextHistory = new Uint32Array(2);
    const fields = held.map((f) => ({ f, ...layout.publicFields[f] }));
    const differing = fields.filter(({ offset, shape }) => !same(now, index * width + offset, cells, offset, shape.columns));
    this.bits(0, 1);
    for (let i = 0; i < moving.length; i += 1) this.bits(1, 1);
    if (held.length > 0) this.bits(differing.length > 0 ? 1 : 0, 1);
    moving.forEach((field, i) => {
      widths.nextField(i, field.columns);
      row.step(field, this);
    });
    if (held.length > 1 && differing.length > 0) fields.forEach((field) => this.bits(differing.includes(field) ? 1 : 0, 1));
    for (const { f, coding, shape, offset } of differing) {
      if (coding === Coding.WHOLE) writePlain(shape, cells, offset, this);
      if (coding !== Coding.COUNT) continue;
      this.#residual(zigzag(cells[offset] - now[index * width + offset]), widths.adaptive, moving.length + f);
    }
  }

  /** @param {import('../stream/predict.js').Component} component @param {number} actual */
  component(component, actual) {
    const residual = zigzag(actual - component.rounded(), component.wraps ? bitLength(component.max) : 32);
    this.rice(residual, this.widths.parameter(component));
    this.widths.learn(residual);
    return actual;
  }

  /** @param {number} expected @param {boolean} _sure @param {number} actual */
  largest(expected, _sure, actual) {
    this.bits(actual === expected ? 0 : 1, 1);
    if (actual !== expected) this.bits(actual, 2);
    return actual;
  }
}

/**
 * A whole Snapshot message. `chunks` name their stream: kind 0 is a catch-up, 1 a keyframe (`base`: how many ticks the
 * snapshot is past its state; `from`: how many more ticks to the state that a catch-up starts from), 2 events, 3 left.
 * `deltas`: one for each stream held otherwise, in ascending order; null: unchanged.
 * @param {{tick: number, whole?: boolean, acked?: number, margin?: number | null, reliable?: number | null, counters?: [number, number] | null,
 *   hash?: number | null, privates?: Uint8Array | null, chunks?: {kind: number, stream?: number, base?: number, from?: number, bytes?: Uint8Array}[], deltas?: (Uint8Array | null)[]}} parts
 * @returns {Uint8Array}
 */
export function snapshotMessage({ tick, whole = false, acked = 0, margin = null, reliable = null, counters = null, hash = null, privates = null, chunks = [], deltas = [] }) {
  const out = new ByteWriter();
  const flags =
    (whole ? 1 : 0) | (reliable === null ? 0 : 2) | (counters === null ? 0 : 4) | (hash === null ? 0 : 8) | (privates === null ? 0 : 32) | (chunks.length === 0 ? 0 : 64) | (deltas.length === 0 ? 0 : 128);
  out.u8(0x82);
  out.u8(flags);
  if (whole) out.u32(tick);
  else out.u8(tick & 0xff);
  if (whole) out.u16(acked & 0xffff);
  else out.u8(acked & 0xff);
  out.u8((margin === null ? -128 : Math.max(-127, Math.min(127, Math.floor(margin * 8)))) & 0xff);
  if (reliable !== null) out.varint(reliable);
  if (counters !== null) counters.forEach((counter) => out.varint(counter));
  if (hash !== null) {
    out.varint(1);
    out.u32(hash);
  }
  if (privates !== null) {
    out.varint(privates.length);
    out.put(privates);
  }
  if (chunks.length > 0) out.varint(chunks.length);
  for (const { kind, stream = 0, base = 0, from = 1, bytes = new Uint8Array(0) } of chunks) {
    out.varint(stream * 4 + kind);
    if (kind < 2) out.varint(base);
    if (kind === 0) out.varint(from);
    if (kind === 3) continue;
    out.varint(bytes.length);
    out.put(bytes);
  }
  /** @type {number[]} */
  const halves = [];
  for (const delta of deltas.slice(0, -1)) {
    let length = delta?.length ?? 0;
    for (; length > 7; length >>= 3) halves.push((length & 7) | 8);
    halves.push(length);
  }
  for (let i = 0; i < halves.length; i += 2) out.u8(halves[i] | ((halves[i + 1] ?? 0) << 4));
  for (const delta of deltas) if (delta !== null) out.put(delta);
  return out.finish();
}
