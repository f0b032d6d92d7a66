// The session with a room, without any I/O: bytes and times in, bytes and events out.

import { BitReader, BitWriter } from './bits.js';
import { DecodeError } from './errors.js';
import { encodeInputs } from './inputs.js';
import { MAX_MESSAGE_BYTES, MAX_PRIOR_BYTES } from './limits.js';
import { Kind, decodePong, decodeReliable, decodeWelcome, encodeHello, encodePing } from './messages.js';
import { readPlain, writePlain } from './plain.js';
import { ReliableIn, ReliableOut } from './reliable.js';
import { parseSchema } from './schema.js';
import { SnapshotDecoder } from './snapshot.js';
import { hasShippedPrior } from './stream/shipped.js';
import { readValue, writeValue } from './value.js';

/** Most reliable events that wait for the state of their tick. */
const MAX_WAITING = 1024;
/** Most messages that wait for the protocol's prior: half a minute of snapshots. */
const MAX_HELD = 1024;
/** Schemas by hash, for all sessions of this page. @type {Map<string, import('./schema.js').Schema>} */
const schemas = new Map();
/** Priors by hash, likewise. @type {Map<string, Uint8Array>} */
const priors = new Map();

/**
 * @typedef {{type: 'welcome', welcome: import('./messages.js').Welcome, resumed: boolean}
 *   | {type: 'snapshot', snapshot: import('./snapshot.js').Snapshot, acked: number, bytes: number}
 *   | {type: 'event', tick: number, event: any, reliable: boolean}
 *   | {type: 'refused', seq: number, reason: string}
 *   | {type: 'chat', from: number, text: string}
 *   | {type: 'notice', text: string}
 *   | {type: 'pong', roundTripMs: number}} SessionEvent
 */

/** One seat in one room, over as many connections as it takes. */
export class Session {
  /**
   * @param {{ticket: string, schemaHash?: string, priorHash?: string, inputMode?: import('./messages.js').InputMode,
   *   verify?: boolean, client?: string}} options `schemaHash`, `priorHash`: what the join said schema and prior are
   */
  constructor({ ticket, schemaHash = '', priorHash = '', inputMode = 'scheduled', verify = false, client = 'tickwire.js' }) {
    this.ticket = ticket;
    this.schemaHint = schemas.has(schemaHash) ? schemaHash : null;
    this.priorHint = priors.has(priorHash) ? priorHash : null;
    this.inputMode = inputMode;
    this.verify = verify;
    this.client = client;
    /** @type {import('./messages.js').Welcome | null} the newest */
    this.welcome = null;
    /** @type {import('./schema.js').Schema | null} */
    this.schema = null;
    /** @type {any} the room's options */
    this.options = {};
    /** @type {SnapshotDecoder | null} */
    this.decoder = null;
    this.out = new ReliableOut();
    this.in = new ReliableIn();
    /** Whether the Welcome of the present connection has come. */
    this.playing = false;
    /** Number of the newest input sent. */
    this.sentInput = 0;
    /** Highest reliable number that the server was told we have. */
    this.acknowledged = 0;
    this.counters = { late: 0, starved: 0 };
    /** Set by a desync: the state is not to be resumed from. */
    this.stateLost = false;
    /** @type {SessionEvent[]} */
    this.events = [];
    /** @type {Uint8Array[]} */
    this.outgoing = [];
    /** @type {{tick: number, event: any}[]} reliable events whose tick's state has not come */
    this.waiting = [];
    /** Messages from a Welcome on that cannot be read before the protocol's prior is here; null: none. @type {{nowMs: number, message: Uint8Array}[] | null} */
    this.held = null;
  }

  /** Begins a connection: everything else waits for the Welcome. */
  open() {
    this.playing = false;
    this.held = null;
    const token = this.welcome?.resumeToken;
    this.outgoing = [
      encodeHello({
        auth: token === undefined ? { type: 'Ticket', value: this.ticket } : { type: 'Resume', value: token },
        inputMode: this.inputMode,
        verify: this.verify,
        schemaHash: this.welcome?.schemaHash ?? this.schemaHint,
        priorHash: this.welcome?.priorHash || this.priorHint,
        lastTick: this.stateLost ? null : (this.decoder?.tick ?? null),
        reliableReceived: this.in.received,
        epochSeen: this.welcome?.epoch ?? 0n,
        client: this.client,
      }),
    ];
  }

  /** The connection is gone. */
  lost() {
    this.playing = false;
    this.held = null;
    this.outgoing = [];
  }

  /** @returns {Uint8Array[]} messages to send, in order */
  takeOutgoing() {
    return this.outgoing.splice(0);
  }

  /** @returns {SessionEvent[]} what happened, in order */
  takeEvents() {
    return this.events.splice(0);
  }

  /** Whether messages wait for `loadShippedPrior`, and then for `resume`. */
  get needsPrior() {
    return this.held !== null;
  }

  /** The protocol's prior has been loaded: reads what has waited for it. */
  resume() {
    const { held } = this;
    this.held = null;
    for (const { nowMs, message } of held ?? []) this.receive(nowMs, message);
  }

  /**
   * Takes a message. After an error the connection is to be closed; the next one starts from a keyframe.
   * @param {number} nowMs
   * @param {Uint8Array} message
   */
  receive(nowMs, message) {
    try {
      if (this.held === null) this.#dispatch(nowMs, message);
      else this.#hold(nowMs, message);
    } catch (error) {
      this.stateLost = true;
      throw error;
    }
  }

  /** @param {number} nowMs @param {Uint8Array} message */
  #dispatch(nowMs, message) {
    if (message.length === 0) throw new DecodeError('empty message');
    if (message.length > MAX_MESSAGE_BYTES) throw new DecodeError(`a message of ${message.length} bytes`);
    const kind = message[0];
    const body = message.subarray(1);
    if (kind === Kind.WELCOME) return this.#onWelcome(nowMs, message);
    if (!this.playing) throw new DecodeError(`message kind ${kind} before the Welcome`);
    if (kind === Kind.SNAPSHOT) return this.#onSnapshot(body);
    if (kind === Kind.SERVER_RELIABLE) return this.#onReliable(body);
    if (kind !== Kind.PONG) throw new DecodeError(`unknown message kind ${kind}`);
    // The token is a time in milliseconds, modulo 2^32.
    this.events.push({ type: 'pong', roundTripMs: (Math.floor(nowMs) - decodePong(body)) >>> 0 });
    return undefined;
  }

  /**
   * Keeps a message for later.
   * @param {number} nowMs
   * @param {Uint8Array} message
   */
  #hold(nowMs, message) {
    this.held ??= [];
    if (this.held.length >= MAX_HELD) throw new DecodeError('too many messages wait for the prior of the protocol');
    this.held.push({ nowMs, message });
  }

  /** @param {number} nowMs @param {Uint8Array} message */
  #onWelcome(nowMs, message) {
    if (this.playing) throw new DecodeError('a second Welcome');
    const welcome = decodeWelcome(message.subarray(1));
    if (welcome.level !== 'packed' && welcome.priorHash === '' && !hasShippedPrior()) return this.#hold(nowMs, message);
    const before = this.welcome;
    if (before !== null && welcome.epoch < before.epoch) throw new DecodeError('the server is of an older epoch of this room');
    const schema = schemaOf(welcome, before, this.schema);
    const resumed = before !== null && this.decoder !== null && this.schema === schema && before.player === welcome.player;
    const prior = priorOf(welcome);
    const { player, level } = welcome;
    const fits = resumed && !this.stateLost && /** @type {const} */ (['level', 'priorHash', 'tickHz', 'sendEvery']).every((key) => before[key] === welcome[key]);
    if (!fits || this.decoder === null) this.decoder = new SnapshotDecoder(schema, player, level, prior, welcome);
    this.decoder.startOver();
    this.options = parseOptions(welcome.options);
    this.schema = schema;
    this.welcome = welcome;
    this.stateLost = false;
    this.out.acknowledge(welcome.reliableReceived);
    this.acknowledged = this.in.received;
    this.playing = true;
    for (const { bytes } of this.out.pending) this.outgoing.push(bytes);
    this.events.push({ type: 'welcome', welcome, resumed });
    return undefined;
  }

  /** @param {Uint8Array} body */
  #onSnapshot(body) {
    const decoder = /** @type {SnapshotDecoder} */ (this.decoder);
    const snapshot = decoder.apply(body);
    if (snapshot.reliableReceived !== null) this.out.acknowledge(snapshot.reliableReceived);
    if (snapshot.counters !== null) this.counters = snapshot.counters;
    const acked = this.#ackedNumber(snapshot.ackedLow);
    this.events.push({ type: 'snapshot', snapshot, acked, bytes: body.length + 1 });
    for (const { tick, event } of snapshot.events) this.events.push({ type: 'event', tick, event, reliable: false });
    this.#releaseWaiting();
  }

  /**
   * @param {number} low 16 bits of the number of the newest input applied
   * @returns {number} the number; 0: none yet
   */
  #ackedNumber(low) {
    const number = this.sentInput - ((this.sentInput - low) & 0xffff);
    return number > 0 ? number : 0;
  }

  /** @param {Uint8Array} body */
  #onReliable(body) {
    const { seq, message } = decodeReliable(body);
    if (!this.in.accept(seq)) return;
    if (message.type === 'Event') {
      if (this.waiting.length >= MAX_WAITING) throw new DecodeError('too many events wait for the state of their tick');
      this.waiting.push({ tick: message.tick, event: this.#decodeEvent(message.bytes) });
      this.#releaseWaiting();
    } else if (message.type === 'Refused') {
      this.events.push({ type: 'refused', seq: message.seq, reason: message.reason });
    } else if (message.type === 'Chat') {
      this.events.push({ type: 'chat', from: message.from, text: message.text });
    } else {
      this.events.push({ type: 'notice', text: message.text });
    }
  }

  /** @param {Uint8Array} bytes */
  #decodeEvent(bytes) {
    const { event } = /** @type {import('./schema.js').Schema} */ (this.schema);
    const cells = new Uint32Array(event.columns);
    const reader = new BitReader(bytes);
    readPlain(event, reader, cells, 0);
    reader.finish();
    return readValue(event, cells, 0);
  }

  /** Hands out reliable events, in order, as far as the state of their ticks has been applied. */
  #releaseWaiting() {
    const tick = this.decoder?.tick ?? -1;
    while (this.waiting.length > 0 && this.waiting[0].tick <= tick) {
      const { tick: at, event } = /** @type {{tick: number, event: any}} */ (this.waiting.shift());
      this.events.push({ type: 'event', tick: at, event, reliable: true });
    }
  }

  /**
   * @param {any} value of the schema's command
   * @returns {number} its number, which a refusal names
   */
  command(value) {
    if (this.schema === null) throw new Error('commands can be sent once the room has welcomed this client');
    const { command } = this.schema;
    const cells = new Uint32Array(command.columns);
    writeValue(command, value, cells, 0);
    const writer = new BitWriter();
    writePlain(command, cells, 0, writer);
    return this.send({ type: 'Command', bytes: writer.finish() });
  }

  /**
   * Sends a reliable message, at once or after the next Welcome.
   * @param {import('./messages.js').ClientMessage} message
   * @returns {number} its number
   */
  send(message) {
    const { seq, bytes } = this.out.push(message);
    if (this.playing) this.outgoing.push(bytes);
    return seq;
  }

  /**
   * Sends inputs; without any only what was received is acknowledged.
   * @param {number} first number of the first
   * @param {readonly Uint32Array[]} inputs columns of each
   * @param {number} drawn the tick now drawn
   */
  inputs(first, inputs, drawn) {
    if (!this.playing || this.schema === null) return;
    if (inputs.length > 0) this.sentInput = first + inputs.length - 1;
    this.acknowledged = this.in.received;
    this.outgoing.push(encodeInputs(this.schema.input, { reliableReceived: this.in.received, drawn, first, inputs }));
  }

  /** Whether the server waits to hear that its reliable messages came. */
  get owesAcknowledgement() {
    return this.playing && this.acknowledged < this.in.received;
  }

  /** @param {number} nowMs */
  ping(nowMs) {
    if (this.playing) this.outgoing.push(encodePing(Math.floor(nowMs) >>> 0));
  }
}

/**
 * @param {import('./messages.js').Welcome} welcome
 * @param {import('./messages.js').Welcome | null} before
 * @param {import('./schema.js').Schema | null} held
 * @returns {import('./schema.js').Schema}
 */
function schemaOf(welcome, before, held) {
  if (held !== null && before?.schemaHash === welcome.schemaHash) return held;
  const known = schemas.get(welcome.schemaHash);
  if (known !== undefined) return known;
  if (welcome.schema === null) throw new DecodeError('the Welcome leaves out a schema that is not held here');
  const schema = parseSchema(welcome.schema);
  schemas.set(welcome.schemaHash, schema);
  return schema;
}

/**
 * @param {import('./messages.js').Welcome} welcome
 * @returns {Uint8Array | null} null: the protocol's own
 */
function priorOf({ priorHash, prior }) {
  if (prior !== null) {
    if (priorHash === '' || prior.length > MAX_PRIOR_BYTES) throw new DecodeError(`a prior of ${prior.length} bytes`);
    priors.set(priorHash, prior.slice());
  }
  if (priorHash === '') return null;
  const known = priors.get(priorHash);
  if (known === undefined) throw new DecodeError('the Welcome leaves out a prior that is not held here');
  return known;
}

/** @param {string} json @returns {any} */
function parseOptions(json) {
  try {
    return JSON.parse(json);
  } catch {
    throw new DecodeError('the options of the room are not JSON');
  }
}
