// The playback clock: which tick of the received past is drawn now.

/** Arrivals that the measurement of jitter looks back on. */
const WINDOW = 256;
/** Share of the snapshots that shall be there in time. */
const IN_TIME = 0.95;
/** Longest delay by which jitter is bridged, milliseconds. */
const MAX_JITTER_MS = 400;
/** Spare time on top, milliseconds: arrival is measured by a browser's event loop. */
const SPARE_MS = 2;
/** Playback is never faster or slower than by this. */
const MAX_RATE = 0.05;
/** Share of an error that is worked off per tick. */
const GAIN = 0.04;
/** Errors past this many ticks are jumped over. */
const SNAP_TICKS = 10;

/**
 * Measures how unevenly snapshots arrive and plays them back just late enough that the next one is
 * nearly always there: one snapshot interval, plus the jitter that 95 % of them stay below.
 */
export class PlaybackClock {
  /**
   * @param {number} tickHz ticks per second
   * @param {number} sendEvery ticks from one snapshot to the next
   */
  constructor(tickHz, sendEvery) {
    this.tickMs = 1000 / tickHz;
    this.intervalMs = sendEvery * this.tickMs;
    /** Arrival time minus the tick's nominal time, of the newest arrivals. */
    this.transits = new Float64Array(WINDOW);
    this.sorted = new Float64Array(WINDOW);
    this.arrivals = 0;
    /** Nominal time of tick 0 for a snapshot that came as fast as any, milliseconds. */
    this.baseMs = 0;
    /** Jitter that is bridged, milliseconds. */
    this.jitterMs = 0;
    /** Drawn tick at `atMs`; null: set anew at the next question. @type {number | null} */
    this.tick = null;
    this.atMs = 0;
  }

  /** How far the drawn past lies behind the fastest arrivals, milliseconds. */
  get delayMs() {
    return this.intervalMs + this.jitterMs + SPARE_MS;
  }

  /**
   * A snapshot came.
   * @param {number} nowMs
   * @param {number} tick
   */
  arrived(nowMs, tick) {
    this.transits[this.arrivals % WINDOW] = nowMs - tick * this.tickMs;
    this.arrivals += 1;
    const count = Math.min(this.arrivals, WINDOW);
    const sorted = this.sorted.subarray(0, count);
    sorted.set(this.transits.subarray(0, count));
    sorted.sort();
    this.baseMs = sorted[0];
    const usual = sorted[Math.min(count - 1, Math.ceil(count * IN_TIME) - 1)];
    this.jitterMs = Math.min(usual - this.baseMs, MAX_JITTER_MS);
  }

  /** Jumps to where playback should be at the next question: after a hidden tab. */
  resync() {
    this.tick = null;
  }

  /** Forgets all arrivals: another connection has another delay. */
  restart() {
    this.arrivals = 0;
    this.tick = null;
  }

  /**
   * @param {number} nowMs
   * @returns {number} the tick to draw, with its fraction; 0 before the first snapshot
   */
  at(nowMs) {
    if (this.arrivals === 0) return 0;
    const wanted = (nowMs - this.baseMs - this.delayMs) / this.tickMs;
    if (this.tick === null || Math.abs(wanted - this.tick - this.#since(nowMs)) > SNAP_TICKS) {
      this.tick = wanted;
    } else {
      const passed = this.#since(nowMs);
      const error = wanted - (this.tick + passed);
      const rate = Math.max(-MAX_RATE, Math.min(MAX_RATE, error * GAIN));
      this.tick += passed * (1 + rate);
    }
    this.atMs = Math.max(this.atMs, nowMs); // a frame's timestamp may be older than the last question
    return Math.max(this.tick, 0);
  }

  /** @param {number} nowMs @returns {number} ticks since the last question, never negative */
  #since(nowMs) {
    return Math.max(0, nowMs - this.atMs) / this.tickMs;
  }
}
