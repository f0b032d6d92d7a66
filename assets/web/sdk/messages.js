// Control messages (PROTOCOL sections 1 and 5). Snapshots and inputs have files of their own.

import { BincodeReader, BincodeWriter } from './bincode.js';
import { DecodeError } from './errors.js';
import { MAX_CONTROL_BYTES } from './limits.js';
import { PROTOCOL } from './schema.js';

/** WebSocket subprotocol of this version. */
export const SUBPROTOCOL = 'tickwire.1';

/** First byte of every message. */
export const Kind = Object.freeze({
  HELLO: 0x01,
  INPUTS: 0x02,
  CLIENT_RELIABLE: 0x03,
  PING: 0x04,
  WELCOME: 0x81,
  SNAPSHOT: 0x82,
  SERVER_RELIABLE: 0x83,
  PONG: 0x84,
});

/** Most bytes of the free text in a Hello. */
const MAX_CLIENT_TEXT = 64;

/** @typedef {'scheduled' | 'latest'} InputMode */
/** @type {readonly InputMode[]} */
const INPUT_MODES = ['scheduled', 'latest'];

/** How a room's streams are coded. @typedef {'packed' | 'ranged' | 'ranged-max'} Level */
/** @type {readonly Level[]} */
const LEVELS = ['packed', 'ranged', 'ranged-max'];

/**
 * @typedef {object} Hello
 * @property {{type: 'Ticket' | 'Resume', value: string}} auth
 * @property {InputMode} inputMode
 * @property {boolean} verify ask for a 32-bit state hash with every snapshot
 * @property {string | null} schemaHash of the schema held here
 * @property {string | null} priorHash of the prior held here
 * @property {number | null} lastTick newest snapshot applied, null when the state was lost
 * @property {number} reliableReceived
 * @property {bigint} epochSeen
 * @property {string} client free text for logs
 */

/**
 * @param {Hello} hello
 * @returns {Uint8Array} the whole message
 */
export function encodeHello(hello) {
  const out = new BincodeWriter();
  out.u8(Kind.HELLO);
  out.int(PROTOCOL);
  out.int(hello.auth.type === 'Ticket' ? 0 : 1);
  out.string(hello.auth.value);
  out.int(INPUT_MODES.indexOf(hello.inputMode));
  out.bool(hello.verify);
  out.option(hello.schemaHash, (hash) => out.string(hash));
  out.option(hello.priorHash, (hash) => out.string(hash));
  out.option(hello.lastTick, (tick) => out.int(tick));
  out.int(hello.reliableReceived);
  out.int(hello.epochSeen);
  out.blob(shortText(hello.client));
  return out.finish();
}

/** @param {string} text cut to what the server takes, at a character's boundary */
function shortText(text) {
  const bytes = new Uint8Array(MAX_CLIENT_TEXT);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}

/**
 * @typedef {object} Welcome
 * @property {string} room
 * @property {number} player
 * @property {number} tick the room's tick when it was sent
 * @property {number} tickHz
 * @property {number} sendEvery
 * @property {bigint} epoch
 * @property {string} schemaHash
 * @property {string | null} schema JSON; null: the one whose hash the Hello named
 * @property {Level} level
 * @property {string} priorHash of what the streams are coded from; empty: the protocol's own
 * @property {Uint8Array | null} prior null: none, or the one whose hash the Hello named
 * @property {string} options JSON
 * @property {{path: string, sha256: string}[]} assets
 * @property {string} resumeToken
 * @property {number} reliableReceived
 * @property {InputMode} inputMode
 * @property {string[]} reconnect
 * @property {number} windowMs how long the seat is kept after a cut
 */

/**
 * @param {Uint8Array} body the message after its kind byte
 * @returns {Welcome}
 */
export function decodeWelcome(body) {
  if (body.length > MAX_CONTROL_BYTES) throw new DecodeError(`a Welcome of ${body.length} bytes`);
  const reader = new BincodeReader(body);
  const protocol = reader.short();
  if (protocol !== PROTOCOL) throw new DecodeError(`the server speaks protocol ${protocol}, not ${PROTOCOL}`);
  const welcome = {
    room: reader.string(),
    player: reader.short(),
    tick: reader.int(),
    tickHz: reader.short(),
    sendEvery: reader.short(),
    epoch: reader.long(),
    schemaHash: reader.string(),
    schema: reader.option(() => reader.string()),
    level: level(reader.int()),
    priorHash: reader.string(),
    prior: reader.option(() => reader.blob()),
    options: reader.string(),
    assets: reader.vec(() => ({ path: reader.string(), sha256: reader.string() })),
    resumeToken: reader.string(),
    reliableReceived: reader.int(),
    inputMode: inputMode(reader.int()),
    reconnect: reader.vec(() => reader.string()),
    windowMs: reader.int(),
  };
  reader.finish();
  if (welcome.tickHz === 0 || welcome.sendEvery === 0) throw new DecodeError('the room has no tick rate');
  return welcome;
}

/**
 * @param {number} tag
 * @returns {Level}
 */
function level(tag) {
  if (tag >= LEVELS.length) throw new DecodeError(`level ${tag} is unknown`);
  return LEVELS[tag];
}

/**
 * @param {number} tag
 * @returns {InputMode}
 */
function inputMode(tag) {
  if (tag >= INPUT_MODES.length) throw new DecodeError(`input mode ${tag} is unknown`);
  return INPUT_MODES[tag];
}

/**
 * @typedef {{type: 'Command', bytes: Uint8Array} | {type: 'Leave'} | {type: 'Chat', text: string}} ClientMessage
 * @typedef {{type: 'Event', tick: number, bytes: Uint8Array} | {type: 'Refused', seq: number, reason: string}
 *   | {type: 'Chat', from: number, text: string} | {type: 'Notice', text: string}} ServerMessage
 */

/**
 * @param {number} seq
 * @param {ClientMessage} message
 * @returns {Uint8Array} the whole message
 */
export function encodeReliable(seq, message) {
  const out = new BincodeWriter();
  out.u8(Kind.CLIENT_RELIABLE);
  out.u32(seq);
  if (message.type === 'Command') {
    out.int(0);
    out.blob(message.bytes);
  } else if (message.type === 'Leave') {
    out.int(1);
  } else {
    out.int(2);
    out.string(message.text);
  }
  return out.finish();
}

/**
 * @param {Uint8Array} body the message after its kind byte
 * @returns {{seq: number, message: ServerMessage}}
 */
export function decodeReliable(body) {
  if (body.length > MAX_CONTROL_BYTES) throw new DecodeError(`a reliable message of ${body.length} bytes`);
  const reader = new BincodeReader(body);
  const seq = reader.u32();
  if (seq === 0) throw new DecodeError('reliable message with number 0; numbers start at 1');
  const message = decodeServerMessage(reader);
  reader.finish();
  return { seq, message };
}

/**
 * @param {BincodeReader} reader
 * @returns {ServerMessage}
 */
function decodeServerMessage(reader) {
  const tag = reader.int();
  switch (tag) {
    case 0:
      return { type: 'Event', tick: reader.int(), bytes: reader.blob() };
    case 1:
      return { type: 'Refused', seq: reader.int(), reason: reader.string() };
    case 2:
      return { type: 'Chat', from: reader.short(), text: reader.string() };
    case 3:
      return { type: 'Notice', text: reader.string() };
    default:
      throw new DecodeError(`reliable message of unknown variant ${tag}`);
  }
}

/**
 * @param {number} token 32 bits that the Pong brings back
 * @returns {Uint8Array} the whole message
 */
export function encodePing(token) {
  const out = new BincodeWriter();
  out.u8(Kind.PING);
  out.u32(token);
  return out.finish();
}

/**
 * @param {Uint8Array} body the message after its kind byte
 * @returns {number} the Ping's token
 */
export function decodePong(body) {
  const reader = new BincodeReader(body);
  const token = reader.u32();
  reader.finish();
  return token;
}
