// The input clock: which tick's input is due now, steered by the server's feedback.

/** The rate is never off by more than this. */
const MAX_RATE = 0.03;
/** Share of the margin's error that is worked off per tick. */
const GAIN = 0.05;
/** Errors below this, in ticks, are left alone. */
const DEAD_BAND = 0.1;
/** An error past this many ticks is corrected at once. */
const SNAP_TICKS = 10;
/** While the clock is being set, errors past this many ticks are corrected at once too … */
const ACQUIRE_TICKS = 1.5;
/** … for this long after a start or resync, milliseconds. */
const ACQUIRE_MS = 1500;
/** After a snap the feedback that still speaks of older inputs is ignored, at most this long, milliseconds. */
const SETTLE_MS = 1500;
/** When inputs were useless for this long, being late by more than HOPELESS_TICKS, 3 % would take too long. */
const HOPELESS_MS = 500;
const HOPELESS_TICKS = 1;

/** Margin that is kept even on a perfect line, ticks. */
const BASE_MARGIN = 0.4;
/** Margin for each tick of mean deviation of the measured margin. */
const MARGIN_PER_DEVIATION = 2.5;
/** Largest margin aimed at, ticks. */
const MAX_MARGIN = 8;
/** What a late input adds to the margin, ticks, up to LATE_MAX; it fades by LATE_FADE per snapshot. */
const LATE_STEP = 0.25;
const LATE_MAX = 3;
const LATE_FADE = 0.998;
/** Weight of the newest measurement in the mean margin and in its deviation. */
const MEAN_WEIGHT = 0.12;
const DEVIATION_WEIGHT = 0.06;
/** Deviations count as at most this, ticks. */
const MAX_OFF = 1;

/**
 * No estimate of the server's time: each snapshot says how early this client's inputs come
 * (`input_margin`), and the clock runs up to 3 % faster or slower until they come as early as
 * they should. How early that is follows from how much the margin varies, and from inputs that
 * came late all the same.
 */
export class InputClock {
  /** @param {number} tickHz ticks per second */
  constructor(tickHz) {
    this.tickHz = tickHz;
    this.anchorMs = 0;
    this.anchorTick = 0;
    /** Ticks per tick: 0.97..1.03. */
    this.rate = 1;
    /** Mean of the measured margins, ticks; null: none since the last snap. @type {number | null} */
    this.margin = null;
    /** Mean deviation from it, ticks. */
    this.deviation = 0;
    this.lateBonus = 0;
    this.lateSeen = 0;
    /** Corrections that were not worked off but jumped. */
    this.snaps = 0;
    this.acquireUntilMs = 0;
    /** Since when all inputs come far too late; NaN: they do not. */
    this.hopelessSinceMs = NaN;
    /** After a snap: the first input number sent since, and when waiting for it ends. */
    this.settleNumber = 0;
    this.settleUntilMs = 0;
  }

  /**
   * Sets the clock from the Welcome.
   * @param {number} nowMs
   * @param {number} tick the room's tick when the Welcome was sent
   * @param {number} roundTripMs time from Hello to Welcome
   */
  start(nowMs, tick, roundTripMs) {
    this.#set(nowMs, tick + (roundTripMs * this.tickHz) / 1000 + this.target + 1);
    this.rate = 1;
    this.margin = null;
    this.resync(nowMs);
  }

  /**
   * Lets the next feedback correct the clock at once: after a hidden tab or a stall.
   * @param {number} nowMs
   */
  resync(nowMs) {
    this.acquireUntilMs = nowMs + ACQUIRE_MS;
  }

  /**
   * @param {number} nowMs
   * @returns {number} the tick whose input is due, with its fraction
   */
  at(nowMs) {
    return this.anchorTick + ((nowMs - this.anchorMs) * this.tickHz * this.rate) / 1000;
  }

  /** Margin aimed at, ticks. */
  get target() {
    return Math.min(BASE_MARGIN + MARGIN_PER_DEVIATION * this.deviation + this.lateBonus, MAX_MARGIN);
  }

  /**
   * Takes what a snapshot says.
   * @param {number} nowMs
   * @param {number | null} margin how early the inputs come, ticks; null: unknown
   * @param {number} acked number of the newest input that the server applied
   * @param {number} late inputs of this client that came too late so far
   */
  feedback(nowMs, margin, acked, late) {
    const newlyLate = late - this.lateSeen;
    this.lateSeen = late;
    if (acked < this.settleNumber && nowMs < this.settleUntilMs) return;
    const measured = margin ?? (newlyLate > 0 ? -1 : null); // late inputs leave no margin to measure
    if (measured === null) return;
    this.#measure(measured);
    this.#countLate(newlyLate);
    const error = this.target - (this.margin ?? measured);
    const limit = nowMs < this.acquireUntilMs ? ACQUIRE_TICKS : SNAP_TICKS;
    const far = Math.abs(error) > limit && Math.abs(this.target - measured) > limit;
    if (far || this.#hopeless(nowMs)) this.#snap(nowMs, this.target - measured);
    else this.#steer(nowMs, error);
  }

  /** More margin when inputs come late although the clock is where it should be. @param {number} newlyLate */
  #countLate(newlyLate) {
    const settled = this.margin !== null && this.margin > this.target - HOPELESS_TICKS;
    this.lateBonus = Math.min(this.lateBonus * LATE_FADE + (newlyLate > 0 && settled ? LATE_STEP : 0), LATE_MAX);
  }

  /** @param {number} nowMs */
  #hopeless(nowMs) {
    if (this.margin === null || this.margin > -HOPELESS_TICKS) this.hopelessSinceMs = NaN;
    else if (Number.isNaN(this.hopelessSinceMs)) this.hopelessSinceMs = nowMs;
    return nowMs - this.hopelessSinceMs > HOPELESS_MS;
  }

  /** @param {number} measured */
  #measure(measured) {
    const off = Math.abs(measured - (this.margin ?? measured));
    // A jump of the line is one large deviation, not a measure of its jitter.
    this.deviation += DEVIATION_WEIGHT * (Math.min(off, MAX_OFF) - this.deviation);
    this.margin = this.margin === null ? measured : this.margin + MEAN_WEIGHT * (measured - this.margin);
  }

  /** @param {number} nowMs @param {number} error ticks that inputs should come earlier */
  #snap(nowMs, error) {
    const before = this.at(nowMs);
    this.#set(nowMs, before + error);
    this.rate = 1;
    this.margin = null;
    this.hopelessSinceMs = NaN;
    this.snaps += 1;
    this.settleNumber = Math.floor(Math.max(before, this.anchorTick)) + 1;
    this.settleUntilMs = nowMs + SETTLE_MS;
  }

  /** @param {number} nowMs @param {number} error */
  #steer(nowMs, error) {
    this.#set(nowMs, this.at(nowMs));
    const wanted = Math.abs(error) < DEAD_BAND ? 0 : error * GAIN;
    this.rate = 1 + Math.max(-MAX_RATE, Math.min(MAX_RATE, wanted));
  }

  /** @param {number} nowMs @param {number} tick */
  #set(nowMs, tick) {
    this.anchorMs = nowMs;
    this.anchorTick = tick;
  }
}
