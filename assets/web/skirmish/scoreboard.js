// Who leads. Shown while Tab is held and when a round is over.

import { element } from './hud.js';
import { paint } from './palette.js';

/** @typedef {{player: number, name: string, hue: number, score: number, deaths: number, pingMs: number, bot: boolean, online: boolean}} Standing */

/**
 * @param {Map<number, Record<string, any>>} avatars @param {Map<number, Record<string, any>>} players
 * @returns {Standing[]} best first; ties by fewer deaths, then by player id
 */
export function standings(avatars, players) {
  const rows = [...avatars.values()].map((avatar) => {
    const player = players.get(avatar.player);
    return {
      player: avatar.player, name: player?.name || `#${avatar.player}`, hue: avatar.hue, score: avatar.score,
      deaths: avatar.deaths, pingMs: player?.ping_ms ?? 0, bot: player?.bot ?? false, online: player?.online ?? true,
    };
  });
  return rows.sort((a, b) => b.score - a.score || a.deaths - b.deaths || a.player - b.player);
}

/** @param {Standing[]} table @param {number} me @returns {string} such as "2nd of 8 · 5 points" */
export function rankOf(table, me) {
  const place = table.findIndex((row) => row.player === me);
  if (place < 0) return `${table.length} players`;
  const points = table[place].score;
  return `${ordinal(place + 1)} of ${table.length} · ${points} point${points === 1 ? '' : 's'}`;
}

/** @param {number} n @returns {string} */
function ordinal(n) {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return n + (teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'));
}

export class Scoreboard {
  constructor() {
    this.held = false;
    this.drawnAtMs = -Infinity;
  }

  /**
   * @param {Standing[]} table @param {number} me @param {boolean} over the round has ended
   * @param {string} foot @param {number} nowMs
   */
  update(table, me, over, foot, nowMs) {
    const box = element('scores');
    const visible = this.held || over;
    const opened = visible && box.hidden;
    box.hidden = !visible;
    if (!visible || (!opened && nowMs - this.drawnAtMs < 250)) return;
    this.drawnAtMs = nowMs;
    element('scores-title').textContent = over && table.length ? `${table[0].name} wins the round` : 'Scores';
    element('scores-foot').textContent = foot;
    element('scores-rows').replaceChildren(...table.map((row, index) => line(row, index, me)));
  }
}

/** @param {Standing} row @param {number} index @param {number} me */
function line(row, index, me) {
  const tr = document.createElement('tr');
  if (row.player === me) tr.className = 'me';
  if (!row.online) tr.className = 'away';
  const dot = Object.assign(document.createElement('span'), { className: 'dot' });
  dot.style.background = paint(row.hue).body;
  const name = cell(row.name);
  if (row.bot) name.append(Object.assign(document.createElement('span'), { className: 'tag', textContent: 'bot' }));
  const place = cell('');
  place.append(dot);
  place.title = ordinal(index + 1);
  tr.append(place, name, cell(String(row.score)), cell(String(row.deaths)), cell(row.bot ? '' : `${row.pingMs}`));
  return tr;
}

/** @param {string} text */
function cell(text) {
  return Object.assign(document.createElement('td'), { textContent: text });
}
