// Plays the page in a real browser: joins, moves, shoots, and looks at what a person would see.
//
// Needs a running server and names, from the environment: TICKWIRE_URL, TICKWIRE_CHROMIUM (the browser's
// path), TICKWIRE_JS_TOOLS (a directory with node_modules/playwright-core), TICKWIRE_SHOTS (a directory
// for screenshots). `cargo xtask test` provides all of them.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const need = (/** @type {string} */ name) => {
  const value = process.env[name];
  assert.ok(value, `${name} is not set; run \`cargo xtask test\`, which sets it`);
  return value;
};
const url = need('TICKWIRE_URL');
const shots = need('TICKWIRE_SHOTS');
const { chromium } = createRequire(join(need('TICKWIRE_JS_TOOLS'), 'package.json'))('playwright-core');

/** @type {any} */ let browser;
/** @type {any} */ let page;
/** @type {string[]} */
const complaints = [];

before(async () => {
  await mkdir(shots, { recursive: true });
  browser = await chromium.launch({
    executablePath: need('TICKWIRE_CHROMIUM'),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.on('console', (/** @type {any} */ message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (/** @type {Error} */ error) => complaints.push(String(error)));
  page.on('response', (/** @type {any} */ response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
});
after(async () => browser?.close());

/** What the page knows of the arena: own and other avatars as drawn, and the statistics. */
const look = () =>
  page.evaluate(() => {
    const { room } = /** @type {any} */ (globalThis).tickwire;
    // Between the welcome and the first snapshot there is nothing to see yet.
    const tables = room.sample(performance.now())?.tables;
    const rows = tables ? [...tables.avatars.values()] : [];
    const avatars = rows.map((a) => ({ player: a.player, pos: { ...a.pos }, alive: a.alive, score: a.score }));
    return { me: room.player, tick: room.tick, avatars, stats: { ...room.stats }, shots: tables?.shots.size ?? 0 };
  });

/** @param {() => Promise<boolean>} condition @param {string} what @param {number} [timeoutMs] */
async function until(condition, what, timeoutMs = 20_000) {
  const endMs = Date.now() + timeoutMs;
  while (Date.now() < endMs) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`timed out: ${what}`);
}

/** @param {any} seen */
const own = (seen) => seen.avatars.find((/** @type {any} */ a) => a.player === seen.me);
const distance = (/** @type {any} */ a, /** @type {any} */ b) => Math.hypot(a.x - b.x, a.y - b.y);

test('the page joins a match by itself', async () => {
  await page.goto(`${url}/?name=Browser%20Test`);
  await page.waitForFunction(() => /** @type {any} */ (globalThis).tickwire?.room?.player > 0, null, { timeout: 20_000 });
  await until(async () => Boolean(own(await look())), 'own avatar never appeared');
  await until(async () => !(await page.locator('#veil').isVisible()), 'the veil stayed');
  await until(async () => (await look()).avatars.length >= 4, 'bots should fill the match', 5000);
});

test('the own avatar moves with the keys and the others move by themselves', async () => {
  await until(async () => own(await look())?.alive === true, 'never alive');
  let travelled = 0;
  for (const key of ['KeyD', 'KeyS', 'KeyA', 'KeyW', 'KeyD', 'KeyS']) {
    const from = await look();
    await page.keyboard.down(key);
    await page.waitForTimeout(450);
    await page.keyboard.up(key);
    const to = await look();
    if (own(from)?.alive && own(to)?.alive) travelled = Math.max(travelled, distance(own(from).pos, own(to).pos));
  }
  assert.ok(travelled > 0.8, `own avatar went ${travelled.toFixed(2)} m at most`);
  const before = await look();
  await page.waitForTimeout(1500);
  const later = await look();
  const moved = before.avatars.filter((/** @type {any} */ a) => {
    const now = later.avatars.find((/** @type {any} */ b) => b.player === a.player);
    return a.player !== before.me && now && distance(a.pos, now.pos) > 0.5;
  });
  assert.ok(moved.length >= 2, `${moved.length} other avatars moved`);
  assert.ok(later.tick > before.tick + 30, 'ticks go on');
});

test('a key pressed shows at once: prediction does not wait for the server', async () => {
  await until(async () => own(await look())?.alive === true, 'never alive');
  const response = await page.evaluate(async () => {
    const { room } = /** @type {any} */ (globalThis).tickwire;
    const mine = () => [...room.sample(performance.now()).tables.avatars.values()].find((a) => a.player === room.player);
    let best = Infinity;
    for (const code of ['KeyD', 'KeyA', 'KeyW', 'KeyS']) {
      const start = { ...mine().pos };
      const t0 = performance.now();
      dispatchEvent(new KeyboardEvent('keydown', { code }));
      while (performance.now() - t0 < 400) {
        await new Promise((resolve) => setTimeout(resolve, 4));
        const pos = mine()?.pos;
        if (pos && Math.hypot(pos.x - start.x, pos.y - start.y) > 0.02) break;
      }
      best = Math.min(best, performance.now() - t0);
      dispatchEvent(new KeyboardEvent('keyup', { code }));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return best;
  });
  assert.ok(response < 150, `the avatar answered after ${response.toFixed(0)} ms`);
});

test('clicks fire', async () => {
  let fired = false;
  await page.evaluate(() => {
    const { room } = /** @type {any} */ (globalThis).tickwire;
    /** @type {any} */ (globalThis).fired = 0;
    room.on('event', (/** @type {any} */ e) => {
      if (e.type === 'Rail' && e.shooter === room.player) /** @type {any} */ (globalThis).fired++;
    });
  });
  await until(async () => {
    await page.mouse.click(900, 300);
    fired = await page.evaluate(() => /** @type {any} */ (globalThis).fired > 0);
    return fired;
  }, 'no rail shot of the own avatar came back');
  assert.ok(fired);
});

test('the HUD shows sane numbers', async () => {
  await page.waitForTimeout(1500);
  const text = async (/** @type {string} */ id) => (await page.locator(id).textContent()) ?? '';
  const ping = Number.parseFloat(await text('#net-ping'));
  assert.ok(ping >= 0 && ping < 250, `ping ${ping}`);
  const down = Number.parseFloat(await text('#net-down'));
  assert.ok(down > 0.3 && down < 30, `down ${down} kB/s`);
  const margin = Number.parseFloat(await text('#net-margin'));
  assert.ok(margin > -2 && margin < 8, `margin ${margin} ticks`);
  const tick = Number.parseInt(await text('#net-tick'), 10);
  assert.ok(Math.abs(tick - (await look()).tick) < 60, `tick ${tick}`);
  const health = Number.parseInt(await text('#health'), 10);
  assert.ok(health >= 0 && health <= 100, `health ${health}`);
  assert.match(await text('#clock'), /^(\d:\d\d|next round \d+)$/);
  const seen = await look();
  assert.equal(seen.stats.desyncs, 0);
  assert.ok(seen.stats.snapshotsPerSecond > 20, `${seen.stats.snapshotsPerSecond} snapshots a second`);
});

test('the picture is a picture', async () => {
  await page.keyboard.down('Tab');
  await page.waitForTimeout(400);
  assert.ok(await page.locator('#scores').isVisible(), 'Tab shows the scores');
  await writeFile(join(shots, 'skirmish-scores.png'), await page.screenshot());
  await page.keyboard.up('Tab');
  await page.waitForTimeout(300);
  await writeFile(join(shots, 'skirmish.png'), await page.screenshot());
  const colours = await page.evaluate(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('arena'));
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { data } = ctx.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4 * 13) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  });
  assert.ok(colours > 60, `only ${colours} colours on the canvas`);
});

test('a cut line shows, heals and leads back to the same seat', async () => {
  const before = await look();
  await page.evaluate(() => /** @type {any} */ (globalThis).tickwire.room.dropConnection());
  await until(async () => page.locator('#veil').isVisible(), 'no sign of the cut', 5000);
  await until(async () => !(await page.locator('#veil').isVisible()), 'the veil stayed after the cut');
  const after = await look();
  assert.equal(after.me, before.me, 'same player after the cut');
  await until(async () => (await look()).tick > after.tick + 15, 'ticks stopped after the cut');
});

test('nothing on the console', () => {
  assert.deepEqual(complaints, []);
});
