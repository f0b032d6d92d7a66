// The server's HTTP API.

/** A refusal of the server, or no answer at all. */
export class ApiError extends Error {
  /**
   * @param {string} code for programs: `room_not_found`, `room_full`, `unreachable`, …
   * @param {string} message for people
   * @param {number} status HTTP status; 0: no answer
   */
  constructor(code, message, status) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }
}

/**
 * @typedef {object} RoomInfo
 * @property {string} id
 * @property {string} game
 * @property {number} seats
 * @property {number} players people with a seat
 * @property {number} bots
 * @property {number} clients connected now
 * @property {number} tick
 * @property {number} tick_hz
 * @property {import('./messages.js').Level} level how hard its snapshots are compressed
 * @property {number} load share of its tick period that it needs; above 1 it cannot keep up
 * @property {string} schema_hash
 * @property {string} prior_hash empty: the protocol's own
 */

/**
 * A seat in a room; what `connect` needs.
 * @typedef {object} Seat
 * @property {string} room
 * @property {number} player
 * @property {string} ticket single use, good for some seconds
 * @property {number} expires_ms
 * @property {string} socket path of the WebSocket
 * @property {string} schema_hash
 * @property {string} [prior_hash] empty: the protocol's own
 */

/** Talks to one server. Every method throws ApiError when it is refused. */
export class Api {
  /** @param {string} [base] address of the server; empty: the page's own */
  constructor(base = '') {
    this.base = base.replace(/\/$/, '');
  }

  /** @returns {Promise<{name: string, schema_hash: string, prior_hash: string}[]>} */
  async games() {
    return (await this.#call('GET', '/v1/games')).games;
  }

  /**
   * @param {string} [game] only rooms of this game
   * @returns {Promise<RoomInfo[]>}
   */
  async rooms(game) {
    const query = game === undefined ? '' : `?game=${encodeURIComponent(game)}`;
    return (await this.#call('GET', `/v1/rooms${query}`)).rooms;
  }

  /**
   * @param {string} id
   * @returns {Promise<RoomInfo>}
   */
  async room(id) {
    return this.#call('GET', `/v1/rooms/${encodeURIComponent(id)}`);
  }

  /**
   * @param {{game: string, options?: object, bots?: number, level?: import('./messages.js').Level, id?: string}} wanted
   * @returns {Promise<RoomInfo>}
   */
  async createRoom(wanted) {
    return this.#call('POST', '/v1/rooms', wanted);
  }

  /**
   * Takes a seat.
   * @param {string} id of the room
   * @param {{name?: string}} [profile]
   * @returns {Promise<Seat>}
   */
  async join(id, profile = {}) {
    return this.#call('POST', `/v1/rooms/${encodeURIComponent(id)}/join`, profile);
  }

  /**
   * The schema of a game; it never changes under its hash, so browsers keep it.
   * @param {string} hash
   * @returns {Promise<any>}
   */
  async schema(hash) {
    return this.#call('GET', `/v1/schemas/${encodeURIComponent(hash)}`);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async #call(method, path, body) {
    /** @type {Response} */
    let response;
    try {
      const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      response = await fetch(this.base + path, { method, ...content });
    } catch {
      throw new ApiError('unreachable', 'the server cannot be reached', 0);
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    const { code = 'unknown', message = `the server answered ${response.status}` } = answer?.error ?? {};
    throw new ApiError(code, message, response.status);
  }
}
