// Figures about the connection, for a HUD or a log.

/** Length of a bucket of the sliding window, milliseconds, and their number. */
const BUCKET_MS = 250;
const BUCKETS = 8;
/** Weight of the newest measurement in a mean. */
const MEAN_WEIGHT = 0.1;

/** Counts what arrives; rates are taken over the last two seconds. */
export class Stats {
  constructor() {
    /** Mean round-trip time of pings, milliseconds; 0: not measured yet. */
    this.pingMs = 0;
    /** Mean size of a snapshot, bytes. */
    this.snapshotBytes = 0;
    this.desyncs = 0;
    this.bytes = new Float64Array(BUCKETS);
    this.snapshots = new Float64Array(BUCKETS);
    /** Number of the newest bucket, counted from time 0. */
    this.newest = 0;
    this.startMs = NaN;
  }

  /**
   * A message came.
   * @param {number} nowMs
   * @param {number} bytes
   */
  received(nowMs, bytes) {
    this.bytes[this.#bucket(nowMs)] += bytes;
  }

  /**
   * It was a snapshot.
   * @param {number} nowMs
   * @param {number} bytes
   */
  snapshot(nowMs, bytes) {
    this.snapshots[this.#bucket(nowMs)] += 1;
    this.snapshotBytes += (this.snapshotBytes === 0 ? 1 : MEAN_WEIGHT) * (bytes - this.snapshotBytes);
  }

  /** @param {number} roundTripMs */
  pong(roundTripMs) {
    this.pingMs += (this.pingMs === 0 ? 1 : 0.3) * (roundTripMs - this.pingMs);
  }

  /**
   * @param {number} nowMs
   * @returns {{bytesPerSecond: number, snapshotsPerSecond: number}}
   */
  rates(nowMs) {
    this.#bucket(nowMs);
    const sum = (/** @type {Float64Array} */ buckets) => buckets.reduce((total, value) => total + value, 0);
    const age = Number.isNaN(this.startMs) ? 0 : nowMs - this.startMs;
    const seconds = Math.max(BUCKET_MS, Math.min(age, (BUCKETS - 1) * BUCKET_MS + (nowMs % BUCKET_MS))) / 1000;
    return { bytesPerSecond: sum(this.bytes) / seconds, snapshotsPerSecond: sum(this.snapshots) / seconds };
  }

  /** @param {number} nowMs @returns {number} index of the present bucket; older ones are emptied on the way */
  #bucket(nowMs) {
    if (Number.isNaN(this.startMs)) {
      this.startMs = nowMs;
      this.newest = Math.floor(nowMs / BUCKET_MS);
    }
    const bucket = Math.floor(nowMs / BUCKET_MS);
    for (let b = Math.max(this.newest + 1, bucket - BUCKETS + 1); b <= bucket; b += 1) {
      this.bytes[b % BUCKETS] = 0;
      this.snapshots[b % BUCKETS] = 0;
    }
    this.newest = Math.max(this.newest, bucket);
    return this.newest % BUCKETS;
  }
}
