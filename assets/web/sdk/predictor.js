// Prediction of the player's own rows, and their reconciliation with what the server says.

import { KEPT, OwnRow } from './own-row.js';

/** @typedef {import('./table.js').Table} Table */
/** @typedef {Record<string, any>} Row */

/**
 * @typedef {object} Prediction what a game gives to have a table predicted
 * @property {string} table its name; the table has an owner
 * @property {(row: Row, input: any, dt: number, world: World) => Row | void} step moves one of the
 *   player's rows by one tick, exactly as the server does; changes `row` or returns another. Called
 *   several times per tick: it must not have effects of its own. `dt`: seconds, an f32
 * @property {number} [smoothMs] time in which a visual error falls to about a third, default 80
 */

/**
 * @typedef {object} World what a step may look at besides the row
 * @property {number} tick being predicted
 * @property {Readonly<Record<string, any>>} tables newest confirmed rows: Map of id -> row; of a single table the row
 * @property {any} options of the room
 * @property {number} player
 */

/** Time in which a visual error falls to 1/e, milliseconds. */
const SMOOTH_MS = 80;

/**
 * Runs the player's rows ahead of the server: each confirmed row is moved on by the inputs that the
 * server has not applied yet. A prediction is wrong when its bits differ from the confirmed ones.
 */
export class Predictor {
  /**
   * @param {import('./schema.js').Schema} schema
   * @param {Prediction} prediction
   * @param {Omit<World, 'tick'>} world
   */
  constructor(schema, prediction, world) {
    const layout = schema.tables.find(({ name }) => name === prediction.table);
    if (layout === undefined) throw new TypeError(`${schema.game} has no table ${prediction.table}`);
    if (layout.ownerColumn < 0) throw new TypeError(`rows of ${prediction.table} have no owner, so nobody can predict them`);
    this.layout = layout;
    this.prediction = prediction;
    this.world = { ...world, tick: 0 };
    this.dt = Math.fround(1 / schema.tickHz);
    /** @type {Map<number, OwnRow>} by row id */
    this.rows = new Map();
    /** Inputs by number, at slot n % KEPT. @type {{number: number, value: any}[]} */
    this.inputs = Array.from({ length: KEPT }, () => ({ number: -1, value: null }));
    /** Number of the newest input. */
    this.newest = -1;
    /** Snapshots that contradicted the prediction. */
    this.mispredictions = 0;
    /** Size of the newest correction, in the units of the largest vector field. */
    this.correction = 0;
    this.drawnMs = 0;
  }

  /** Forgets everything: another room, or a long cut. */
  clear() {
    this.rows.clear();
    this.newest = -1;
  }

  /**
   * A new input was sent: predicts one tick further.
   * @param {number} number the input's number; the tick it is for
   * @param {any} value the input as the server will read it
   */
  input(number, value) {
    if (number - this.newest >= KEPT) this.rows.clear(); // too far to bridge: the next snapshot starts anew
    if (this.newest >= 0) {
      // Inputs that were never sent: the server repeats the last one.
      for (let n = Math.max(this.newest + 1, number - KEPT); n < number; n += 1) this.#remember(n, this.#inputOf(n - 1));
    }
    this.#remember(number, value);
    for (const row of this.rows.values()) this.#replay(row, this.newest, number);
    this.newest = Math.max(this.newest, number);
  }

  /**
   * The server's state after input `number`: takes its rows and replays the inputs after it.
   * @param {number} number
   * @param {Table} table public rows
   * @param {Table} own private cells of own rows (their ids are the own rows)
   * @param {number} at input clock, for what is drawn now
   */
  confirm(number, table, own, at) {
    if (this.newest - number >= KEPT - 1) this.newest = number; // inputs are not getting through at all
    for (const id of this.rows.keys()) if (own.find(id) < 0) this.rows.delete(id);
    let wrong = false;
    for (let i = 0; i < own.count; i += 1) {
      const from = table.find(own.ids[i]);
      if (from >= 0) wrong = this.#confirmRow(own.ids[i], number, table, from, own, i, at) || wrong;
    }
    this.newest = Math.max(this.newest, number);
    if (wrong) this.mispredictions += 1;
  }

  /**
   * @param {number} id
   * @param {number} number
   * @param {Table} table
   * @param {number} from
   * @param {Table} own
   * @param {number} ownRow
   * @param {number} at
   */
  #confirmRow(id, number, table, from, own, ownRow, at) {
    const row = this.rows.get(id) ?? new OwnRow(this.layout, id);
    this.rows.set(id, row);
    const before = this.#draw(row, at);
    const wrong = row.confirm(number, table.cells, from * table.width, own.cells, ownRow * own.width);
    this.#replay(row, number, this.newest);
    const after = this.#draw(row, at);
    if (before !== null && after !== null) {
      const size = row.absorb(before, after);
      if (wrong) this.correction = size;
    }
    return wrong;
  }

  /**
   * The rows to draw.
   * @param {number} at input clock: between two inputs the row is blended
   * @param {number} nowMs
   * @returns {Map<number, Row>} id -> fresh row
   */
  sample(at, nowMs) {
    const fade = Math.exp(-Math.max(0, nowMs - this.drawnMs) / (this.prediction.smoothMs ?? SMOOTH_MS));
    this.drawnMs = nowMs;
    const drawn = new Map();
    for (const [id, row] of this.rows) {
      for (let i = 0; i < row.errors.length; i += 1) row.errors[i] *= fade;
      const values = this.#draw(row, at);
      if (values !== null) drawn.set(id, values);
    }
    return drawn;
  }

  /** @param {OwnRow} row @param {number} at */
  #draw(row, at) {
    const number = Math.min(Math.floor(at), this.newest);
    return row.draw(number, Math.min(1, at - number)) ?? row.draw(this.newest, 1);
  }

  /** @param {OwnRow} row @param {number} from input number whose row is known @param {number} to */
  #replay(row, from, to) {
    for (let n = from + 1; n <= to; n += 1) {
      this.world.tick = n;
      const input = this.#inputOf(n);
      const step = (/** @type {Row} */ values) => (input === null ? undefined : this.prediction.step(values, input, this.dt, this.world));
      if (!row.advance(n, step)) return;
    }
  }

  /** @param {number} number @returns {any} null when it is not known */
  #inputOf(number) {
    const slot = this.inputs[((number % KEPT) + KEPT) % KEPT];
    return slot.number === number ? slot.value : null;
  }

  /** @param {number} number @param {any} value */
  #remember(number, value) {
    const slot = this.inputs[number % KEPT];
    slot.number = number;
    slot.value = value;
  }
}
