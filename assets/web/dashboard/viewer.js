// The generic viewer: joins any room of this server and shows it from its schema alone.

import { Api, connect } from '../sdk/tickwire.js';
import { ControlsPanel } from './controls-panel.js';
import { make } from './field-text.js';
import { EventLog, TablesPanel } from './tables-panel.js';
import { WorldView, drawnTables } from './world-view.js';

/** The list of rooms is asked for this often while it is shown, milliseconds. */
const LIST_MS = 2000;
/** Text is brought up to date this often: nobody reads faster, milliseconds. */
const TEXT_MS = 150;
const NAME_KEY = 'tickwire.viewer.name';

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const api = new Api('');
/** @type {{room: import('../sdk/tickwire.js').Room, world: WorldView, controls: ControlsPanel, tables: TablesPanel} | null} */
let shown = null;
/** @type {import('../sdk/tickwire.js').Room | null} */
let room = null;
let listTimer = 0;

/** @param {string} text @param {string} [state] */
function status(text, state = '') {
  $('status').textContent = text;
  $('status').className = `pill ${state}`;
}

// ---- The lobby ----------------------------------------------------------------------------------

async function refreshList() {
  try {
    const [rooms, games] = await Promise.all([api.rooms(), api.games()]);
    $('rooms').replaceChildren(...rooms.map(roomItem));
    $('lobby-note').textContent = rooms.length === 0 ? 'No room is open.' : '';
    $('games').replaceChildren(...games.map(({ name }) => make('button', { type: 'button', onclick: () => openRoom(name) }, `Open a room of ${name}`)));
  } catch (error) {
    $('lobby-note').textContent = error instanceof Error ? error.message : String(error);
  }
}

/** @param {import('../sdk/api.js').RoomInfo} info */
function roomItem(info) {
  const people = `${info.players} of ${info.seats} seats, ${info.bots} bots · ${info.tick_hz} Hz`;
  const name = make('span', {}, make('b', {}, info.id), ` ${info.game}`);
  return make('li', {}, name, make('span', { className: 'dim' }, people), make('button', { type: 'button', onclick: () => join(info.id) }, 'Join'));
}

/** @param {string} game */
async function openRoom(game) {
  try {
    join((await api.createRoom({ game, bots: 4 })).id);
  } catch (error) {
    $('lobby-note').textContent = error instanceof Error ? error.message : String(error);
  }
}

function showLobby() {
  $('lobby').hidden = false;
  for (const id of ['stage', 'side', 'leave']) $(id).hidden = true;
  refreshList();
  clearInterval(listTimer);
  listTimer = setInterval(refreshList, LIST_MS);
}

// ---- A room -------------------------------------------------------------------------------------

/** @param {string} id */
async function join(id) {
  const name = $('name').value.trim() || 'Viewer';
  localStorage.setItem(NAME_KEY, name);
  try {
    const seat = await api.join(id, { name });
    clearInterval(listTimer);
    history.replaceState(null, '', `?room=${encodeURIComponent(id)}`);
    enter(connect(seat, { client: 'viewer', input: () => shown?.controls.sample() ?? {}, rejoin: () => api.join(id, { name }) }));
  } catch (error) {
    showLobby();
    status('choose a room');
    $('lobby-note').textContent = error instanceof Error ? error.message : String(error);
  }
}

/** @param {import('../sdk/tickwire.js').Room} entered */
function enter(entered) {
  room = entered;
  Object.assign(globalThis, { tickwire: { room: entered } });
  const log = new EventLog($('events'));
  entered.on('status', (now) => {
    status({ playing: `playing in ${entered.id}`, reconnecting: 'reconnecting…', connecting: 'connecting…', closed: `closed: ${now.reason}` }[/** @type {string} */ (now.state)] ?? '', now.state);
    if (now.state === 'reconnecting') log.system(`the line broke (${now.reason}); trying again`);
    if (now.state === 'closed') log.system(`closed: ${now.reason}`);
  });
  entered.on('welcome', () => {
    if (shown?.room !== entered) show(entered);
    log.system(`welcome, player ${entered.player}`);
  });
  entered.on('event', (event, tick, { reliable }) => log.event(tick, event, reliable));
  entered.on('chat', ({ from, text }) => log.system(`${entered.tables.players?.get(from)?.name ?? from}: ${text}`));
  entered.on('notice', (text) => log.system(text));
  entered.on('refused', ({ reason }) => log.system(`refused: ${reason}`));
  entered.on('desync', ({ reason }) => log.system(`desync: ${reason}`));
}

/** Builds what depends on the schema. @param {import('../sdk/tickwire.js').Room} entered */
function show(entered) {
  $('lobby').hidden = true;
  for (const id of ['stage', 'side', 'leave']) $(id).hidden = false;
  const { schema } = entered;
  const canvas = $('world');
  const world = new WorldView(canvas, schema);
  const controls = new ControlsPanel($('controls'), canvas, schema.input, world);
  shown = { room: entered, world, controls, tables: new TablesPanel($('tables'), schema) };
  applyTools();
  $('options').textContent = JSON.stringify(entered.options, null, 2);
  const legend = drawnTables(schema).map(({ name, colour }) => {
    const dot = make('i');
    dot.style.background = colour;
    return make('div', {}, dot, name);
  });
  $('legend').replaceChildren(...legend);
  $('legend').hidden = legend.length === 0;
  commandForm(entered, schema.command);
  document.title = `${schema.game} · ${entered.id} · Tickwire viewer`;
  canvas.focus();
}

/** Hands the check boxes over the picture to what draws it. */
function applyTools() {
  if (shown === null) return;
  const { world } = shown;
  Object.assign(world, { yUp: $('y-up').checked, trails: $('trails').checked, follow: $('follow').checked });
}

/** @param {import('../sdk/tickwire.js').Room} entered @param {any} shape of the command */
function commandForm(entered, shape) {
  const variants = shape.type === 'enum' ? shape.variants : [];
  const note = make('p', { className: 'dim' }, variants.length === 0 ? 'This game has no commands.' : '');
  if (variants.length === 0) return $('command').replaceChildren(note);
  const text = make('textarea', { rows: 3, spellcheck: false });
  const select = make('select', {}, ...variants.map((/** @type {any} */ { name }) => make('option', { value: name }, name)));
  const fillIn = () => {
    const { fields } = variants[select.selectedIndex];
    text.value = JSON.stringify(Object.fromEntries(fields.map((/** @type {any} */ field) => [field.name, field.shape.min ?? 0])));
    text.hidden = fields.length === 0;
  };
  select.onchange = fillIn;
  fillIn();
  $('command').onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const unitOnly = variants.every((/** @type {any} */ { fields }) => fields.length === 0);
      entered.command(unitOnly ? select.value : { type: select.value, ...JSON.parse(text.value || '{}') });
      note.textContent = 'sent';
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  return $('command').replaceChildren(select, text, make('button', { type: 'submit' }, 'Send'), note);
}

/** @param {import('../sdk/tickwire.js').Room} of */
function showFigures(of) {
  const { stats } = of;
  /** @type {[string, string, boolean][]} */
  const figures = [
    ['tick', String(of.tick), false],
    ['ping', `${stats.pingMs.toFixed(0)} ms`, stats.pingMs > 200],
    ['down', `${(stats.bytesPerSecond / 1000).toFixed(1)} kB/s`, false],
    ['snapshot', `${stats.snapshotBytes.toFixed(0)} B × ${stats.snapshotsPerSecond.toFixed(0)}/s`, false],
    ['margin', `${stats.inputMarginTicks.toFixed(1)} ticks`, stats.inputMarginTicks < 0],
    ['late', String(stats.lateInputs), false],
    ['delay', `${stats.interpolationMs.toFixed(0)} ms`, false],
    ['desyncs', String(stats.desyncs), stats.desyncs > 0],
  ];
  $('figures').replaceChildren(...figures.map(([name, value, bad]) => make('div', {}, make('dt', {}, name), make('dd', { className: bad ? 'bad' : '' }, value))));
}

// ---- The loop -----------------------------------------------------------------------------------

let lastMs = performance.now();
let textMs = 0;

function frame() {
  requestAnimationFrame(frame);
  const nowMs = performance.now();
  const dtS = Math.min((nowMs - lastMs) / 1000, 0.1);
  lastMs = nowMs;
  if (shown === null) return;
  const { room: of, world, controls, tables } = shown;
  const view = of.sample(nowMs);
  if (view !== null) world.draw(view, { player: of.player, players: of.tables.players, nowMs, dtS });
  if (nowMs - textMs < TEXT_MS) return;
  textMs = nowMs;
  controls.refresh();
  tables.update(of.tables, of.player);
  showFigures(of);
}

$('name').value = localStorage.getItem(NAME_KEY) ?? 'Viewer';
for (const id of ['y-up', 'trails', 'follow']) $(id).onchange = applyTools;
$('leave').onclick = () => {
  room?.leave();
  shown?.controls.close();
  shown = null;
  room = null;
  $('figures').replaceChildren();
  history.replaceState(null, '', location.pathname);
  status('choose a room');
  showLobby();
};
requestAnimationFrame(frame);
const asked = new URLSearchParams(location.search).get('room');
if (asked === null) showLobby();
else join(asked);
