// What exists of a room once its Welcome has come: clocks, buffers, predictions, views.

import { InputLoop } from './input-loop.js';
import { Interpolator } from './interpolator.js';
import { PlaybackClock } from './playback.js';
import { Predictor } from './predictor.js';
import { DrawnState, NewestState } from './state-view.js';

/** @typedef {import('./messages.js').Welcome} Welcome */
/** @typedef {Extract<import('./session.js').SessionEvent, {type: 'snapshot'}>} SnapshotEvent */

/** One seat in one game, for as long as the seat is kept. */
export class Playing {
  /**
   * @param {import('./session.js').Session} session that has been welcomed
   * @param {Welcome} welcome
   * @param {Pick<import('./room.js').RoomOptions, 'input' | 'predict'>} options
   */
  constructor(session, welcome, { input, predict = [] }) {
    const { tickHz, sendEvery } = welcome;
    this.session = session;
    // The room's options may change the rate that the schema names.
    const schema = { .../** @type {import('./schema.js').Schema} */ (session.schema), tickHz, sendEvery };
    this.newest = new NewestState(schema);
    const world = { tables: this.newest.tables, options: session.options, player: welcome.player };
    this.predictors = [predict].flat().map((prediction) => new Predictor(schema, prediction, world));
    this.loop = new InputLoop(session, { tickHz, sample: input, predictors: this.predictors });
    this.playback = new PlaybackClock(tickHz, sendEvery);
    this.interpolator = new Interpolator(schema);
    this.drawn = new DrawnState(schema, this.interpolator, this.predictors);
  }

  /**
   * A connection begins.
   * @param {number} nowMs
   * @param {Welcome} welcome
   * @param {number} roundTripMs from Hello to Welcome
   */
  welcomed(nowMs, welcome, roundTripMs) {
    this.loop.welcomed(nowMs, welcome.tick, roundTripMs);
    this.playback.restart();
    this.interpolator.clear();
  }

  /**
   * A snapshot has been applied.
   * @param {number} nowMs
   * @param {SnapshotEvent} event
   * @param {boolean} hidden nobody looks: only the newest is kept
   */
  applied(nowMs, { snapshot, acked }, hidden) {
    const { decoder } = this.session;
    if (decoder === null) return;
    this.loop.feedback(nowMs, snapshot.margin, acked);
    this.playback.arrived(nowMs, snapshot.tick);
    if (hidden) this.interpolator.clear();
    this.interpolator.push(snapshot.tick, decoder.tables);
    this.newest.changed(decoder);
    const confirmed = this.loop.scheduled ? snapshot.tick : acked;
    for (const predictor of this.predictors) {
      const { index } = predictor.layout;
      predictor.confirm(confirmed, decoder.tables[index], decoder.privates.tables[index], this.loop.clock.at(nowMs));
    }
  }

  /**
   * The tab is looked at again: what was missed is not played.
   * @param {number} nowMs
   */
  shown(nowMs) {
    this.playback.resync();
    this.loop.clock.resync(nowMs);
  }

  /**
   * @param {number} nowMs
   * @returns {import('./state-view.js').View | null}
   */
  sample(nowMs) {
    const { decoder } = this.session;
    if (decoder === null) return null;
    return this.drawn.sample(nowMs, this.playback.at(nowMs), this.loop.clock.at(nowMs), decoder.privates.tables);
  }

  /** Figures for a HUD. */
  get stats() {
    const { clock } = this.loop;
    return {
      inputMarginTicks: clock.margin ?? 0,
      inputMarginTarget: clock.target,
      clockRate: clock.rate,
      clockSnaps: clock.snaps,
      mispredictions: this.predictors.reduce((sum, predictor) => sum + predictor.mispredictions, 0),
      correction: this.predictors.reduce((size, predictor) => Math.max(size, predictor.correction), 0),
      interpolationMs: this.playback.delayMs,
      jitterMs: this.playback.jitterMs,
    };
  }
}
