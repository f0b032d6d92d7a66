// Numbers and bars around the arena. Writes to the page only what has changed.

import { paint } from './palette.js';

/** Ticks the rail needs between shots: the full width of its bar. */
const RAIL_TICKS = 36;
/** Blaster cells of a full magazine. */
const AMMO_MAX = 30;

/** @param {string} id @returns {HTMLElement} */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page has no #${id}`);
  return found;
}

export class Hud {
  constructor() {
    /** @type {Map<string, string>} */
    this.shown = new Map();
    this.bannerUntilMs = 0;
  }

  /** @param {string} id @param {string} text @param {string} [className] */
  text(id, text, className = '') {
    const key = `${className}|${text}`;
    if (this.shown.get(id) === key) return;
    this.shown.set(id, key);
    const target = element(id);
    target.textContent = text;
    target.className = className;
  }

  /** @param {string} id @param {number} share 0..1 */
  bar(id, share) {
    const width = `${Math.round(Math.min(Math.max(share, 0), 1) * 100)}%`;
    if (this.shown.get(id) === width) return;
    this.shown.set(id, width);
    element(id).style.width = width;
  }

  /** @param {Record<string, any>} avatar the own row, private fields included */
  vitals(avatar) {
    this.text('health', String(avatar.health));
    this.bar('health-bar', avatar.health / 100);
    element('health-bar').parentElement?.classList.toggle('low', avatar.health <= 35);
    this.text('shield', avatar.shield > 0 ? String(avatar.shield) : '');
    this.bar('shield-bar', avatar.shield / 50);
    this.bar('rail-bar', 1 - (avatar.rail_ready ?? 0) / RAIL_TICKS);
    this.text('ammo', String(avatar.ammo ?? 0));
    this.bar('ammo-bar', (avatar.ammo ?? 0) / AMMO_MAX);
  }

  /** @param {{pingMs: number, bytesPerSecond: number, inputMarginTicks: number}} stats @param {number} tick */
  network(stats, tick) {
    const ping = stats.pingMs;
    this.text('net-ping', Number.isFinite(ping) ? `${Math.round(ping)} ms` : '–', grade(ping, 90, 180));
    this.text('net-tick', String(Math.floor(tick)));
    this.text('net-down', `${(stats.bytesPerSecond / 1000).toFixed(1)} kB/s`);
    const margin = stats.inputMarginTicks;
    const known = Number.isFinite(margin);
    this.text('net-margin', known ? `${margin.toFixed(1)} ticks` : '–', known ? grade(-margin, 0, 0.5) : '');
  }

  /** @param {Record<string, any> | undefined} round @param {string} rank HTML-free text */
  round(round, rank) {
    if (!round) return;
    const seconds = round.ends_in_s;
    const over = round.phase === 'Over';
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    this.text('clock', over ? `next round ${seconds}` : clock, !over && seconds <= 15 ? 'late' : '');
    this.text('rank', rank);
  }

  /** @param {string} title @param {string} small @param {number} nowMs @param {number} [forMs] */
  banner(title, small, nowMs, forMs = 1800) {
    const target = element('banner');
    target.replaceChildren(title, Object.assign(document.createElement('small'), { textContent: small }));
    target.classList.add('on');
    this.bannerUntilMs = nowMs + forMs;
  }

  /** @param {number} nowMs */
  tick(nowMs) {
    if (this.bannerUntilMs && nowMs > this.bannerUntilMs) {
      element('banner').classList.remove('on');
      this.bannerUntilMs = 0;
    }
  }
}

/** @param {number} value @param {number} warn @param {number} bad @returns {string} class name */
function grade(value, warn, bad) {
  return value > bad ? 'bad' : value > warn ? 'warn' : '';
}

/** Kills, newest last, gone after a while. */
export class Feed {
  /** @param {{name: string, hue: number}} killer @param {{name: string, hue: number}} victim @param {string} weapon @param {boolean} mine */
  kill(killer, victim, weapon, mine) {
    const item = document.createElement('li');
    if (mine) item.className = 'mine';
    const who = (/** @type {{name: string, hue: number}} */ p) => {
      const b = document.createElement('b');
      b.textContent = p.name;
      b.style.color = paint(p.hue).body;
      return b;
    };
    const by = Object.assign(document.createElement('span'), { className: 'with', textContent: weapon === 'Rail' ? '⟶' : '✹' });
    by.title = weapon;
    item.append(who(killer), by, who(victim));
    this.#add(item);
  }

  /** @param {string} text */
  note(text) {
    this.#add(Object.assign(document.createElement('li'), { textContent: text }));
  }

  /** @param {HTMLLIElement} item */
  #add(item) {
    const list = element('feed');
    list.append(item);
    while (list.children.length > 6) list.firstElementChild?.remove();
    setTimeout(() => item.classList.add('old'), 5500);
    setTimeout(() => item.remove(), 6200);
  }
}
