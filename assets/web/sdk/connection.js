// One seat's line to the server: a WebSocket, and the next one when it breaks.

import { Backoff } from './backoff.js';
import { closeText, remedyOf, retryHint } from './close.js';
import { SUBPROTOCOL } from './messages.js';

/** From opening a socket to the Welcome, milliseconds. */
const HANDSHAKE_MS = 10_000;
/** The server sends at least twice a second: after this silence the line is dead, milliseconds. */
const SILENCE_MS = 5_000;
/** Code by which this side ends a broken line; browsers allow 1000 and 3000..4999. */
const CLOSE_BROKEN = 4000;
const CLOSE_NORMAL = 1000;
/** What a browser reports when there was no close frame. */
const CLOSE_LOST = 1006;

/**
 * @typedef {object} Status
 * @property {'connecting' | 'playing' | 'reconnecting' | 'closed'} state
 * @property {number} [code] close code of the last connection
 * @property {string} [reason] for people
 * @property {boolean} [final] closed for good
 * @property {number} [retryMs] time until the next attempt
 * @property {number} [attempt] number of attempts since the cut
 */

/**
 * What a connection needs from its surroundings; tests give their own.
 * @typedef {object} Surroundings
 * @property {(url: string, protocol: string) => WebSocket} openSocket
 * @property {() => number} now milliseconds, monotonic
 * @property {(fn: () => void, ms: number) => any} setTimer
 * @property {(timer: any) => void} clearTimer
 * @property {() => number} random uniform in [0, 1)
 */

/**
 * @typedef {object} Handlers
 * @property {() => string[]} addresses WebSocket URLs, best first; attempts go through them in turn
 * @property {() => void} onOpen
 * @property {(bytes: Uint8Array) => void} onMessage
 * @property {() => void} onLost
 * @property {(status: Status) => void} onStatus
 * @property {(() => Promise<void>) | null} rejoin gets a new ticket; null: a lost seat is final
 */

/** Keeps a line open until it is left, or a refusal is final. */
export class Connection {
  /**
   * @param {Surroundings} surroundings
   * @param {Handlers} handlers
   */
  constructor(surroundings, handlers) {
    this.around = surroundings;
    this.handlers = handlers;
    this.backoff = new Backoff(surroundings.random);
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Status} */
    this.status = { state: 'connecting' };
    this.attempts = 0;
    this.heardMs = 0;
    /** Of the handshake or of the next attempt. @type {any} */
    this.timer = null;
  }

  /** Opens the first socket, or the next one. */
  open() {
    if (this.status.state === 'closed') return;
    const addresses = this.handlers.addresses();
    const url = addresses[this.attempts % addresses.length];
    this.attempts += 1;
    const socket = this.around.openSocket(url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.#arm(HANDSHAKE_MS, () => this.drop('no welcome came'));
    socket.onopen = () => this.socket === socket && this.handlers.onOpen();
    socket.onmessage = ({ data }) => {
      if (this.socket !== socket) return;
      this.heardMs = this.around.now();
      if (data instanceof ArrayBuffer) this.handlers.onMessage(new Uint8Array(data));
      else this.drop('the server sent text');
    };
    socket.onclose = ({ code, reason }) => this.socket === socket && this.#lost(code, reason);
  }

  /** The Welcome came: the line works. */
  welcomed() {
    this.around.clearTimer(this.timer);
    this.backoff.reset();
    this.attempts = 0;
    this.heardMs = this.around.now();
    this.#report({ state: 'playing' });
  }

  /** @param {readonly Uint8Array[]} messages */
  send(messages) {
    if (this.socket === null || this.socket.readyState !== 1) return;
    for (const message of messages) this.socket.send(/** @type {Uint8Array<ArrayBuffer>} */ (message));
  }

  /** Gives up a line that has been silent for too long. */
  checkSilence() {
    if (this.status.state !== 'playing') return;
    if (this.around.now() - this.heardMs > SILENCE_MS) this.drop('the server is silent');
  }

  /**
   * Gives up the present line, as if it had been cut; another one is opened.
   * @param {string} reason
   */
  drop(reason) {
    const { socket } = this;
    if (socket === null) return;
    this.#lost(CLOSE_LOST, reason);
    socket.close(CLOSE_BROKEN, reason.slice(0, 60));
  }

  /**
   * Ends for good.
   * @param {string} reason
   */
  close(reason) {
    const { socket } = this;
    this.socket = null;
    this.around.clearTimer(this.timer);
    socket?.close(CLOSE_NORMAL);
    if (socket !== null) this.handlers.onLost();
    if (this.status.state !== 'closed') this.#report({ state: 'closed', code: CLOSE_NORMAL, reason, final: true });
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #lost(code, reason) {
    this.socket = null;
    this.around.clearTimer(this.timer);
    this.handlers.onLost();
    const remedy = remedyOf(code);
    const text = closeText(code, reason);
    const final = remedy === 'final' || (remedy === 'rejoin' && this.handlers.rejoin === null);
    if (final) return this.#report({ state: 'closed', code, reason: text, final: true });
    const hintMs = code === 1012 ? retryHint(reason) : null;
    const retryMs = this.backoff.next(this.around.now(), { hintMs, later: remedy === 'later' });
    this.#report({ state: 'reconnecting', code, reason: text, retryMs, attempt: this.backoff.attempt });
    return this.#arm(retryMs, () => (remedy === 'rejoin' ? this.#rejoin() : this.open()));
  }

  async #rejoin() {
    try {
      await this.handlers.rejoin?.();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.status.state !== 'closed') this.#report({ state: 'closed', code: 4001, reason, final: true });
      return;
    }
    this.open();
  }

  /** @param {number} ms @param {() => void} then */
  #arm(ms, then) {
    this.around.clearTimer(this.timer);
    this.timer = this.around.setTimer(then, ms);
  }

  /** @param {Status} status */
  #report(status) {
    this.status = status;
    this.handlers.onStatus(status);
  }
}

/** @returns {Surroundings} those of a browser */
export function browserSurroundings() {
  return {
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    now: () => performance.now(),
    setTimer: (fn, ms) => setTimeout(fn, ms),
    clearTimer: (timer) => clearTimeout(timer),
    random: Math.random,
  };
}

/**
 * @param {string} path of the seat, or a whole address
 * @param {string} base address of the server; empty: the page's own
 * @returns {string}
 */
export function socketAddress(path, base) {
  const page = typeof location === 'undefined' ? undefined : location.href;
  const url = new URL(path, base === '' ? page : new URL(base, page));
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
