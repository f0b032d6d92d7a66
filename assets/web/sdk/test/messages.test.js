import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecodeError } from '../errors.js';
import { decodePong, decodeReliable, decodeWelcome, encodeHello, encodePing, encodeReliable } from '../messages.js';
import { Session } from '../session.js';
import { fromHex, toHex, vectors } from './vectors.js';

const messages = vectors('messages');

/** @param {any} value of the vectors @returns {Uint8Array} */
function encode(value) {
  if (value.type === 'Ping') return encodePing(new DataView(fromHex(value.bytes).buffer).getUint32(0, true));
  if (value.type === 'Reliable') {
    const { body } = value;
    return encodeReliable(value.seq, body.type === 'Command' ? { ...body, bytes: fromHex(body.bytes) } : body);
  }
  return encodeHello({
    auth: value.auth,
    inputMode: value.input_mode,
    verify: value.verify,
    schemaHash: value.schema_hash,
    priorHash: value.prior_hash,
    lastTick: value.last_tick,
    reliableReceived: value.reliable_received,
    epochSeen: BigInt(value.epoch_seen),
    client: value.client,
  });
}

for (const { name, hex, value } of messages.from_client) {
  test(`${name} is written as the server reads it`, () => assert.equal(toHex(encode(value)), hex));
}

for (const { name, hex, value } of messages.from_server) {
  test(`${name} is read as the server wrote it`, () => {
    const bytes = fromHex(hex);
    if (value.type === 'Pong') {
      assert.equal(decodePong(bytes.subarray(1)), new DataView(fromHex(value.bytes).buffer).getUint32(0, true));
    } else if (value.type === 'Reliable') {
      const { seq, message } = decodeReliable(bytes.subarray(1));
      assert.equal(seq, value.seq);
      assert.deepEqual(message.type === 'Event' ? { ...message, bytes: toHex(message.bytes) } : message, value.body);
    } else {
      const welcome = decodeWelcome(bytes.subarray(1));
      assert.deepEqual(
        {
          type: 'Welcome',
          protocol: 1,
          room: welcome.room,
          player: welcome.player,
          tick: welcome.tick,
          tick_hz: welcome.tickHz,
          send_every: welcome.sendEvery,
          epoch: String(welcome.epoch),
          schema_hash: welcome.schemaHash,
          schema: welcome.schema,
          level: welcome.level,
          prior_hash: welcome.priorHash,
          prior: welcome.prior && toHex(welcome.prior),
          options: welcome.options,
          assets: welcome.assets.map(({ path, sha256 }) => [path, sha256]),
          resume_token: welcome.resumeToken,
          reliable_received: welcome.reliableReceived,
          input_mode: welcome.inputMode,
          reconnect: welcome.reconnect,
          window_ms: welcome.windowMs,
        },
        value,
      );
    }
  });
}

for (const { name, hex } of messages.refused_by_clients) {
  test(`${name} is refused`, () => {
    const session = new Session({ ticket: 't' });
    session.open();
    session.playing = hex.slice(0, 2) !== '81'; // so that the kind itself is looked at
    assert.throws(() => session.receive(0, fromHex(hex)), DecodeError);
  });
}

test('a long client text is cut at a character', () => {
  const hello = {
    auth: /** @type {const} */ ({ type: 'Ticket', value: '' }),
    inputMode: /** @type {const} */ ('scheduled'),
    verify: false,
    schemaHash: null,
    priorHash: null,
    lastTick: null,
    reliableReceived: 0,
    epochSeen: 0n,
    client: 'ä'.repeat(50),
  };
  const bytes = encodeHello(hello);
  assert.equal(bytes[bytes.length - 65], 64);
  assert.equal(new TextDecoder().decode(bytes.subarray(-64)), 'ä'.repeat(32));
});
