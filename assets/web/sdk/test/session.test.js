import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError, DesyncError } from '../errors.js';
import { Session } from '../session.js';
import { hasShippedPrior, loadShippedPrior, shippedPrior } from '../stream/shipped.js';
import { StreamEncoder, snapshotMessage } from './encoder.js';
import { FakeServer, FakeTime, SCHEMA, SCHEMA_HASH, decodeClient, encodeServerReliable, encodeWelcome } from './server.js';

/** A session that has been welcomed, and what it said. @param {object} [welcome] */
function welcomed(welcome = {}) {
  const session = new Session({ ticket: 'ticket' });
  session.open();
  const [hello] = session.takeOutgoing();
  session.receive(0, encodeWelcome(welcome));
  return { session, hello: decodeClient(hello), events: session.takeEvents() };
}

/** Keyframe, then deltas, of a state that stands still. */
function snapshots() {
  const encoder = new StreamEncoder(SCHEMA);
  const state = new FakeServer(new FakeTime()).state();
  return {
    keyframe(/** @type {number} */ tick, /** @type {object} */ more = {}) {
      encoder.advance(tick, state);
      return snapshotMessage({ tick, whole: true, chunks: [{ kind: 1, bytes: encoder.keyframe() }], ...more });
    },
    delta(/** @type {number} */ tick, /** @type {object} */ more = {}) {
      return snapshotMessage({ tick, deltas: [encoder.advance(tick, state)], ...more });
    },
    /** Nothing changed. */
    empty: (/** @type {number} */ tick, /** @type {object} */ more = {}) => snapshotMessage({ tick, ...more }),
  };
}

test('the handshake', () => {
  const { session, hello, events } = welcomed();
  assert.deepEqual(hello.auth, [0, 'ticket']);
  assert.equal(hello.protocol, 1);
  assert.equal(hello.lastTick, null);
  assert.equal(events[0].type, 'welcome');
  assert.equal(events[0].resumed, false);
  assert.deepEqual(session.options, { map: 'depot' });
  assert.equal(session.schema?.game, 'ships');
});

test('nothing is taken before the Welcome, and no second Welcome', () => {
  const session = new Session({ ticket: 'ticket' });
  session.open();
  assert.throws(() => session.receive(0, snapshots().keyframe(100)), DecodeError);
  const again = welcomed().session;
  assert.throws(() => again.receive(0, encodeWelcome({})), /second Welcome/);
});

test('commands wait for their acknowledgement and are sent again, with the same numbers, after a cut', () => {
  const { session } = welcomed();
  const shots = snapshots();
  for (const hue of [1, 2, 3]) session.command({ type: 'Colour', hue });
  assert.deepEqual(session.takeOutgoing().map((bytes) => decodeClient(bytes).seq), [1, 2, 3]);
  session.receive(0, shots.keyframe(101, { reliable: 1 }));
  session.lost();
  session.command({ type: 'Colour', hue: 4 }); // while the line is down
  assert.deepEqual(session.takeOutgoing(), []);
  session.open();
  const hello = decodeClient(session.takeOutgoing()[0]);
  assert.deepEqual(hello.auth, [1, 'token']);
  assert.equal(hello.lastTick, 101);
  assert.equal(hello.schemaHash, SCHEMA_HASH);
  session.receive(0, encodeWelcome({ received: 2, schema: null, token: 'next' }));
  assert.deepEqual(session.takeOutgoing().map((bytes) => decodeClient(bytes).seq), [3, 4]);
  assert.equal(session.takeEvents().at(-1).resumed, true);
  session.open();
  assert.deepEqual(decodeClient(session.takeOutgoing()[0]).auth, [1, 'next']);
});

test('at most 64 commands wait', () => {
  const { session } = welcomed();
  for (let i = 0; i < 64; i += 1) session.command({ type: 'Colour', hue: 1 });
  assert.throws(() => session.command({ type: 'Colour', hue: 1 }), RangeError);
  session.receive(0, snapshots().keyframe(101, { reliable: 64 }));
  assert.equal(session.command({ type: 'Colour', hue: 1 }), 65);
});

test('an acknowledgement of what was never sent is an error', () => {
  const { session } = welcomed();
  assert.throws(() => session.receive(0, snapshots().keyframe(101, { reliable: 1 })), DecodeError);
});

test('reliable messages are delivered exactly once, and a gap is an error', () => {
  const { session } = welcomed();
  session.receive(0, encodeServerReliable(1, { type: 'Chat', from: 2, text: 'a' }));
  session.receive(0, encodeServerReliable(2, { type: 'Notice', text: 'b' }));
  session.receive(0, encodeServerReliable(2, { type: 'Notice', text: 'b' }));
  session.receive(0, encodeServerReliable(1, { type: 'Chat', from: 2, text: 'a' }));
  session.receive(0, encodeServerReliable(3, { type: 'Refused', seq: 9, reason: 'no' }));
  assert.deepEqual(session.takeEvents(), [
    { type: 'chat', from: 2, text: 'a' },
    { type: 'notice', text: 'b' },
    { type: 'refused', seq: 9, reason: 'no' },
  ]);
  assert.equal(session.owesAcknowledgement, true);
  session.takeOutgoing();
  session.inputs(0, [], 0);
  assert.equal(decodeClient(session.takeOutgoing()[0]).received, 3);
  assert.equal(session.owesAcknowledgement, false);
  assert.throws(() => session.receive(0, encodeServerReliable(5, { type: 'Notice', text: '' })), /missing/);
});

test('a reliable event waits for the state of its tick, in order', () => {
  const { session } = welcomed();
  const shots = snapshots();
  session.receive(0, shots.keyframe(101));
  session.receive(0, encodeServerReliable(1, { type: 'Event', tick: 103, event: { type: 'Boom', n: 1 } }));
  session.receive(0, encodeServerReliable(2, { type: 'Event', tick: 102, event: { type: 'Boom', n: 2 } }));
  session.takeEvents();
  const arrived = () => session.takeEvents().filter(({ type }) => type === 'event').map(({ event, tick, reliable }) => [event.n, tick, reliable]);
  session.receive(0, shots.delta(102));
  assert.deepEqual(arrived(), []);
  session.receive(0, shots.delta(104));
  assert.deepEqual(arrived(), [[1, 103, true], [2, 102, true]]);
});

test('events that wait are bounded', () => {
  const { session } = welcomed();
  assert.throws(() => {
    for (let seq = 1; seq < 2000; seq += 1) session.receive(0, encodeServerReliable(seq, { type: 'Event', tick: 999999, event: { type: 'Quiet' } }));
  }, /too many events/);
});

test('the tick is told by its low byte, across its wrap', () => {
  const { session } = welcomed({ tick: 250 });
  const shots = snapshots();
  session.receive(0, shots.keyframe(250));
  session.receive(0, shots.delta(254));
  session.receive(0, shots.empty(255));
  session.receive(0, shots.delta(260)); // its base is the newest state sent, not the newest snapshot
  session.receive(0, shots.empty(260 + 255));
  assert.equal(session.decoder?.tick, 515);
});

test('after a desync the next Hello asks for a keyframe, and the state starts over', () => {
  const { session } = welcomed();
  const shots = snapshots();
  session.receive(0, shots.keyframe(101, { reliable: 0 }));
  assert.throws(() => session.receive(0, shots.delta(103, { hash: 1 })), DesyncError);
  session.lost();
  session.open();
  assert.equal(decodeClient(session.takeOutgoing()[0]).lastTick, null);
  session.receive(0, encodeWelcome({ schema: null }));
  session.receive(0, shots.keyframe(110));
  assert.equal(session.decoder?.tick, 110);
  session.open();
  assert.equal(decodeClient(session.takeOutgoing()[0]).lastTick, 110);
});

test('a server of an older epoch, an unknown schema and another protocol are refused', () => {
  const { session } = welcomed({ epoch: 5 });
  session.open();
  assert.throws(() => session.receive(0, encodeWelcome({ epoch: 4 })), /epoch/);
  const other = new Session({ ticket: 't' });
  other.open();
  assert.throws(() => other.receive(0, encodeWelcome({ schema: null, hash: 'ffffffffffffffff' })), /schema/);
});

test('only a room of a ranged level waits for the prior of the protocol, and misses nothing meanwhile', async () => {
  assert.equal(hasShippedPrior(), false, 'no packed room has fetched it');
  const session = new Session({ ticket: 't' });
  session.open();
  session.receive(5, encodeWelcome({ level: 2 }));
  assert.equal(session.needsPrior, true);
  const shots = snapshots();
  const keyframe = shots.keyframe(101);
  session.receive(6, keyframe);
  session.receive(7, encodeServerReliable(1, { type: 'Notice', text: 'b' }));
  assert.deepEqual(session.takeEvents(), []);
  session.lost();
  session.open();
  assert.equal(session.needsPrior, false, 'a cut line has nothing more to say');
  session.receive(8, encodeWelcome({ level: 2 }));
  session.receive(9, keyframe);
  await loadShippedPrior();
  session.resume();
  assert.deepEqual(session.takeEvents().map(({ type }) => type), ['welcome', 'snapshot']);
  assert.equal(session.decoder?.tick, 101);
  session.open();
  for (let i = 0; i < 3; i += 1) assert.throws(() => session.receive(10, shots.empty(102)), /before the Welcome/);
  session.receive(11, encodeWelcome({ level: 1 }));
  assert.equal(session.needsPrior, false, 'it is here already');
});

test('a prior is kept by its hash, over cuts and for the next seat', async () => {
  await loadShippedPrior();
  const prior = shippedPrior().slice();
  const { session, hello } = welcomed({ priorHash: 'abc', prior });
  assert.equal(hello.priorHash, null);
  assert.deepEqual(session.decoder?.prior, prior);
  session.lost();
  session.open();
  assert.equal(decodeClient(session.takeOutgoing()[0]).priorHash, 'abc');
  session.receive(0, encodeWelcome({ priorHash: 'abc', level: 1 }));
  assert.deepEqual([session.decoder?.prior, session.decoder?.level], [prior, 'ranged']);
  const next = new Session({ ticket: 't', priorHash: 'abc' });
  next.open();
  assert.equal(decodeClient(next.takeOutgoing()[0]).priorHash, 'abc');
  next.receive(0, encodeWelcome({}));
  assert.equal(next.decoder?.prior, null, 'this room has none');
  const stranger = new Session({ ticket: 't', priorHash: 'unheard' });
  stranger.open();
  assert.equal(decodeClient(stranger.takeOutgoing()[0]).priorHash, null);
  assert.throws(() => stranger.receive(0, encodeWelcome({ priorHash: 'unheard' })), /prior/);
  assert.throws(() => welcomed({ priorHash: 'long', prior: new Uint8Array(65537) }), /65537/);
});

test('a known schema is not asked for again', () => {
  welcomed();
  const session = new Session({ ticket: 't', schemaHash: SCHEMA_HASH });
  session.open();
  assert.equal(decodeClient(session.takeOutgoing()[0]).schemaHash, SCHEMA_HASH);
  session.receive(0, encodeWelcome({ schema: null }));
  assert.equal(session.schema?.game, 'ships');
});

test('pings measure the round trip, also across the wrap of their 32 bits', () => {
  const { session } = welcomed();
  for (const start of [5.7, 2 ** 32 - 3]) {
    session.takeOutgoing();
    session.ping(start);
    const pong = session.takeOutgoing()[0];
    pong[0] = 0x84;
    session.takeEvents();
    session.receive(start + 40, pong);
    assert.ok(Math.abs(session.takeEvents()[0].roundTripMs - 40) <= 1);
  }
});
