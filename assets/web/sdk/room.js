// A seat in a room: what a game talks to.

import { Agenda } from './agenda.js';
import { Connection, browserSurroundings, socketAddress } from './connection.js';
import { Emitter } from './emitter.js';
import { DecodeError } from './errors.js';
import { Playing } from './playing.js';
import { Session } from './session.js';
import { loadShippedPrior } from './stream/shipped.js';
import { Stats } from './stats.js';
import { unknownField } from './value.js';

/** Pause of the loop while nothing is due, milliseconds. */
const IDLE_MS = 250;
/** So many desyncs within so many milliseconds are not healed by coming back. */
const MAX_DESYNCS = 6;
const DESYNC_WINDOW_MS = 30_000;
/** Commands remembered so that a refusal can show what was refused. */
const KEPT_COMMANDS = 128;
/** Figures before the first Welcome. */
const NO_STATS = Object.freeze({
  inputMarginTicks: 0,
  inputMarginTarget: 0,
  clockRate: 1,
  clockSnaps: 0,
  mispredictions: 0,
  correction: 0,
  interpolationMs: 0,
  jitterMs: 0,
});

/**
 * @typedef {object} RoomOptions
 * @property {string} [base] address of the server; empty: the page's own
 * @property {import('./messages.js').InputMode} [inputMode] default 'scheduled'
 * @property {boolean} [verify] have every state's hash checked
 * @property {(tick: number) => any} [input] sampled once per tick; missing fields take their default
 * @property {import('./predictor.js').Prediction | import('./predictor.js').Prediction[]} [predict]
 * @property {() => Promise<import('./api.js').Seat>} [rejoin] takes a new seat when the old one is lost
 * @property {string} [client] free text for the server's logs
 */

/**
 * One seat, over as many connections as it takes. Events (`on`): `status` (Status), `welcome`, `snapshot`, `event` (when
 * the drawn past reaches its tick) and `arrived` (as soon as its tick's state is there), both (event, tick, {reliable}),
 * `chat`, `refused`, `notice`, `desync`.
 */
export class Room {
  #emitter = new Emitter();
  #agenda = new Agenda();
  #stats = new Stats();
  #options;
  #around;
  #connection;
  #session;
  /** @type {import('./api.js').Seat} */
  #seat;
  /** @type {Playing | null} null before the first Welcome */
  #game = null;
  /** @type {any} */
  #timer = null;
  #helloMs = 0;
  #hidden = false;
  /** @type {Map<number, any>} commands by number, the newest, for refusals */
  #commands = new Map();
  /** @type {number[]} */
  #desyncTimes = [];
  /** @type {() => void} */
  #stopWatching = () => {};

  /**
   * @param {import('./api.js').Seat} seat
   * @param {RoomOptions} [options]
   * @param {import('./connection.js').Surroundings} [surroundings] sockets, clock and timers; tests give their own
   */
  constructor(seat, options = {}, surroundings = browserSurroundings()) {
    this.#seat = seat;
    this.#options = options;
    this.#around = surroundings;
    this.#session = this.#newSession();
    this.#connection = new Connection(surroundings, {
      addresses: () => this.#addresses(),
      onOpen: () => this.#onOpen(),
      onMessage: (bytes) => this.#onMessage(bytes),
      onLost: () => this.#session.lost(),
      onStatus: (status) => this.#onStatus(status),
      rejoin: options.rejoin === undefined ? null : () => this.#rejoin(),
    });
    this.#watchVisibility();
    this.#connection.open();
    queueMicrotask(() => this.status.state === 'connecting' && this.#emitter.emit('status', this.status));
    this.#run();
  }

  #newSession() {
    const { inputMode, verify, client } = this.#options;
    const { ticket, schema_hash: schemaHash, prior_hash: priorHash } = this.#seat;
    return new Session({ ticket, schemaHash, priorHash, inputMode, verify, client });
  }

  /** Id of the room. */
  get id() {
    return this.#session.welcome?.room ?? this.#seat.room;
  }

  /** The player's id. */
  get player() {
    return this.#session.welcome?.player ?? this.#seat.player;
  }

  /** The game's schema as JSON; null before the Welcome. @returns {any} */
  get schema() {
    return this.#session.schema?.json ?? null;
  }

  /** The room's options. @returns {any} */
  get options() {
    return this.#session.options;
  }

  /** The newest Welcome. */
  get welcome() {
    return this.#session.welcome;
  }

  /** Tick of the newest state; 0 before the first. */
  get tick() {
    return this.#session.decoder?.tick ?? 0;
  }

  /** Ticks per second. */
  get tickHz() {
    return this.#session.welcome?.tickHz ?? 0;
  }

  /** Rows of the newest state by table: Map of id -> row, updated in place; of a single table the row. */
  get tables() {
    return this.#game?.newest.tables ?? {};
  }

  get status() {
    return this.#connection.status;
  }

  /** Figures for a HUD. */
  get stats() {
    const { counters } = this.#session;
    return {
      pingMs: this.#stats.pingMs,
      ...this.#stats.rates(this.#around.now()),
      snapshotBytes: this.#stats.snapshotBytes,
      lateInputs: counters.late,
      starvedTicks: counters.starved,
      desyncs: this.#stats.desyncs,
      ...(this.#game?.stats ?? NO_STATS),
    };
  }

  /**
   * @param {'status' | 'welcome' | 'snapshot' | 'event' | 'arrived' | 'chat' | 'refused' | 'notice' | 'desync'} name
   * @param {(...values: any[]) => void} listener
   * @returns {() => void} removes the listener
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * What to draw now. The same objects at each call, updated in place.
   * @param {number} [nowMs] as of `performance.now()`
   * @returns {import('./state-view.js').View | null} null before the first snapshot
   */
  sample(nowMs = this.#around.now()) {
    this.#step();
    return this.#game?.sample(nowMs) ?? null;
  }

  /**
   * Sends a command of the game, exactly once, also across a cut.
   * @param {any} value of the schema's command
   * @returns {number} its number; a `refused` event names it
   */
  command(value) {
    const shape = this.#session.schema?.command;
    const stranger = shape && unknownField(shape, value);
    if (stranger !== undefined) throw new TypeError(`the command ${value.type ?? ''} has no field ${stranger}`);
    const seq = this.#session.command(value);
    this.#commands.set(seq, value);
    if (this.#commands.size > KEPT_COMMANDS) this.#commands.delete(seq - KEPT_COMMANDS);
    this.#flush();
    return seq;
  }

  /** @param {string} text */
  chat(text) {
    this.#session.send({ type: 'Chat', text });
    this.#flush();
  }

  /** Gives the seat up and closes. */
  leave() {
    if (this.#session.playing) {
      this.#session.send({ type: 'Leave' });
      this.#flush();
    }
    this.#connection.close('left');
  }

  /** Cuts the line as a bad network would; it reconnects by itself. For tests and debug pages. */
  dropConnection() {
    this.#connection.drop('dropped by the page');
  }

  #addresses() {
    const { base = '' } = this.#options;
    const own = socketAddress(this.#seat.socket, base);
    const told = (this.#session.welcome?.reconnect ?? []).map((address) => socketAddress(address, base));
    return told.length > 0 ? told : [own];
  }

  async #rejoin() {
    if (this.#options.rejoin === undefined) return;
    this.#seat = await this.#options.rejoin();
    this.#session = this.#newSession();
    this.#commands.clear();
  }

  #onOpen() {
    this.#session.open();
    this.#helloMs = this.#around.now();
    this.#flush();
  }

  /** @param {Uint8Array} bytes */
  #onMessage(bytes) {
    const now = this.#around.now();
    this.#stats.received(now, bytes.length);
    const waited = this.#session.needsPrior;
    this.#take(now, () => this.#session.receive(now, bytes));
    if (!waited && this.#session.needsPrior) void this.#awaitPrior();
  }

  /** Goes on once the protocol's prior has come: only rooms of the ranged levels need it. */
  async #awaitPrior() {
    try {
      await loadShippedPrior();
    } catch {
      if (this.#session.needsPrior) this.#connection.drop('the prior of the protocol could not be fetched');
      return;
    }
    this.#take(this.#around.now(), () => this.#session.resume());
  }

  /**
   * @param {number} now
   * @param {() => void} read reads a message, or several
   */
  #take(now, read) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#onDesync(now, error.message);
    }
    for (const event of this.#session.takeEvents()) this.#onSessionEvent(now, event);
    this.#step();
  }

  /** @param {number} now @param {import('./session.js').SessionEvent} event */
  #onSessionEvent(now, event) {
    switch (event.type) {
      case 'welcome':
        return this.#onWelcome(now, event.welcome, event.resumed);
      case 'snapshot':
        return this.#onSnapshot(now, event);
      case 'event':
        this.#agenda.add(event);
        return this.#emitter.emit('arrived', event.event, event.tick, { reliable: event.reliable });
      case 'refused':
        return this.#emitter.emit('refused', { seq: event.seq, reason: event.reason, command: this.#commands.get(event.seq) });
      case 'chat':
        return this.#emitter.emit('chat', { from: event.from, text: event.text });
      case 'notice':
        return this.#emitter.emit('notice', event.text);
      case 'pong':
        return this.#stats.pong(event.roundTripMs);
    }
  }

  /** @param {number} now @param {import('./messages.js').Welcome} welcome @param {boolean} resumed */
  #onWelcome(now, welcome, resumed) {
    if (!resumed || this.#game === null) this.#game = new Playing(this.#session, welcome, this.#options);
    this.#game.welcomed(now, welcome, now - this.#helloMs);
    this.#connection.welcomed();
    this.#emitter.emit('welcome', welcome);
  }

  /** @param {number} now @param {import('./playing.js').SnapshotEvent} event */
  #onSnapshot(now, event) {
    const { snapshot, acked, bytes } = event;
    this.#stats.snapshot(now, bytes);
    this.#game?.applied(now, event, this.#hidden);
    this.#emitter.emit('snapshot', { tick: snapshot.tick, bytes, inputMargin: snapshot.margin, ackedInput: acked });
  }

  /** The state cannot be trusted: a new connection brings a keyframe. @param {number} now @param {string} reason */
  #onDesync(now, reason) {
    this.#stats.desyncs += 1;
    this.#emitter.emit('desync', { reason });
    this.#desyncTimes = [...this.#desyncTimes.filter((ms) => now - ms < DESYNC_WINDOW_MS), now];
    if (this.#desyncTimes.length >= MAX_DESYNCS) this.#connection.close(`the state cannot be followed: ${reason}`);
    else this.#connection.drop(reason);
  }

  /** @param {import('./connection.js').Status} status */
  #onStatus(status) {
    if (status.state === 'closed') {
      this.#around.clearTimer(this.#timer);
      this.#stopWatching();
    }
    this.#emitter.emit('status', status);
  }

  /** The loop: independent of frames, which stop in a hidden tab. */
  #run() {
    if (this.status.state === 'closed') return;
    this.#step();
    const untilNext = this.#session.playing ? this.#game?.loop.untilNext(this.#around.now()) : undefined;
    this.#timer = this.#around.setTimer(() => this.#run(), Math.min(Math.max(untilNext ?? IDLE_MS, 1), IDLE_MS));
  }

  /** Does what is due now: inputs, pings, events. */
  #step() {
    this.#connection.checkSilence();
    if (this.#game === null || !this.#session.playing) return;
    const now = this.#around.now();
    const drawn = this.#game.playback.at(now);
    this.#game.loop.run(now, drawn);
    this.#flush();
    const due = this.#hidden ? this.#agenda.flush() : this.#agenda.take(drawn);
    for (const { event, tick, reliable } of due) this.#emitter.emit('event', event, tick, { reliable });
  }

  #flush() {
    this.#connection.send(this.#session.takeOutgoing());
  }

  #watchVisibility() {
    if (typeof document === 'undefined') return;
    const listen = () => this.#onVisibility(document.visibilityState === 'hidden');
    document.addEventListener('visibilitychange', listen);
    this.#stopWatching = () => document.removeEventListener('visibilitychange', listen);
    this.#hidden = document.visibilityState === 'hidden';
  }

  /** @param {boolean} hidden */
  #onVisibility(hidden) {
    this.#hidden = hidden;
    if (hidden || this.#game === null) return;
    this.#game.shown(this.#around.now());
    this.#step();
  }
}

/**
 * Takes the seat: opens the connection and keeps it.
 * @param {import('./api.js').Seat} seat from `Api.join`
 * @param {RoomOptions} [options]
 * @returns {Room}
 */
export function connect(seat, options = {}) {
  return new Room(seat, options);
}
