// Tables as a game sees them: by name, made only when they are asked for.

import { Rows } from './rows.js';

/** @typedef {import('./rows.js').Row} Row */
/** @typedef {import('./schema.js').Schema} Schema */
/** @typedef {Record<string, any>} Tables name -> Map of id -> row; of a single table the row itself */

/**
 * An object with a getter per table.
 * @param {Schema} schema
 * @param {(index: number) => Map<number, Row>} rowsOf
 * @returns {Tables}
 */
export function tablesView(schema, rowsOf) {
  /** @type {PropertyDescriptorMap} */
  const properties = {};
  for (const { name, index, single } of schema.tables) {
    const get = single ? () => rowsOf(index).get(1) : () => rowsOf(index);
    properties[name] = { get, enumerable: true };
  }
  return Object.defineProperties({}, properties);
}

/** The newest state: row objects are brought up to date when a table is looked at. */
export class NewestState {
  /** @param {Schema} schema */
  constructor(schema) {
    this.rows = schema.tables.map((layout) => new Rows(layout));
    /** Snapshots that each table's rows have followed. */
    this.followed = new Float64Array(schema.tables.length);
    this.snapshots = 0;
    /** @type {import('./snapshot.js').SnapshotDecoder | null} */
    this.decoder = null;
    /** @type {Tables} */
    this.tables = tablesView(schema, (index) => this.#rowsOf(index));
  }

  /** @param {import('./snapshot.js').SnapshotDecoder} decoder that has applied a snapshot */
  changed(decoder) {
    this.decoder = decoder;
    this.snapshots += 1;
  }

  /** @param {number} index */
  #rowsOf(index) {
    const rows = this.rows[index];
    if (this.decoder !== null && this.followed[index] !== this.snapshots) {
      this.followed[index] = this.snapshots;
      rows.update(this.decoder.tables[index], this.decoder.privates.tables[index]);
    }
    return rows.map;
  }
}

/**
 * What `Room.sample` gives.
 * @typedef {object} View
 * @property {number} tick drawn, with its fraction
 * @property {Tables} tables interpolated rows; own rows of predicted tables as predicted
 * @property {Record<string, Map<number, Row>>} own predicted rows alone, by table
 */

/** The state to draw: the interpolated past of others, the predicted present of the player. */
export class DrawnState {
  /**
   * @param {Schema} schema
   * @param {import('./interpolator.js').Interpolator} interpolator
   * @param {readonly import('./predictor.js').Predictor[]} predictors
   */
  constructor(schema, interpolator, predictors) {
    this.interpolator = interpolator;
    this.predictors = predictors;
    /** @type {readonly import('./table.js').Table[]} private cells of own rows */
    this.privates = [];
    this.samples = 0;
    this.followed = new Float64Array(schema.tables.length);
    /** @type {View} the same object at every call */
    this.view = { tick: 0, tables: tablesView(schema, (index) => this.#rowsOf(index)), own: {} };
  }

  /**
   * @param {number} nowMs
   * @param {number} drawnTick
   * @param {number} inputTick the input clock
   * @param {readonly import('./table.js').Table[]} privates
   * @returns {View | null} null before the first snapshot
   */
  sample(nowMs, drawnTick, inputTick, privates) {
    if (!this.interpolator.seek(drawnTick)) return null;
    this.samples += 1;
    this.privates = privates;
    this.view.tick = drawnTick;
    for (const predictor of this.predictors) {
      this.view.own[predictor.layout.name] = predictor.sample(inputTick, nowMs);
    }
    return this.view;
  }

  /** @param {number} index */
  #rowsOf(index) {
    if (this.followed[index] === this.samples) return this.interpolator.rows[index].map;
    this.followed[index] = this.samples;
    const map = this.interpolator.table(index, this.privates[index] ?? null);
    for (const { layout } of this.predictors) {
      if (layout.index !== index) continue;
      for (const [id, row] of this.view.own[layout.name] ?? []) this.interpolator.rows[index].override(id, row);
    }
    return map;
  }
}
