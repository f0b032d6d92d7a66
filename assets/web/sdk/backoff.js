// When to try again after a cut: full jitter, short at first, then slower.

/** Cap of the first pauses, milliseconds. */
const FIRST_CAP_MS = 250;
/** While a cut is younger than this, pauses stay below QUICK_CAP_MS. */
const QUICK_PHASE_MS = 15_000;
const QUICK_CAP_MS = 1_000;
/** No pause is longer. */
const LAST_CAP_MS = 30_000;
/** Pause after having been told to slow down. */
const LATER_MS = 5_000;

/** Pauses between attempts to reconnect. */
export class Backoff {
  /** @param {() => number} random uniform in [0, 1) */
  constructor(random = Math.random) {
    this.random = random;
    /** Attempts since the cut. */
    this.attempt = 0;
    /** @type {number | null} when the cut happened */
    this.since = null;
    /** Attempts of the quick phase; the cap grows from there. */
    this.quickAttempts = 0;
  }

  /** The line is well again. */
  reset() {
    this.attempt = 0;
    this.quickAttempts = 0;
    this.since = null;
  }

  /**
   * @param {number} nowMs
   * @param {{hintMs?: number | null, later?: boolean}} [advice] the server's hint wins over the jitter
   * @returns {number} milliseconds to wait before the next attempt
   */
  next(nowMs, { hintMs = null, later = false } = {}) {
    this.since ??= nowMs;
    const cap = this.#cap(nowMs - this.since);
    this.attempt += 1;
    if (hintMs !== null) return hintMs;
    return (later ? LATER_MS : 0) + this.random() * cap;
  }

  /** @param {number} ageMs of the cut */
  #cap(ageMs) {
    if (ageMs < QUICK_PHASE_MS) {
      this.quickAttempts = this.attempt + 1;
      return Math.min(QUICK_CAP_MS, FIRST_CAP_MS * 2 ** this.attempt);
    }
    return Math.min(LAST_CAP_MS, QUICK_CAP_MS * 2 ** (this.attempt - this.quickAttempts + 1));
  }
}
