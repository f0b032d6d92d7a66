// A small server for tests: one room of a game with one ship per player, over a line with delays, in fake time.

import { BincodeReader, BincodeWriter } from '../bincode.js';
import { BitReader, BitWriter } from '../bits.js';
import { readPlain, writePlain } from '../plain.js';
import { parseSchema } from '../schema.js';
import { readValue, writeValue } from '../value.js';
import { StreamEncoder, TestWriter, snapshotMessage } from './encoder.js';

const field = (/** @type {string} */ name, /** @type {object} */ shape, /** @type {object} */ more = {}) => ({
  name,
  shape,
  to: 'everyone',
  lerp: false,
  predict: 'hold',
  velocity: null,
  sticky: false,
  ...more,
});
const table = (/** @type {string} */ name, /** @type {object[]} */ fields, /** @type {object} */ more = {}) => ({
  name,
  single: false,
  owner: null,
  audience: 'everyone',
  fields,
  ...more,
});
const position = { type: 'vector', n: 2, min: 0, step: 1 / 64, max_raw: 4095 };

export const SCHEMA_JSON = JSON.stringify({
  protocol: 1,
  game: 'ships',
  tick_hz: 30,
  send_every: 1,
  tables: [
    table('players', [
      field('name', { type: 'text', max: 24 }),
      field('team', { type: 'team' }),
      field('online', { type: 'bool' }),
      field('ping_ms', { type: 'int', min: 0, max: 4095 }),
      field('bot', { type: 'bool' }),
    ]),
    table(
      'ships',
      [
        field('player', { type: 'player' }),
        field('pos', position, { lerp: true, predict: 'linear', velocity: 2 }),
        field('vel', { type: 'vector', n: 2, min: -16, step: 1 / 32, max_raw: 1023 }),
        field('heading', { type: 'angle', bits: 8 }, { lerp: true }),
        field('hull', { type: 'int', min: 0, max: 100 }),
        field('ammo', { type: 'int', min: 0, max: 255 }, { to: 'owner' }),
      ],
      { owner: 0 },
    ),
    table('round', [field('number', { type: 'int', min: 0, max: 999 })], { single: true }),
  ],
  input: {
    type: 'struct',
    name: 'Input',
    fields: [
      { name: 'move_x', shape: { type: 'int', min: -1, max: 1 } },
      { name: 'fire', shape: { type: 'bool' } },
    ],
  },
  sticky: [1],
  command: { type: 'enum', name: 'Command', variants: [{ name: 'Colour', fields: [{ name: 'hue', shape: { type: 'int', min: 0, max: 15 } }] }] },
  event: { type: 'enum', name: 'Event', variants: [{ name: 'Boom', fields: [{ name: 'n', shape: { type: 'int', min: 0, max: 65535 } }] }, { name: 'Quiet', fields: [] }] },
});
export const SCHEMA = parseSchema(SCHEMA_JSON);
export const SCHEMA_HASH = '0123456789abcdef';

/** The rules: what the server runs, and what a page would write to predict them. */
export function step(/** @type {any} */ row, /** @type {any} */ input, /** @type {number} */ dt) {
  const f = Math.fround;
  row.vel.x = f(f(row.vel.x * f(0.75)) + f(input.move_x * 2));
  row.pos.x = f(row.pos.x + f(row.vel.x * dt));
  if (row.pos.x < 1) Object.assign(row.pos, { x: 1 });
  if (row.pos.x > 60) Object.assign(row.pos, { x: 60 });
  row.heading = f(row.heading + f(0.1));
  if (input.fire && row.ammo > 0) row.ammo -= 1;
}

/** Time that only passes when told to. */
export class FakeTime {
  constructor() {
    this.nowMs = 1000;
    /** @type {{at: number, order: number, fn: () => void}[]} */
    this.timers = [];
    this.order = 0;
  }

  /** @param {() => void} fn @param {number} ms */
  setTimer(fn, ms) {
    const timer = { at: this.nowMs + ms, order: this.order++, fn };
    this.timers.push(timer);
    return timer;
  }

  /** @param {any} timer */
  clearTimer(timer) {
    this.timers = this.timers.filter((other) => other !== timer);
  }

  /** @param {number} ms @param {(() => void)} [between] called after every timer */
  advance(ms, between) {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) break;
      this.nowMs = Math.max(this.nowMs, next.at);
      this.clearTimer(next);
      next.fn();
      between?.();
    }
    this.nowMs = end;
  }
}

/** @param {object} parts @returns {Uint8Array} a Welcome */
export function encodeWelcome(/** @type {any} */ parts) {
  const { player = 1, tick = 100, schema = SCHEMA_JSON, token = 'token', received = 0, epoch = 1, hash = SCHEMA_HASH, room = 'r', mode = 0, level = 0, priorHash = '', prior = null, reconnect = [] } = parts;
  const out = new BincodeWriter();
  out.u8(0x81);
  out.int(1);
  out.string(room);
  out.int(player);
  out.int(tick);
  out.int(30);
  out.int(1);
  out.int(epoch);
  out.string(hash);
  out.option(schema, (/** @type {string} */ text) => out.string(text));
  out.int(level);
  out.string(priorHash);
  out.option(prior, (/** @type {Uint8Array} */ bytes) => out.blob(bytes));
  out.string('{"map":"depot"}');
  out.int(0);
  out.string(token);
  out.int(received);
  out.int(mode);
  out.int(reconnect.length);
  for (const address of reconnect) out.string(address);
  out.int(30000);
  return out.finish();
}

/** @param {number} seq @param {any} message @returns {Uint8Array} */
export function encodeServerReliable(seq, message) {
  const out = new BincodeWriter();
  out.u8(0x83);
  out.u32(seq);
  out.int(['Event', 'Refused', 'Chat', 'Notice'].indexOf(message.type));
  if (message.type === 'Event') {
    out.int(message.tick);
    out.blob(encodeEvent(message.event));
  } else if (message.type === 'Refused') {
    out.int(message.seq);
    out.string(message.reason);
  } else if (message.type === 'Chat') {
    out.int(message.from);
    out.string(message.text);
  } else out.string(message.text);
  return out.finish();
}

/** @param {any} event @returns {Uint8Array} */
export function encodeEvent(event) {
  const cells = new Uint32Array(SCHEMA.event.columns);
  writeValue(SCHEMA.event, event, cells, 0);
  const writer = new BitWriter();
  writePlain(SCHEMA.event, cells, 0, writer);
  return writer.finish();
}

/** @param {Uint8Array} bytes a client's message @returns {any} */
export function decodeClient(bytes) {
  const reader = new BincodeReader(bytes);
  const kind = reader.u8();
  if (kind === 1) {
    return {
      kind: 'Hello',
      protocol: reader.int(),
      auth: [reader.int(), reader.string()],
      mode: reader.int(),
      verify: reader.bool(),
      schemaHash: reader.option(() => reader.string()),
      priorHash: reader.option(() => reader.string()),
      lastTick: reader.option(() => reader.int()),
      received: reader.int(),
      epoch: reader.long(),
      client: reader.string(),
    };
  }
  if (kind === 2) {
    const bits = new BitReader(bytes.subarray(1));
    const message = { kind: 'Inputs', received: bits.bits(32), drawn: bits.bits(32), first: bits.bits(32), inputs: /** @type {any[]} */ ([]) };
    const cells = new Uint32Array(SCHEMA.input.columns);
    for (let n = bits.bits(4); n > 0; n -= 1) {
      if (bits.bit() === 0) readPlain(SCHEMA.input, bits, cells, 0);
      message.inputs.push(readValue(SCHEMA.input, cells, 0));
    }
    bits.finish();
    return message;
  }
  if (kind === 3) {
    const seq = reader.u32();
    const tag = reader.int();
    return { kind: ['Command', 'Leave', 'Chat'][tag], seq, text: tag === 2 ? reader.string() : '', bytes: tag === 0 ? reader.blob() : null };
  }
  return { kind: 'Ping', token: reader.u32() };
}

/** Both ends of a line: the client's looks like a WebSocket. */
class FakeSocket {
  /** @param {FakeServer} server */
  constructor(server) {
    this.server = server;
    this.readyState = 0;
    this.binaryType = '';
    /** @type {any} */ this.onopen = null;
    /** @type {any} */ this.onmessage = null;
    /** @type {any} */ this.onclose = null;
    this.cut = false;
    this.newestUp = 0;
    this.newestDown = 0;
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    const copy = Uint8Array.from(bytes);
    this.newestUp = this.#later(this.newestUp, () => this.server.receive(this, copy));
  }

  /** @param {number} [code] @param {string} [reason] */
  close(code, reason) {
    this.readyState = 3;
    this.server.closes.push([code, reason]);
    this.#later(this.newestUp, () => this.server.gone(this));
  }

  /** To the client. @param {Uint8Array} bytes */
  deliver(bytes) {
    this.newestDown = this.#later(this.newestDown, () => this.readyState === 1 && this.onmessage?.({ data: Uint8Array.from(bytes).buffer }));
  }

  /** The server closes. @param {number} code @param {string} [reason] */
  end(code, reason = '') {
    this.newestDown = this.#later(this.newestDown, () => {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose?.({ code, reason });
    });
  }

  /** After the line's delay, never before what was sent earlier. @param {number} newest @param {() => void} fn */
  #later(newest, fn) {
    const { time } = this.server;
    const at = Math.max(newest, time.nowMs + this.server.delayMs());
    time.setTimer(() => this.cut || fn(), at - time.nowMs);
    return at;
  }
}

/** One room. */
export class FakeServer {
  /** @param {FakeTime} time @param {{delayMs?: () => number, verify?: boolean}} [options] */
  constructor(time, { delayMs = () => 10 } = {}) {
    this.time = time;
    this.delayMs = delayMs;
    this.tick = 500;
    this.deadline = time.nowMs + 1000 / 30;
    this.encoder = new StreamEncoder(SCHEMA);
    /** @type {Map<number, any>} rows of the ships, as values, by id */
    this.ships = new Map([
      [7, { player: 1, pos: { x: 30, y: 20 }, vel: { x: 0, y: 0 }, heading: 0, hull: 100, ammo: 200 }],
      [9, { player: 0, pos: { x: 10, y: 10 }, vel: { x: 3, y: 0 }, heading: 0, hull: 100, ammo: 0 }],
    ]);
    /** @type {FakeSocket | null} */
    this.socket = null;
    this.playing = false;
    this.needKeyframe = true;
    /** @type {Map<number, {input: any, atMs: number}>} */
    this.inputs = new Map();
    this.lastInput = { move_x: 0, fire: false };
    this.acked = 0;
    this.counters = { late: 0, starved: 0 };
    /** @type {any[]} */ this.hellos = [];
    /** @type {any[]} */ this.received = [];
    /** @type {number[]} */ this.inputNumbers = [];
    /** @type {any[]} */ this.closes = [];
    this.reliableIn = 0;
    /** @type {{seq: number, bytes: Uint8Array}[]} */ this.reliableOut = [];
    this.reliableSent = 0;
    /** @type {{tick: number, event: any}[]} */ this.events = [];
    this.private = 0;
    this.corrupt = false;
    this.refuse = /** @type {[number, string] | null} */ (null);
    this.silent = false;
    this.shove = 0;
    this.pings = 0;
    time.setTimer(() => this.#loop(), 1000 / 30);
  }

  openSocket() {
    const socket = new FakeSocket(this);
    this.time.setTimer(() => {
      if (this.refuse !== null) return socket.end(...this.refuse);
      socket.readyState = 1;
      return socket.onopen?.();
    }, this.delayMs());
    return /** @type {any} */ (socket);
  }

  /** Cuts the line without a word to the server; the client sees 1006. */
  cutLine() {
    const { socket } = this;
    if (socket === null) return;
    socket.cut = true;
    socket.readyState = 3;
    this.playing = false;
    socket.onclose?.({ code: 1006, reason: '' });
  }

  /** @param {FakeSocket} socket */
  gone(socket) {
    if (this.socket === socket) this.playing = false;
  }

  /** @param {any} message */
  sendReliable(message) {
    this.reliableSent += 1;
    const entry = { seq: this.reliableSent, bytes: encodeServerReliable(this.reliableSent, message) };
    this.reliableOut.push(entry);
    if (this.playing) this.socket?.deliver(entry.bytes);
  }

  /** @param {FakeSocket} socket @param {Uint8Array} bytes */
  receive(socket, bytes) {
    const message = decodeClient(bytes);
    if (message.kind === 'Hello') return this.#onHello(socket, message);
    if (socket !== this.socket) return undefined;
    if (message.kind === 'Ping') {
      this.pings += 1;
      const pong = Uint8Array.from(bytes);
      pong[0] = 0x84;
      return socket.deliver(pong);
    }
    if (message.kind === 'Inputs') return this.#onInputs(message);
    if (message.seq <= this.reliableIn) return undefined;
    if (message.seq !== this.reliableIn + 1) throw new Error(`gap: ${message.seq}`);
    this.reliableIn = message.seq;
    this.received.push(message);
    return undefined;
  }

  /** @param {FakeSocket} socket @param {any} hello */
  #onHello(socket, hello) {
    this.hellos.push(hello);
    this.socket = socket;
    this.playing = true;
    this.needKeyframe = true;
    this.reliableOut = this.reliableOut.filter(({ seq }) => seq > hello.received);
    const schema = hello.schemaHash === SCHEMA_HASH ? null : SCHEMA_JSON;
    socket.deliver(encodeWelcome({ tick: this.tick, schema, token: `token${this.hellos.length}`, received: this.reliableIn, mode: hello.mode }));
    for (const { bytes } of this.reliableOut) socket.deliver(bytes);
  }

  /** @param {any} message */
  #onInputs({ received, first, inputs }) {
    this.reliableOut = this.reliableOut.filter(({ seq }) => seq > received);
    inputs.forEach((/** @type {any} */ input, /** @type {number} */ i) => {
      const tick = first + i;
      this.inputNumbers.push(tick);
      if (tick <= this.tick) {
        this.counters.late += 1;
        this.lateMs = this.time.nowMs - (this.deadline - (this.tick + 1 - tick) * (1000 / 30));
      } else this.inputs.set(tick, { input, atMs: this.time.nowMs });
    });
  }

  #loop() {
    this.tick += 1;
    const waiting = this.inputs.get(this.tick);
    let margin = waiting === undefined ? null : ((this.deadline - waiting.atMs) * 30) / 1000;
    if (this.lateMs !== undefined) margin = (-this.lateMs * 30) / 1000;
    this.lateMs = undefined;
    if (waiting === undefined) this.counters.starved += 1;
    else {
      this.acked = this.tick;
      this.lastInput = waiting.input;
    }
    this.inputs.delete(this.tick);
    this.#simulate();
    this.#send(margin);
    this.deadline += 1000 / 30;
    this.time.setTimer(() => this.#loop(), this.deadline - this.time.nowMs);
  }

  #simulate() {
    for (const [id, ship] of this.ships) {
      const input = ship.player === 1 ? this.lastInput : { move_x: Math.floor(this.tick / 40) % 2 === 0 ? 1 : -1, fire: false };
      step(ship, input, Math.fround(1 / 30));
      if (ship.player === 1) ship.pos.x += this.shove;
      // What travels is what the server goes on with.
      const layout = SCHEMA.tables[1];
      const cells = new Uint32Array(16);
      for (const { name, shape } of layout.fields) {
        writeValue(shape, ship[name], cells, 0);
        ship[name] = readValue(shape, cells, 0);
      }
      this.ships.set(id, ship);
    }
    this.shove = 0;
  }

  /** @returns {import('./encoder.js').State} */
  state() {
    const rows = (/** @type {number} */ t, /** @type {[number, any][]} */ list) =>
      new Map(
        list.map(([id, values]) => {
          const cells = new Uint32Array(SCHEMA.tables[t].width);
          for (const { name, shape, offset } of SCHEMA.tables[t].publicFields) writeValue(shape, values[name], cells, offset);
          return [id, cells];
        }),
      );
    return [rows(0, [[1, { name: 'Ada', online: true }]]), rows(1, [...this.ships]), rows(2, [[1, { number: 3 }]])];
  }

  /** @param {number | null} margin */
  #send(margin) {
    const delta = this.encoder.advance(this.tick, this.state());
    const ammo = [...this.ships.values()].find(({ player }) => player === 1)?.ammo ?? null;
    if (!this.playing || this.socket === null || this.silent) return;
    const keyframe = this.needKeyframe;
    this.needKeyframe = false;
    const chunks = keyframe ? [{ kind: 1, bytes: this.encoder.keyframe() }] : [];
    if (this.events.length > 0) chunks.push({ kind: 2, bytes: this.#eventChunk() });
    let hash = this.encoder.hash();
    if (this.corrupt) hash ^= 1;
    this.corrupt = false;
    this.socket.deliver(
      snapshotMessage({
        tick: this.tick,
        whole: keyframe,
        acked: this.acked,
        margin,
        reliable: this.reliableIn,
        counters: [this.counters.late, this.counters.starved],
        hash: hash >>> 0,
        privates: ammo === null ? null : this.#privates(ammo, keyframe),
        chunks,
        deltas: keyframe ? [] : [delta],
      }),
    );
  }

  /** @param {number} ammo @param {boolean} keyframe */
  #privates(ammo, keyframe) {
    if (keyframe) this.private = 0;
    const writer = new BitWriter();
    writer.bits(ammo === this.private ? 0 : 1, 1);
    if (ammo !== this.private) writer.bits(ammo, 8);
    this.private = ammo;
    return writer.finish();
  }

  #eventChunk() {
    const writer = new TestWriter();
    writer.gamma(this.events.length);
    for (const { tick, event } of this.events) {
      writer.gamma(this.tick - tick);
      const cells = new Uint32Array(SCHEMA.event.columns);
      writeValue(SCHEMA.event, event, cells, 0);
      writePlain(SCHEMA.event, cells, 0, writer);
    }
    this.events = [];
    return writer.finish();
  }
}
