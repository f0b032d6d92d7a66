// When inputs are due: sampled once per tick, quantised, predicted, sent.

import { InputClock } from './clock.js';
import { MAX_CLIENT_MESSAGE_BYTES, MAX_INPUTS } from './limits.js';
import { readValue, unknownField, writeValue } from './value.js';

/** A resumed clock that is off by more than this is set anew, ticks. */
const RESUME_TICKS = 3;
/** Pings are this far apart, milliseconds. */
const PING_MS = 1000;

/**
 * Drives what a client sends by itself: inputs, acknowledgements, pings. It owns no timer: `run` is
 * called from one, from every frame and from every message, so that a throttled tab goes on.
 */
export class InputLoop {
  /**
   * @param {import('./session.js').Session} session
   * @param {{tickHz: number, sample: ((tick: number) => any) | undefined,
   *   predictors: readonly import('./predictor.js').Predictor[]}} options
   */
  constructor(session, { tickHz, sample, predictors }) {
    this.session = session;
    this.sample = sample;
    this.predictors = predictors;
    this.scheduled = session.inputMode === 'scheduled';
    this.clock = new InputClock(tickHz);
    this.started = false;
    this.pingedMs = -Infinity;
    /** Number of the newest input that was due, sent or not. */
    this.done = 0;
    /** @type {Uint32Array | null} columns of the newest input */
    this.last = null;
    this.checked = false;
  }

  /**
   * The Welcome came.
   * @param {number} nowMs
   * @param {number} tick the room's
   * @param {number} roundTripMs
   */
  welcomed(nowMs, tick, roundTripMs) {
    const { clock } = this;
    const expected = tick + (roundTripMs * clock.tickHz) / 1000 + clock.target + 1;
    if (!this.started) {
      if (this.scheduled) clock.start(nowMs, tick, roundTripMs);
      else clock.start(nowMs, -clock.target - 1, 0); // a running count: the first input is number 1
      this.done = Math.floor(clock.at(nowMs));
    } else if (this.scheduled && Math.abs(expected - clock.at(nowMs)) > RESUME_TICKS) {
      clock.start(nowMs, tick, roundTripMs);
      if (this.done > clock.at(nowMs)) this.#goBack(nowMs);
    } else {
      clock.resync(nowMs);
    }
    this.started = true;
  }

  /** The room's tick is behind what was: it restarted from an older state. @param {number} nowMs */
  #goBack(nowMs) {
    this.done = Math.floor(this.clock.at(nowMs));
    this.session.sentInput = Math.min(this.session.sentInput, this.done);
    for (const predictor of this.predictors) predictor.clear();
  }

  /**
   * A snapshot came.
   * @param {number} nowMs
   * @param {number | null} margin ticks
   * @param {number} acked
   */
  feedback(nowMs, margin, acked) {
    if (this.scheduled && this.sample !== undefined) this.clock.feedback(nowMs, margin, acked, this.session.counters.late);
  }

  /**
   * Queues what is due.
   * @param {number} nowMs
   * @param {number} drawn the tick now drawn
   */
  run(nowMs, drawn) {
    if (!this.session.playing) return;
    const due = Math.floor(this.clock.at(nowMs));
    if (due > this.done) {
      if (this.sample !== undefined) this.#inputs(due, drawn);
      this.done = due;
    }
    if (this.session.owesAcknowledgement) this.session.inputs(0, [], drawn);
    if (nowMs - this.pingedMs >= PING_MS) {
      this.pingedMs = nowMs;
      this.session.ping(nowMs);
    }
  }

  /** Milliseconds until the next input is due. @param {number} nowMs */
  untilNext(nowMs) {
    const { clock } = this;
    const at = clock.at(nowMs);
    return ((Math.floor(at) + 1 - at) * 1000) / (clock.tickHz * clock.rate);
  }

  /**
   * Samples the inputs of all ticks that are due and can still come in time.
   * @param {number} due
   * @param {number} drawn
   */
  #inputs(due, drawn) {
    const useful = this.scheduled ? Math.min(MAX_INPUTS, Math.ceil(this.clock.target) + 1) : 1;
    const count = Math.min(due - this.done, useful);
    const inputs = Array.from({ length: count }, (_, i) => this.#input(due - count + 1 + i));
    let rest = inputs;
    for (let first = due - count + 1; rest.length > 0; ) {
      const some = rest.slice(0, this.#perMessage());
      this.session.inputs(first, some, drawn);
      first += some.length;
      rest = rest.slice(some.length);
    }
  }

  /** Inputs that fit in one message whatever they hold. */
  #perMessage() {
    const columns = this.session.schema?.input.columns ?? 1;
    return Math.max(1, Math.min(MAX_INPUTS, Math.floor((MAX_CLIENT_MESSAGE_BYTES - 16) / (columns * 4 + 1))));
  }

  /**
   * @param {number} number
   * @returns {Uint32Array} columns of the input
   */
  #input(number) {
    const shape = /** @type {import('./schema.js').Schema} */ (this.session.schema).input;
    const cells = new Uint32Array(shape.columns);
    try {
      const value = /** @type {(tick: number) => any} */ (this.sample)(number);
      writeValue(shape, value, cells, 0);
      const stranger = this.checked ? undefined : unknownField(shape, value);
      this.checked = true;
      if (stranger !== undefined) throw new TypeError(`the input has no field ${stranger}`);
    } catch (error) {
      // The game's mistake: shown as an uncaught error; the loop goes on with the input before.
      queueMicrotask(() => {
        throw error;
      });
      if (this.last !== null) cells.set(this.last);
    }
    this.last = cells;
    if (this.predictors.length > 0) {
      const value = readValue(shape, cells, 0);
      for (const predictor of this.predictors) predictor.input(number, value);
    }
    return cells;
  }
}
