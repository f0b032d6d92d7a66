// Skirmish in a browser: joins a room at once and keeps the frame loop going.

import { Api, connect } from '../sdk/tickwire.js';
import { Arena } from './arena.js';
import { Camera } from './camera.js';
import { Controls } from './controls.js';
import { Effects } from './effects.js';
import { Feed, Hud, element } from './hud.js';
import { Match } from './match.js';
import { Menu, Veil } from './overlays.js';
import { predictor } from './predict.js';
import { loadProfile, saveProfile } from './profile.js';
import { Scoreboard } from './scoreboard.js';
import { Sounds } from './sound.js';

/** Beyond this the canvas gets no sharper, only slower. */
const MAX_PIXEL_RATIO = 2;
/** A frame after a pause counts as this long, seconds. */
const MAX_FRAME_S = 0.1;

const canvas = /** @type {HTMLCanvasElement} */ (element('arena'));
const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
const api = new Api('');
const camera = new Camera();
const controls = new Controls(canvas);
const sounds = new Sounds();
const board = new Scoreboard();
const stage = { effects: new Effects(), hud: new Hud(), feed: new Feed(), sounds, board, camera, controls };
let profile = loadProfile();
/** @type {Match | null} */
let match = null;
/** Which attempt to join is the current one: a slow answer to an older one is dropped. */
let attempt = 0;

const veil = new Veil(() => play());
const menu = new Menu(profile, (chosen) => {
  const renamed = chosen.name !== profile.name;
  profile = chosen;
  saveProfile(profile);
  sounds.enabled = profile.sound;
  sounds.wake();
  controls.enabled = true;
  if (renamed) play();
  else match?.room.command({ type: 'Colour', hue: profile.hue });
});
sounds.enabled = profile.sound;
controls.onScores = (/** @type {boolean} */ show) => (board.held = show);
controls.onMenu = () => {
  menu.toggle();
  controls.enabled = !menu.open;
  controls.release();
};
controls.onFirstUse = () => {
  sounds.wake();
  element('hint').classList.add('gone');
};

/** The room named in the address (`?room=`), else the liveliest Skirmish room with a seat left. */
async function chooseRoom() {
  const asked = new URLSearchParams(location.search).get('room');
  if (asked) return asked;
  const rooms = (await api.rooms()).filter((/** @type {any} */ room) => room.game === 'skirmish' && room.players < room.seats);
  rooms.sort((/** @type {any} */ a, /** @type {any} */ b) => b.players + b.bots - a.players - a.bots);
  if (!rooms.length) throw new Error('every Skirmish room on this server is full');
  return rooms[0].id;
}

/** Joins a room and plays there until the page goes or the line is finally lost. */
async function play() {
  const mine = ++attempt;
  match?.room.leave();
  match = null;
  veil.show('Joining', 'Finding a seat in the arena…');
  try {
    const seat = await api.join(await chooseRoom(), { name: profile.name });
    if (mine !== attempt) return;
    const box = /** @type {{arena: Arena | null}} */ ({ arena: null });
    const room = connect(seat, {
      inputMode: 'scheduled',
      input: () => controls.sample(),
      predict: predictor(() => box.arena),
    });
    Object.assign(globalThis, { tickwire: { room } });
    room.on('welcome', async () => {
      if (match?.room === room) return;
      box.arena = await Arena.load(`/assets/maps/${room.options.map}.json`);
      if (mine !== attempt) return;
      match = new Match(room, box.arena, stage);
      room.command({ type: 'Colour', hue: profile.hue });
    });
    room.on('status', (/** @type {any} */ status) => mine === attempt && showStatus(status));
  } catch (error) {
    if (mine === attempt) veil.show('Could not join', error instanceof Error ? error.message : String(error), true);
  }
}

/** @param {any} status of the SDK: a state and, when the line is gone, code and reason */
function showStatus(status) {
  const state = status.state ?? status;
  if (state === 'playing') veil.hide();
  if (state === 'connecting') veil.show('Connecting', 'Entering the arena…');
  if (state === 'reconnecting') veil.show('Reconnecting', 'The line dropped. Your seat is kept for half a minute.');
  if (state === 'closed') veil.show('Disconnected', status.reason || 'The server closed the match.', true);
}

function resize() {
  const ratio = Math.min(devicePixelRatio || 1, MAX_PIXEL_RATIO);
  canvas.width = Math.round(innerWidth * ratio);
  canvas.height = Math.round(innerHeight * ratio);
  camera.resize(innerWidth, innerHeight);
  return ratio;
}

let ratio = resize();
addEventListener('resize', () => (ratio = resize()));
let lastMs = performance.now();

/** @param {number} nowMs */
function frame(nowMs) {
  requestAnimationFrame(frame);
  const dt = Math.min((nowMs - lastMs) / 1000, MAX_FRAME_S);
  lastMs = nowMs;
  match?.frame(ctx, ratio, performance.now(), dt);
}
requestAnimationFrame(frame);
play();
