// Snapshots (PROTOCOL section 7): own section, chunks of the streams, events.

import { BitReader } from './bits.js';
import { ByteReader } from './bytes.js';
import { DecodeError, DesyncError } from './errors.js';
import { MAX_CELLS_TOTAL, MAX_EVENTS, MAX_HASHES, MAX_STREAMS } from './limits.js';
import { readPlain } from './plain.js';
import { PrivateDecoder } from './private.js';
import { StreamDecoder } from './stream.js';
import { StreamLayout } from './stream/layout.js';
import { Union } from './union.js';
import { readValue } from './value.js';

const FLAG_FULL = 1;
const FLAG_RELIABLE = 2;
const FLAG_COUNTERS = 4;
const FLAG_HASHES32 = 8;
const FLAG_HASHES16 = 16;
const FLAG_PRIVATE = 32;
const FLAG_SPECIAL = 64;
const FLAG_STEADY = 128;

const CHUNK_CATCH_UP = 0;
const CHUNK_KEYFRAME = 1;
const CHUNK_EVENTS = 2;

/** `input_margin` when the server does not know it. */
const MARGIN_UNKNOWN = -128;

/**
 * @typedef {object} OwnSection
 * @property {number} tick
 * @property {number} ackedLow low 16 bits of the newest input applied
 * @property {number | null} margin how early inputs come, in ticks; null: unknown
 * @property {number | null} reliableReceived
 * @property {{late: number, starved: number} | null} counters
 * @property {number[] | null} hashes
 * @property {number} hashMask which bits of the hashes were sent
 * @property {Uint8Array | null} privates
 * @property {boolean} special whether chunks that name their stream follow
 * @property {boolean} steady whether deltas of the streams held follow
 */

/**
 * @typedef {object} SnapshotEvent
 * @property {number} tick
 * @property {any} event its JavaScript value
 */

/** Everything of one snapshot but the state itself. @typedef {OwnSection & {events: SnapshotEvent[], keyframe: boolean}} Snapshot */

/** The whole replicated state a client sees, moved on by snapshots. */
export class SnapshotDecoder {
  /**
   * @param {import('./schema.js').Schema} schema
   * @param {number} player whose private fields are received
   * @param {import('./messages.js').Level} [level] how the streams are coded
   * @param {Uint8Array | null} [prior] what they are coded from; null: the protocol's own
   * @param {import('./stream/motion.js').Rates} [rates] of the room
   */
  constructor(schema, player, level = 'packed', prior = null, rates = schema) {
    this.schema = schema;
    this.level = level;
    this.prior = prior;
    this.layout = new StreamLayout(schema, level, prior, rates);
    /** @type {number | null} tick of the newest snapshot */
    this.tick = null;
    /** Low 16 bits of the input it acknowledged. */
    this.ackedLow = 0;
    /** @type {Map<number, StreamDecoder>} by stream number */
    this.streams = new Map();
    /** @type {StreamDecoder[] | null} the same in ascending order of their numbers; null: to be sorted anew */
    this.inOrder = null;
    this.union = new Union(schema);
    this.privates = new PrivateDecoder(schema, player);
    this.eventCells = new Uint32Array(schema.event.columns);
  }

  /** The rows of all streams, one table per table of the schema. Valid until the next `apply`. */
  get tables() {
    return this.union.tables;
  }

  /** A connection begins: the server sends keyframes of every stream. Until then the old rows are shown. */
  startOver() {
    this.streams.clear();
    this.inOrder = null;
  }

  /**
   * Applies a snapshot. After an error the state is unusable until a keyframe.
   * @param {Uint8Array} body the message after its kind byte
   * @returns {Snapshot}
   */
  apply(body) {
    const reader = new ByteReader(body);
    const own = readOwnSection(reader, this.tick, this.ackedLow);
    /** @type {Snapshot} */
    const snapshot = { ...own, events: [], keyframe: false };
    /** @type {Set<StreamDecoder>} streams with a state chunk in this snapshot, in chunk order */
    const changed = new Set();
    if (own.special) this.#chunks(reader, snapshot, changed);
    const streams = this.#ordered();
    if (own.steady) deltas(reader, own.tick, streams, changed);
    if (changed.size > 0) this.#checkSize();
    if (reader.left > 0) throw new DecodeError(`${reader.left} bytes too many`);
    this.union.update(streams);
    this.privates.apply(this.tables, snapshot.keyframe, own.privates);
    checkHashes(own, [...changed]);
    this.tick = own.tick;
    this.ackedLow = own.ackedLow;
    return snapshot;
  }

  /**
   * The chunks that name their stream.
   * @param {ByteReader} reader
   * @param {Snapshot} snapshot
   * @param {Set<StreamDecoder>} changed
   */
  #chunks(reader, snapshot, changed) {
    const count = reader.varint();
    if (count === 0) throw new DecodeError('a section of no chunks');
    for (let i = 0; i < count; i += 1) this.#chunk(reader, snapshot, changed);
  }

  /**
   * @param {ByteReader} reader
   * @param {Snapshot} snapshot
   * @param {Set<StreamDecoder>} changed
   */
  #chunk(reader, snapshot, changed) {
    const head = reader.varint();
    const number = head >>> 2;
    const kind = head & 3;
    if (kind === CHUNK_KEYFRAME) {
      // A stream that has not changed for a while is sent as of its last change: deltas start from there.
      const base = snapshot.tick - reader.varint();
      const stream = this.#open(number);
      change(stream, changed);
      stream.keyframe(base, reader.take(reader.varint()));
      this.#checkSize();
      if (number === 0) snapshot.keyframe = true;
    } else if (kind === CHUNK_CATCH_UP) {
      const base = snapshot.tick - reader.varint();
      const from = base - reader.varint();
      const stream = this.streams.get(number);
      if (stream === undefined) throw new DesyncError(`a catch-up of stream ${number}, of which no state is held`);
      change(stream, changed);
      stream.catchUp(from, base, reader.take(reader.varint()));
      this.#checkSize();
    } else if (kind === CHUNK_EVENTS) {
      this.#events(reader.take(reader.varint()), snapshot);
    } else {
      this.streams.delete(number);
      this.inOrder = null;
    }
  }

  /**
   * @param {number} number
   * @returns {StreamDecoder}
   */
  #open(number) {
    let stream = this.streams.get(number);
    if (stream === undefined) {
      if (this.streams.size >= MAX_STREAMS) throw new DecodeError(`more than ${MAX_STREAMS} streams`);
      stream = new StreamDecoder(this.layout);
      this.streams.set(number, stream);
      this.inOrder = null;
    }
    return stream;
  }

  #checkSize() {
    let cells = 0;
    for (const stream of this.streams.values()) cells += stream.cells;
    if (cells > MAX_CELLS_TOTAL) throw new DecodeError(`${cells} cells in all streams are too many`);
  }

  #ordered() {
    this.inOrder ??= [...this.streams].sort(([a], [b]) => a - b).map(([, stream]) => stream);
    return this.inOrder;
  }

  /**
   * @param {Uint8Array} bytes
   * @param {Snapshot} snapshot
   */
  #events(bytes, snapshot) {
    const reader = new BitReader(bytes);
    const count = reader.gamma();
    if (snapshot.events.length + count > MAX_EVENTS) throw new DecodeError(`${count} more events in one snapshot`);
    for (let i = 0; i < count; i += 1) {
      const tick = snapshot.tick - reader.gamma();
      readPlain(this.schema.event, reader, this.eventCells, 0);
      snapshot.events.push({ tick, event: readValue(this.schema.event, this.eventCells, 0) });
    }
    reader.finish();
  }
}

/**
 * Notes that a stream has a state chunk in this snapshot; it can have only one.
 * @param {StreamDecoder} stream
 * @param {Set<StreamDecoder>} changed
 */
function change(stream, changed) {
  if (changed.has(stream)) throw new DecodeError('a snapshot has two state chunks of one stream');
  changed.add(stream);
}

/**
 * The deltas of all streams held but those that a chunk has restated: first the lengths of all but the last, which
 * takes what is left. Length 0: unchanged.
 * @param {ByteReader} reader
 * @param {number} tick
 * @param {readonly StreamDecoder[]} streams in ascending order of their numbers
 * @param {Set<StreamDecoder>} changed
 */
function deltas(reader, tick, streams, changed) {
  const restated = changed.size;
  const held = restated === 0 ? streams : streams.filter((stream) => !changed.has(stream));
  const lengths = readLengths(reader, held.length - 1);
  for (let i = 0; i < held.length; i += 1) {
    const length = i + 1 < held.length ? lengths[i] : reader.left;
    if (length === 0) continue;
    const stream = held[i];
    if (stream.tick === null) throw new DesyncError('a delta of a stream of which no state is held');
    changed.add(stream);
    stream.delta(stream.tick, tick, reader.take(length));
  }
  if (changed.size === restated) throw new DecodeError('a section of no deltas');
}

/**
 * Numbers in half bytes: three bits each, the low ones first, and whether more follow.
 * @param {ByteReader} reader
 * @param {number} count
 * @returns {number[]}
 */
function readLengths(reader, count) {
  const lengths = [];
  let byte = 0;
  let halves = 0;
  for (let i = 0; i < count; i += 1) {
    let length = 0;
    let more = true;
    for (let unit = 1; more; unit *= 8) {
      if (unit > 2 ** 30) throw new DecodeError('a length does not fit in 32 bits');
      byte = halves % 2 === 0 ? reader.u8() : byte >> 4;
      halves += 1;
      length += (byte & 7) * unit;
      more = (byte & 8) !== 0;
    }
    if (length > 0xffffffff) throw new DecodeError('a length does not fit in 32 bits');
    lengths.push(length);
  }
  if (halves % 2 === 1 && byte >> 4 !== 0) throw new DecodeError('the padding of lengths is not 0');
  return lengths;
}

/**
 * @param {ByteReader} reader
 * @param {number | null} newest tick of the newest snapshot
 * @param {number} newestAcked low 16 bits of the input it acknowledged
 * @returns {OwnSection}
 */
function readOwnSection(reader, newest, newestAcked) {
  const flags = reader.u8();
  const full = (flags & FLAG_FULL) !== 0;
  const tick = readTick(reader, full, newest);
  const ackedLow = full ? reader.u16() : (newestAcked + ((reader.u8() - newestAcked) & 0xff)) & 0xffff;
  const margin = reader.i8();
  const reliableReceived = (flags & FLAG_RELIABLE) !== 0 ? reader.varint() : null;
  const counters = (flags & FLAG_COUNTERS) !== 0 ? { late: reader.varint(), starved: reader.varint() } : null;
  const wide = (flags & FLAG_HASHES32) !== 0;
  const narrow = (flags & FLAG_HASHES16) !== 0;
  if (wide && narrow) throw new DecodeError('a snapshot has hashes of both widths');
  return {
    tick,
    ackedLow,
    margin: margin === MARGIN_UNKNOWN ? null : margin / 8,
    reliableReceived,
    counters,
    hashes: wide || narrow ? readHashes(reader, wide) : null,
    hashMask: wide ? 0xffffffff : 0xffff,
    privates: (flags & FLAG_PRIVATE) !== 0 ? reader.take(reader.varint()) : null,
    special: (flags & FLAG_SPECIAL) !== 0,
    steady: (flags & FLAG_STEADY) !== 0,
  };
}

/**
 * @param {ByteReader} reader
 * @param {boolean} whole
 * @param {number | null} newest
 * @returns {number}
 */
function readTick(reader, whole, newest) {
  if (whole) return reader.u32();
  const low = reader.u8();
  if (newest === null) throw new DesyncError('the first snapshot does not say its tick');
  return newest + (((low - newest) & 0xff) || 256);
}

/**
 * @param {ByteReader} reader
 * @param {boolean} wide
 * @returns {number[]}
 */
function readHashes(reader, wide) {
  const count = reader.varint();
  if (count > MAX_HASHES) throw new DecodeError(`${count} hashes in one snapshot`);
  return Array.from({ length: count }, () => (wide ? reader.u32() : reader.u16()));
}

/**
 * @param {OwnSection} own
 * @param {StreamDecoder[]} changed
 */
function checkHashes(own, changed) {
  if (own.hashes === null) return;
  if (own.hashes.length !== changed.length) {
    throw new DecodeError(`${own.hashes.length} hashes for ${changed.length} state chunks`);
  }
  own.hashes.forEach((hash, i) => {
    const held = (changed[i].hash() & own.hashMask) >>> 0;
    if (held !== hash) throw new DesyncError(`tick ${own.tick}: the state's hash is ${held}, the server's ${hash}`);
  });
}
