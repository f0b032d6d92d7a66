import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../backoff.js';
import { InputClock } from '../clock.js';
import { closeText, remedyOf, retryHint } from '../close.js';
import { PlaybackClock } from '../playback.js';
import { Stats } from '../stats.js';
import { Random } from './vectors.js';

const TICK_MS = 1000 / 30;

/**
 * Plays the server's part: inputs leave at the clock's ticks, arrive after a delay, and the margin comes back with the
 * snapshot of the tick that used them.
 */
class Line {
  /** @param {InputClock} clock @param {{up: () => number, down: () => number, serverTick?: number}} options */
  constructor(clock, { up, down, serverTick = 1000 }) {
    this.clock = clock;
    this.up = up;
    this.down = down;
    this.nowMs = 0;
    this.serverTick = serverTick;
    this.serverMs = 0; // deadline of serverTick
    this.sent = 0;
    this.newestArrival = 0;
    /** @type {Map<number, number>} arrival by tick */
    this.arrivals = new Map();
    /** @type {{atMs: number, margin: number | null, acked: number, late: number}[]} */
    this.feedback = [];
    this.late = 0;
    this.acked = 0;
    /** @type {number[]} */
    this.rates = [];
    /** @type {number[]} margins since the last look */
    this.margins = [];
  }

  /** @param {number} ms */
  run(ms) {
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += 1) {
      const due = Math.floor(this.clock.at(this.nowMs));
      if (due > this.sent) {
        this.sent = due;
        this.newestArrival = Math.max(this.newestArrival, this.nowMs + this.up());
        this.arrivals.set(due, this.newestArrival);
      }
      if (this.nowMs >= this.serverMs) this.#serve();
      while (this.feedback.length > 0 && this.feedback[0].atMs <= this.nowMs) {
        const { margin, acked, late } = /** @type {any} */ (this.feedback.shift());
        this.clock.feedback(this.nowMs, margin, acked, late);
        this.rates.push(this.clock.rate);
      }
    }
  }

  #serve() {
    let margin = null;
    for (const [tick, atMs] of this.arrivals) {
      if (atMs > this.serverMs) break;
      const early = (this.serverMs + (tick - this.serverTick) * TICK_MS - atMs) / TICK_MS;
      if (tick < this.serverTick) {
        this.late += 1;
        margin = Math.min(margin ?? 0, early);
        this.arrivals.delete(tick);
        continue;
      }
      margin ??= early;
      if (tick === this.serverTick) {
        this.acked = tick;
        this.arrivals.delete(tick);
      }
      break;
    }
    if (margin !== null) this.margins.push(margin);
    const eighths = margin === null ? null : Math.max(-127, Math.min(127, Math.floor(margin * 8))) / 8;
    const newest = this.feedback.at(-1)?.atMs ?? 0;
    this.feedback.push({ atMs: Math.max(newest, this.nowMs + this.down()), margin: eighths, acked: this.acked, late: this.late });
    this.serverTick += 1;
    this.serverMs += TICK_MS;
  }
}

test('the clock settles on a steady line: no late input, a small margin', () => {
  const clock = new InputClock(30);
  const line = new Line(clock, { up: () => 40, down: () => 40 });
  clock.start(0, 1000, 80);
  line.run(3000);
  const { late } = line;
  line.margins = [];
  line.run(20_000);
  assert.equal(line.late, late);
  const mean = line.margins.reduce((sum, margin) => sum + margin, 0) / line.margins.length;
  assert.ok(mean > 0.2 && mean < 1.5, `mean margin ${mean}`);
  assert.ok(line.rates.every((rate) => Math.abs(rate - 1) <= 0.03 + 1e-9));
});

test('with jitter it keeps more margin, so that hardly any input is late', () => {
  const random = new Random(4);
  const clock = new InputClock(30);
  const line = new Line(clock, { up: () => 45 + random.below(30), down: () => 45 + random.below(30) });
  clock.start(0, 1000, 120);
  line.run(3000);
  const { late } = line;
  line.run(30_000);
  assert.ok(line.late - late <= 4, `${line.late - late} late inputs in 30 s`);
  assert.ok(clock.target > 0.6 && clock.target < 3, `target ${clock.target}`);
});

test('a wrong start is set right within a second and a half, a later drift is worked off by at most 3 %', () => {
  const clock = new InputClock(30);
  let up = 60;
  const line = new Line(clock, { up: () => up, down: () => 60 });
  clock.start(0, 1000 - 5, 0); // five ticks behind: everything comes late
  line.run(1500);
  const { late, sent } = line;
  line.run(2000);
  assert.ok(line.late - late <= 2);
  assert.ok(line.sent > sent + 50);
  const { snaps } = clock;
  up = 120; // two ticks more
  line.run(4000);
  assert.equal(clock.snaps, snaps);
  const afterStep = line.late;
  line.run(10_000);
  assert.equal(line.late, afterStep);
});

test('past ten ticks the clock jumps, once', () => {
  const clock = new InputClock(30);
  let up = 20;
  const line = new Line(clock, { up: () => up, down: () => 20 });
  clock.start(0, 1000, 40);
  line.run(5000);
  const { snaps } = clock;
  up = 500; // fifteen ticks
  line.run(3000);
  assert.ok(clock.snaps > snaps && clock.snaps <= snaps + 2, `${clock.snaps - snaps} jumps`);
  const { late } = line;
  line.run(5000);
  assert.equal(line.late, late);
});

test('a spike is not a reason to jump', () => {
  const clock = new InputClock(30);
  let up = 20;
  const line = new Line(clock, { up: () => up, down: () => 20 });
  clock.start(0, 1000, 40);
  line.run(5000);
  const { snaps } = clock;
  up = 300;
  line.run(40);
  up = 20;
  line.run(5000);
  assert.equal(clock.snaps, snaps);
});

test('playback bridges the jitter that is there, and no more', () => {
  for (const jitter of [0, 20, 60]) {
    const random = new Random(7);
    const clock = new PlaybackClock(30, 1);
    let early = 0;
    let newest = 0;
    let asked = 0;
    let newestMs = 0;
    const arrivals = Array.from({ length: 900 }, (_, tick) => {
      newestMs = Math.max(newestMs, 500 + tick * TICK_MS + random.below(jitter + 1));
      return newestMs;
    });
    for (let ms = 500, next = 0; ms < 500 + 899 * TICK_MS; ms += 8) {
      while (arrivals[next] <= ms) {
        clock.arrived(arrivals[next], next);
        newest = next;
        next += 1;
      }
      const drawn = clock.at(ms);
      if (ms > 5000) {
        asked += 1;
        if (drawn > newest) early += 1;
      }
    }
    assert.ok(early / asked < 0.06, `jitter ${jitter}: ${early} of ${asked} drawn past the newest`);
    assert.ok(clock.delayMs >= TICK_MS && clock.delayMs < TICK_MS + jitter + 5, `jitter ${jitter}: delay ${clock.delayMs}`);
  }
});

test('playback never runs backwards and changes its pace by at most 5 %', () => {
  const random = new Random(8);
  const clock = new PlaybackClock(30, 1);
  let before = 0;
  let next = 0;
  let newestMs = 0;
  for (let ms = 1000; ms < 20_000; ms += 7) {
    while (newestMs <= ms) {
      clock.arrived(ms, next);
      next += 1;
      newestMs = Math.max(newestMs, 1000 + next * TICK_MS + random.below(ms > 9000 ? 90 : 10));
    }
    const drawn = clock.at(ms);
    if (ms > 2000) {
      const pace = ((drawn - before) * TICK_MS) / 7;
      assert.ok(pace > 0.94 && pace < 1.06, `${pace} at ${ms}`);
    }
    before = drawn;
  }
});

test('after a hidden tab playback jumps; an older timestamp changes nothing', () => {
  const clock = new PlaybackClock(30, 1);
  for (let tick = 0; tick < 60; tick += 1) clock.arrived(tick * TICK_MS, tick);
  const drawn = clock.at(2000);
  assert.equal(clock.at(1990), drawn);
  clock.resync();
  const wanted = 3000 / TICK_MS - clock.delayMs / TICK_MS;
  assert.ok(Math.abs(clock.at(3000) - wanted) < 1e-9);
});

test('pauses between attempts: short and jittered for 15 s, then longer up to 30 s', () => {
  const backoff = new Backoff(() => 1);
  assert.deepEqual([0, 100, 200, 300].map((ms) => backoff.next(ms)), [250, 500, 1000, 1000]);
  const later = [16_000, 20_000, 25_000, 30_000, 60_000, 90_000].map((ms) => backoff.next(ms));
  assert.deepEqual(later, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
  backoff.reset();
  assert.equal(backoff.next(100_000), 250);
  assert.equal(new Backoff(() => 0).next(0), 0);
  assert.equal(new Backoff(() => 0.5).next(0, { hintMs: 3210 }), 3210);
  assert.ok(new Backoff(() => 0).next(0, { later: true }) >= 5000);
});

test('what close codes mean', () => {
  for (const code of [1000, 1002, 1003, 1007, 1009, 1011, 4000, 4002, 4003, 4004, 4009]) assert.equal(remedyOf(code), 'final', `${code}`);
  for (const code of [1001, 1005, 1006, 1012, 4005, 4010, 4013]) assert.equal(remedyOf(code), 'resume', `${code}`);
  assert.equal(remedyOf(4001), 'rejoin');
  assert.equal(remedyOf(4008), 'later');
  assert.equal(retryHint('retry after 1500 ms'), 1500);
  assert.equal(retryHint('bye'), null);
  assert.equal(closeText(4004, ''), 'no such room');
  assert.equal(closeText(4004, 'no room x'), 'no room x');
});

test('rates over the last two seconds', () => {
  const stats = new Stats();
  assert.equal(stats.rates(0).bytesPerSecond, 0);
  for (let ms = 0; ms < 10_000; ms += 33) {
    stats.received(ms, 50);
    stats.snapshot(ms, 50);
  }
  const rates = stats.rates(10_000);
  assert.ok(Math.abs(rates.snapshotsPerSecond - 30.3) < 2, `${rates.snapshotsPerSecond}`);
  assert.ok(Math.abs(rates.bytesPerSecond - 1515) < 100, `${rates.bytesPerSecond}`);
  assert.equal(Math.round(stats.snapshotBytes), 50);
  assert.equal(stats.rates(20_000).bytesPerSecond, 0);
});
