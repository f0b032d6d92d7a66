// The other direction, for tests: state chunks and snapshots as a server writes them.
// State: per table of the schema a Map of id -> cells, ids ascending.

import { BitWriter, bitLength } from '../bits.js';
import { ByteWriter } from '../bytes.js';
import { Murmur } from '../murmur.js';
import { writePlain } from '../plain.js';
import { Coding } from '../schema.js';

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

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {number} from @param {number} count */
const same = (a, b, from, count) => {
  for (let i = from; i < from + count; i += 1) if (a[i] !== b[i]) return false;
  return true;
};

/** Encodes one stream: what it sent last is the base of what it sends next. */
export class StreamEncoder {
  /** @param {import('../schema.js').Schema} schema */
  constructor(schema) {
    this.schema = schema;
    /** @type {State} */
    this.now = schema.tables.map(() => new Map());
    /** @type {State} */
    this.last = schema.tables.map(() => new Map());
    this.tick = 0;
  }

  /** @param {number} tick @param {State} next @returns {Uint8Array} the delta */
  advance(tick, next) {
    const writer = new TestWriter();
    this.schema.tables.forEach((layout, t) => this.#deltaTable(writer, layout, this.now[t], this.last[t], next[t]));
    this.last = next.map((rows, t) => new Map([...rows].map(([id, cells]) => [id, this.now[t].get(id) ?? cells])));
    this.now = next.map((rows) => new Map([...rows].map(([id, cells]) => [id, cells.slice()])));
    this.tick = tick;
    return writer.finish();
  }

  /** @returns {Uint8Array} */
  keyframe() {
    const writer = new TestWriter();
    this.schema.tables.forEach((layout, t) => {
      const rows = this.now[t];
      if (layout.single) writer.bits(rows.size, 1);
      else writer.gamma(rows.size);
      let previous = 0;
      for (const [id, cells] of rows) {
        if (!layout.single) writer.rice(id - previous - 1, 4);
        previous = id;
        for (const field of layout.publicFields) writePlain(field.shape, cells, field.offset, writer);
        const last = this.last[t].get(id) ?? cells;
        const moved = !same(cells, last, 0, layout.width);
        writer.bits(moved ? 1 : 0, 1);
        if (!moved) continue;
        for (const { shape, offset } of layout.publicFields) {
          const differs = !same(cells, last, offset, shape.columns);
          writer.bits(differs ? 1 : 0, 1);
          if (differs) writePlain(shape, last, offset, writer);
        }
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

  /**
   * @param {TestWriter} writer @param {import('../schema.js').TableLayout} layout
   * @param {Map<number, Uint32Array>} now @param {Map<number, Uint32Array>} last @param {Map<number, Uint32Array>} next
   */
  #deltaTable(writer, layout, now, last, next) {
    const left = [...now.keys()].map((id, i) => (next.has(id) ? -1 : i)).filter((i) => i >= 0);
    const entered = [...next.keys()].filter((id) => !now.has(id));
    const stayed = [...now.keys()].filter((id) => next.has(id));
    const rows = stayed.map((id) => ({ cells: cellsOf(next, id), predicted: predict(layout, cellsOf(now, id), last.get(id) ?? cellsOf(now, id)) }));
    const differing = rows.map(({ cells, predicted }, i) => (same(cells, predicted, 0, layout.width) ? -1 : i)).filter((i) => i >= 0);
    const any = left.length + entered.length + differing.length > 0;
    writer.bits(any ? 1 : 0, 1);
    if (!any) return;
    const rates = layout.publicFields.map(() => ({ sum: 8, n: 1 }));
    if (!layout.single) {
      gaps(writer, left, 3);
      writer.gamma(entered.length);
      let previous = 0;
      for (const id of entered) {
        writer.rice(id - previous - 1, 4);
        previous = id;
        for (const field of layout.publicFields) writePlain(field.shape, cellsOf(next, id), field.offset, writer);
      }
      writer.gamma(differing.length);
    }
    let previous = -1;
    for (const i of differing) {
      if (!layout.single) writer.rice(i - previous - 1, 1);
      previous = i;
      residuals(writer, layout, rows[i], rates);
    }
  }
}

/** @param {Map<number, Uint32Array>} rows @param {number} id */
function cellsOf(rows, id) {
  return /** @type {Uint32Array} */ (rows.get(id));
}

/** @param {TestWriter} writer @param {number[]} indices @param {number} k */
function gaps(writer, indices, k) {
  writer.gamma(indices.length);
  let previous = -1;
  for (const i of indices) {
    writer.rice(i - previous - 1, k);
    previous = i;
  }
}

/** @param {import('../schema.js').TableLayout} layout @param {Uint32Array} now @param {Uint32Array} last */
function predict(layout, now, last) {
  const out = now.slice();
  for (const { shape, offset, linear } of layout.publicFields) {
    if (!linear) continue;
    const { max } = /** @type {import('../shape.js').FloatShape} */ (shape);
    for (let i = offset; i < offset + shape.columns; i += 1) {
      const next = 2 * now[i] - last[i];
      out[i] = shape.type === 'angle' ? ((next % (max + 1)) + max + 1) % (max + 1) : Math.min(Math.max(next, 0), max);
    }
  }
  return out;
}

/** @param {TestWriter} writer @param {import('../schema.js').TableLayout} layout @param {{cells: Uint32Array, predicted: Uint32Array}} row @param {{sum: number, n: number}[]} rates */
function residuals(writer, layout, { cells, predicted }, rates) {
  const differs = layout.publicFields.map(({ shape, offset }) => !same(cells, predicted, offset, shape.columns));
  for (const differ of differs) writer.bits(differ ? 1 : 0, 1);
  layout.publicFields.forEach(({ shape, offset, coding }, f) => {
    if (!differs[f] || coding === Coding.FLIP) return;
    if (coding === Coding.WHOLE) return writePlain(shape, cells, offset, writer);
    const { max } = /** @type {import('../shape.js').FloatShape} */ (shape);
    for (let i = offset; i < offset + shape.columns; i += 1) {
      let r = cells[i] - predicted[i];
      if (coding === Coding.ANGLE) r = ((((r + (max + 1) / 2) % (max + 1)) + max + 1) % (max + 1)) - (max + 1) / 2;
      else r |= 0;
      const zigzag = ((r << 1) ^ (r >> 31)) >>> 0;
      let k = 0;
      while (k < 24 && rates[f].n * 2 ** k < rates[f].sum) k += 1;
      writer.rice(zigzag, k);
      rates[f].sum = Math.min(rates[f].sum + zigzag, 0xffffffff);
      rates[f].n += 1;
      if (rates[f].n === 32) rates[f] = { sum: Math.floor(rates[f].sum / 2), n: 16 };
    }
  });
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
