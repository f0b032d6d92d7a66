import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketAddress } from '../connection.js';
import { Room } from '../room.js';
import { FakeServer, FakeTime, SCHEMA_HASH, step } from './server.js';
import { Random } from './vectors.js';

const SEAT = { room: 'r', player: 1, ticket: 'ticket', expires_ms: 15000, socket: '/v1/play/r', schema_hash: 'none' };

/** A room and its server. @param {object} [options] of the room @param {() => number} [delayMs] */
function playing(options = {}, delayMs = () => 30) {
  const time = new FakeTime();
  const server = new FakeServer(time, { delayMs });
  const random = new Random(2);
  /** @type {string[]} */
  const urls = [];
  const room = new Room(SEAT, /** @type {any} */ ({ base: 'http://server:7777', ...options }), {
    openSocket: (url) => {
      urls.push(url);
      return server.openSocket();
    },
    now: () => time.nowMs,
    setTimer: (fn, ms) => time.setTimer(fn, ms),
    clearTimer: (timer) => time.clearTimer(timer),
    random: () => random.unit(),
  });
  /** @type {any[]} */
  const log = [];
  for (const name of /** @type {const} */ (['welcome', 'chat', 'refused', 'notice', 'desync'])) room.on(name, (value) => log.push([name, value]));
  room.on('status', (status) => log.push(['status', status.state, status.code ?? 0]));
  room.on('event', (event, tick, { reliable }) => log.push(['event', event.n, tick, reliable]));
  return { time, server, room, log, urls, states: () => log.filter(([name]) => name === 'status').map(([, state]) => state) };
}

const predict = { table: 'ships', step };
const input = (/** @type {number} */ tick) => ({ move_x: [1, 0, -1][Math.floor(tick / 9) % 3], fire: tick % 13 === 0 });

test('joins, decodes, shows private fields and singles', () => {
  const { time, server, room, urls } = playing();
  time.advance(1000);
  assert.deepEqual(urls, ['ws://server:7777/v1/play/r']);
  assert.equal(room.status.state, 'playing');
  assert.equal(room.player, 1);
  assert.equal(room.id, 'r');
  assert.equal(room.schema.game, 'ships');
  assert.deepEqual(room.options, { map: 'depot' });
  assert.ok(server.tick - room.tick <= 2);
  assert.equal(room.tables.players.get(1).name, 'Ada');
  assert.equal(room.tables.round.number, 3);
  assert.equal(room.tables.ships.get(7).ammo, 200);
  assert.equal('ammo' in room.tables.ships.get(9), false);
  const view = room.sample();
  assert.equal(view?.tables.round.number, 3);
  assert.equal(view?.tables.ships.get(7).ammo, 200);
  assert.ok(view && view.tick < room.tick && room.tick - view.tick < 4, `${view?.tick} ${room.tick}`);
  assert.equal(room.stats.desyncs, 0);
  assert.ok(room.stats.snapshotsPerSecond > 25 && room.stats.bytesPerSecond > 100);
  assert.ok(Math.abs(room.stats.pingMs - 60) < 5, `${room.stats.pingMs}`);
});

test('scheduled inputs come in time, one for every tick', () => {
  const { time, server, room } = playing({ input }, () => 45);
  time.advance(3000);
  const { late, starved } = { ...server.counters };
  const seen = server.inputNumbers.length;
  time.advance(10_000);
  assert.equal(server.counters.late, late);
  assert.equal(server.counters.starved, starved);
  const numbers = server.inputNumbers.slice(seen);
  assert.ok(numbers.length >= 299 && numbers.every((number, i) => i === 0 || number === numbers[i - 1] + 1));
  assert.ok(room.stats.inputMarginTicks > 0.1 && room.stats.inputMarginTicks < 1.5, `${room.stats.inputMarginTicks}`);
  assert.equal(room.stats.lateInputs, late);
});

test('the own row is predicted bit for bit, and drawn where it will be', () => {
  const { time, server, room } = playing({ input, predict }, () => 60);
  time.advance(2000);
  const before = room.stats.mispredictions;
  time.advance(20_000);
  assert.equal(room.stats.mispredictions, before);
  const view = room.sample();
  assert.ok(view?.own.ships.has(7));
  assert.equal(view?.tables.ships.get(7).pos.x, view?.own.ships.get(7).pos.x);
  const confirmed = room.tables.ships.get(7);
  assert.equal(typeof confirmed.ammo, 'number');
  assert.ok(server.ships.get(7).ammo < 200, 'the shots arrived');
});

test('the drawn own row moves smoothly although the server corrects it', () => {
  const { time, server, room } = playing({ input: () => ({ move_x: 1 }), predict: { ...predict, smoothMs: 100 } }, () => 50);
  time.advance(3000);
  server.ships.get(7).pos.x = 10;
  time.advance(1000);
  let last = room.sample()?.tables.ships.get(7).pos.x;
  const { mispredictions } = room.stats;
  let largest = 0;
  for (let frame = 0; frame < 120; frame += 1) {
    if (frame === 30) server.shove = -0.4;
    time.advance(1000 / 60);
    const x = room.sample()?.tables.ships.get(7).pos.x;
    largest = Math.max(largest, Math.abs(x - last - 8 / 60));
    last = x;
  }
  assert.equal(room.stats.mispredictions, mispredictions + 1);
  assert.ok(largest < 0.15, `a frame was off by ${largest}`);
});

test('others are drawn smoothly on a jittery line', () => {
  const random = new Random(6);
  const { time, room } = playing({ input }, () => 40 + random.below(25));
  time.advance(5000);
  let last = room.sample();
  let lastX = last?.tables.ships.get(9).pos.x;
  let lastTick = last?.tick ?? 0;
  let worst = 0;
  for (let frame = 0; frame < 600; frame += 1) {
    time.advance(1000 / 60);
    last = room.sample();
    const x = last?.tables.ships.get(9).pos.x;
    const pace = (Math.abs(x - lastX) / ((last?.tick ?? 0) - lastTick)) * 30;
    worst = Math.max(worst, pace);
    lastX = x;
    lastTick = last?.tick ?? 0;
  }
  assert.ok(worst < 9, `fastest ${worst} m/s; the ship never exceeds 8`);
});

test('a cut: same seat, commands exactly once, no reliable event lost or twice', () => {
  const { time, server, room, log, states } = playing({ input, predict });
  time.advance(1500);
  room.command({ type: 'Colour', hue: 3 });
  server.cutLine(); // the command never arrived
  room.command({ type: 'Colour', hue: 4 });
  server.sendReliable({ type: 'Event', tick: server.tick, event: { type: 'Boom', n: 1 } });
  server.sendReliable({ type: 'Chat', from: 9, text: 'still there?' });
  time.advance(3000);
  assert.deepEqual(states(), ['playing', 'reconnecting', 'playing']);
  assert.deepEqual(server.hellos[1].auth, [1, 'token1']);
  assert.ok(server.hellos[1].lastTick > 500);
  assert.deepEqual(server.received.map(({ seq }) => seq), [1, 2]);
  server.sendReliable({ type: 'Event', tick: server.tick, event: { type: 'Boom', n: 2 } });
  time.advance(1000);
  assert.deepEqual(log.filter(([name]) => name === 'event').map(([, n]) => n), [1, 2]);
  assert.equal(log.filter(([name]) => name === 'chat').length, 1);
  assert.equal(room.stats.desyncs, 0);
  assert.deepEqual(server.reliableOut, [], 'all acknowledged');
});

test('after a longer cut playing goes on at the right tick, with inputs in time', () => {
  const { time, server, room } = playing({ input, predict });
  time.advance(2000);
  server.cutLine();
  server.refuse = [1006, ''];
  time.advance(5000);
  assert.equal(room.status.state, 'reconnecting');
  server.refuse = null;
  time.advance(4000);
  assert.equal(room.status.state, 'playing');
  const { late } = server.counters;
  time.advance(3000);
  assert.equal(server.counters.late, late);
  assert.ok(server.tick - room.tick <= 2);
});

test('a desync is counted, told, and healed by a new connection', () => {
  const { time, server, room, log, states } = playing({ input });
  time.advance(1000);
  server.corrupt = true;
  time.advance(2000);
  assert.equal(room.stats.desyncs, 1);
  assert.match(log.find(([name]) => name === 'desync')[1].reason, /hash/);
  assert.deepEqual(states(), ['playing', 'reconnecting', 'playing']);
  assert.equal(server.hellos[1].lastTick, null);
  assert.equal(server.closes[0][0], 4000);
  assert.ok(server.tick - room.tick <= 2);
});

test('a server that cannot be followed at all is given up', () => {
  const { time, server, room } = playing({ input });
  time.setTimer(function spoil() {
    server.corrupt = true;
    time.setTimer(spoil, 10);
  }, 10);
  time.advance(30_000);
  assert.equal(room.status.state, 'closed');
  assert.match(String(room.status.reason), /cannot be followed/);
  assert.ok(room.stats.desyncs < 10);
});

test('listeners hear of the first attempt too', async () => {
  const { log } = playing();
  await Promise.resolve();
  assert.deepEqual(log, [['status', 'connecting', 0]]);
});

test('final refusals stop it, with the reason; others do not', () => {
  for (const [code, state] of [[4004, 'closed'], [4003, 'closed'], [4001, 'closed'], [1012, 'reconnecting'], [4010, 'reconnecting']]) {
    const { time, server, room } = playing();
    server.refuse = [Number(code), code === 1012 ? 'retry after 60000 ms' : `because ${code}`];
    time.advance(100);
    assert.equal(room.status.state, state, `${code}`);
    if (state === 'closed') assert.deepEqual([room.status.code, room.status.reason, room.status.final], [code, `because ${code}`, true]);
    if (code === 1012) assert.equal(room.status.retryMs, 60000);
  }
});

test('a lost seat is taken anew when the page knows how', async () => {
  const { time, server, room } = playing({ rejoin: async () => ({ ...SEAT, ticket: 'second', schema_hash: SCHEMA_HASH }) });
  time.advance(1000);
  server.cutLine();
  server.refuse = [4001, 'no such seat'];
  time.advance(2000);
  server.refuse = null;
  server.reliableIn = 0;
  for (let i = 0; i < 20; i += 1) {
    await Promise.resolve();
    time.advance(300);
  }
  assert.equal(room.status.state, 'playing');
  assert.deepEqual(server.hellos.at(-1).auth, [0, 'second']);
  assert.equal(server.hellos.at(-1).schemaHash, SCHEMA_HASH);
  assert.ok(server.tick - room.tick <= 3);
});

test('a silent line is given up, a page can cut it itself, and leaving is final', () => {
  const { time, server, room, states } = playing({ input });
  time.advance(1000);
  server.silent = true;
  server.receive = () => undefined; // not even pongs
  time.advance(5500);
  assert.equal(states().at(-1), 'reconnecting');
  delete (/** @type {any} */ (server).receive);
  server.silent = false;
  time.advance(12_000);
  assert.equal(room.status.state, 'playing');
  room.dropConnection();
  assert.equal(room.status.state, 'reconnecting');
  time.advance(2000);
  assert.equal(room.status.state, 'playing');
  room.leave();
  assert.deepEqual([room.status.state, room.status.final, room.status.code], ['closed', true, 1000]);
  time.advance(10_000);
  assert.equal(server.received.at(-1).kind, 'Leave');
  assert.equal(room.status.state, 'closed');
  assert.equal(time.timers.filter(({ at }) => at < Infinity).length, 1, 'only the server\'s own timer is left');
});

test('events come when the drawn past reaches their tick', () => {
  const { time, server, room, log } = playing({ input });
  /** @type {any[]} */
  const arrived = [];
  room.on('arrived', (event, tick) => arrived.push([event.n, tick, room.tick]));
  time.advance(2000);
  const { tick } = server;
  server.events.push({ tick: tick + 1, event: { type: 'Boom', n: 5 } });
  server.sendReliable({ type: 'Event', tick: tick + 1, event: { type: 'Boom', n: 6 } });
  let drawnAt = 0;
  room.on('event', () => (drawnAt = room.sample()?.tick ?? 0));
  time.advance(500);
  assert.deepEqual(arrived.map(([n]) => n).sort(), [5, 6]);
  for (const [, at, applied] of arrived) assert.ok(applied >= at);
  assert.deepEqual(log.filter(([name]) => name === 'event').map(([, n, at, reliable]) => [n, at, reliable]).sort(), [[5, tick + 1, false], [6, tick + 1, true]]);
  assert.ok(drawnAt >= tick + 1 && drawnAt < tick + 2.5, `drawn at ${drawnAt - tick}`);
});

test('a hidden tab keeps the line alive and comes back to the present, without a backlog', () => {
  /** @type {(() => void)[]} */
  const listeners = [];
  const page = { visibilityState: 'visible', addEventListener: (/** @type {string} */ _, /** @type {() => void} */ fn) => listeners.push(fn), removeEventListener: () => {} };
  /** @type {any} */ (globalThis).document = page;
  try {
    const { time, server, room, log } = playing({ input });
    time.advance(2000);
    page.visibilityState = 'hidden';
    listeners.forEach((fn) => fn());
    server.events.push({ tick: server.tick, event: { type: 'Boom', n: 1 } });
    server.sendReliable({ type: 'Event', tick: server.tick, event: { type: 'Boom', n: 2 } });
    const pings = server.pings;
    time.advance(20_000);
    assert.ok(server.pings > pings + 15);
    page.visibilityState = 'visible';
    listeners.forEach((fn) => fn());
    const view = room.sample();
    assert.ok(view && room.tick - view.tick < 4);
    assert.equal(room.status.state, 'playing');
    assert.deepEqual(log.filter(([name]) => name === 'event').map(([, n]) => n), [2]);
  } finally {
    delete (/** @type {any} */ (globalThis).document);
  }
});

test('latest mode counts its inputs from 1, sends each once, and predicts by what was acknowledged', () => {
  const { time, server } = playing({ input, inputMode: 'latest' });
  time.advance(2000);
  assert.equal(server.hellos[0].mode, 1);
  const numbers = server.inputNumbers;
  assert.ok(numbers.length > 50);
  assert.equal(numbers[0], 1);
  assert.ok(numbers.every((number, i) => i === 0 || number > numbers[i - 1]));
});

test('without an input function only acknowledgements and pings are sent', () => {
  const { time, server } = playing();
  time.advance(1000);
  server.sendReliable({ type: 'Notice', text: 'hello' });
  time.advance(1000);
  assert.deepEqual(server.inputNumbers, []);
  assert.deepEqual(server.reliableOut, []);
  assert.ok(server.pings >= 2);
});

test('mistakes of the game are named', () => {
  const { time, room, log, server } = playing({ input });
  time.advance(1000);
  assert.throws(() => room.command({ type: 'Color', hue: 1 }), /Color/);
  assert.throws(() => room.command({ type: 'Colour', heu: 1 }), /heu/);
  const seq = room.command({ type: 'Colour', hue: 1 });
  server.sendReliable({ type: 'Refused', seq, reason: 'not now' });
  time.advance(200);
  assert.deepEqual(log.find(([name]) => name === 'refused')[1], { seq, reason: 'not now', command: { type: 'Colour', hue: 1 } });
});

test('addresses of sockets', () => {
  assert.equal(socketAddress('/v1/play/x', 'http://h:1'), 'ws://h:1/v1/play/x');
  assert.equal(socketAddress('/v1/play/x', 'https://h'), 'wss://h/v1/play/x');
  assert.equal(socketAddress('wss://other/v1/play/x', 'http://h:1'), 'wss://other/v1/play/x');
});
