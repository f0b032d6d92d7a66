// Everything that has a position, on a canvas: dots, arrows, labels, trails.

import { colourOf } from './field-text.js';

/** Empty rim around what is drawn, pixels. */
const RIM = 48;
/** How quickly the frame follows what it shows, per second. */
const FOLLOW_RATE = 3;
/** Length of a trail, milliseconds. */
const TRAIL_MS = 700;
/** Metres (or whatever the unit) shown around the player when following. */
const FOLLOW_RADIUS = 12;

/** What of a table is drawn. @typedef {{name: string, single: boolean, colour: string, position: string, velocity: string | null, angle: string | null, owner: string | null}} Drawn */

/** @param {any} schema JSON @returns {Drawn[]} tables with a vector field */
export function drawnTables(schema) {
  return schema.tables.flatMap((/** @type {any} */ table, /** @type {number} */ index) => {
    const vectors = table.fields.filter((/** @type {any} */ field) => field.shape.type === 'vector');
    const rates = new Set(table.fields.map((/** @type {any} */ field) => field.velocity).filter((/** @type {any} */ v) => v !== null));
    const places = vectors.filter((/** @type {any} */ field) => !rates.has(table.fields.indexOf(field)));
    const position = places.find((/** @type {any} */ field) => field.lerp) ?? places[0];
    if (position === undefined) return [];
    return {
      name: table.name,
      single: table.single,
      colour: colourOf(index),
      position: position.name,
      velocity: position.velocity === null ? null : table.fields[position.velocity].name,
      angle: table.fields.find((/** @type {any} */ field) => field.shape.type === 'angle')?.name ?? null,
      owner: (table.fields[table.owner] ?? table.fields.find((/** @type {any} */ field) => field.shape.type === 'player'))?.name ?? null,
    };
  });
}

/** Draws a room's view. */
export class WorldView {
  /** @param {HTMLCanvasElement} canvas @param {any} schema JSON */
  constructor(canvas, schema) {
    this.canvas = canvas;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    this.tables = drawnTables(schema);
    this.yUp = false;
    this.trails = true;
    this.follow = false;
    /** What is in the frame, in the game's units. @type {{x: number, y: number, width: number, height: number} | null} */
    this.frame = null;
    this.scale = 1;
    /** @type {Map<string, {ms: number, x: number, y: number}[]>} by table and row */
    this.past = new Map();
    /** Where the player is, in the game's units. @type {{x: number, y: number} | null} */
    this.me = null;
  }

  /**
   * @param {any} view of the SDK
   * @param {{player: number, players: Map<number, any>, nowMs: number, dtS: number}} scene
   */
  draw(view, { player, players, nowMs, dtS }) {
    const rows = this.tables.map((table) => {
      const shown = view.tables[table.name];
      return { table, rows: table.single ? (shown ? [[1, shown]] : []) : [...shown] };
    });
    this.#findMe(rows, player);
    this.#frameRows(rows, dtS);
    this.#clear();
    if (this.frame === null) return;
    for (const { table, rows: list } of rows) {
      for (const [id, row] of list) this.#drawRow(table, id, row, player, players, nowMs);
    }
    this.#forget(nowMs);
  }

  /** @param {{table: Drawn, rows: any[]}[]} rows @param {number} player */
  #findMe(rows, player) {
    this.me = null;
    for (const { table, rows: list } of rows) {
      const mine = table.owner === null ? undefined : list.find(([, row]) => row[/** @type {string} */ (table.owner)] === player);
      if (mine !== undefined) this.me ??= mine[1][table.position];
    }
  }

  /** Moves the frame so that all rows are in it. @param {{table: Drawn, rows: any[]}[]} rows @param {number} dtS */
  #frameRows(rows, dtS) {
    let wanted = null;
    if (this.follow && this.me !== null) {
      wanted = { x: this.me.x - FOLLOW_RADIUS, y: this.me.y - FOLLOW_RADIUS, width: 2 * FOLLOW_RADIUS, height: 2 * FOLLOW_RADIUS };
    } else {
      const points = rows.flatMap(({ table, rows: list }) => list.map(([, row]) => row[table.position]));
      if (points.length === 0) return;
      const xs = points.map(({ x }) => x);
      const ys = points.map(({ y }) => y);
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      wanted = { x: left, y: top, width: Math.max(Math.max(...xs) - left, 4), height: Math.max(Math.max(...ys) - top, 4) };
    }
    const share = this.frame === null ? 1 : Math.min(1, FOLLOW_RATE * dtS);
    const { frame } = this;
    const mix = (/** @type {'x' | 'y' | 'width' | 'height'} */ key) => (frame === null ? wanted[key] : frame[key] + (wanted[key] - frame[key]) * share);
    this.frame = { x: mix('x'), y: mix('y'), width: mix('width'), height: mix('height') };
    const { clientWidth, clientHeight } = this.canvas;
    this.scale = Math.max(1e-6, Math.min((clientWidth - 2 * RIM) / this.frame.width, (clientHeight - 2 * RIM) / this.frame.height));
  }

  /** @param {{x: number, y: number}} point @returns {[number, number]} pixels of the page */
  toScreen({ x, y }) {
    const { clientWidth, clientHeight } = this.canvas;
    const frame = this.frame ?? { x: 0, y: 0, width: 1, height: 1 };
    const sx = clientWidth / 2 + (x - frame.x - frame.width / 2) * this.scale;
    const sy = (y - frame.y - frame.height / 2) * this.scale;
    return [sx, clientHeight / 2 + (this.yUp ? -sy : sy)];
  }

  /**
   * @param {{x: number, y: number}} mouse pixels of the canvas
   * @returns {{x: number, y: number}} from the player (or the middle) to the mouse, in the game's units and directions
   */
  toward(mouse) {
    const { clientWidth, clientHeight } = this.canvas;
    const [x, y] = this.me === null ? [clientWidth / 2, clientHeight / 2] : this.toScreen(this.me);
    return { x: (mouse.x - x) / this.scale, y: ((mouse.y - y) / this.scale) * (this.yUp ? -1 : 1) };
  }

  #clear() {
    const { canvas, ctx } = this;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = '#0b0e14';
    ctx.fillRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (this.frame !== null) this.#grid(this.frame);
  }

  /** Lines at round numbers, with their values. @param {{x: number, y: number, width: number, height: number}} frame */
  #grid(frame) {
    const { ctx, canvas, scale } = this;
    const rough = 90 / scale;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? rough;
    const [spanX, spanY] = [canvas.clientWidth / scale, canvas.clientHeight / scale];
    const [x0, y0] = [frame.x + frame.width / 2 - spanX / 2, frame.y + frame.height / 2 - spanY / 2];
    ctx.strokeStyle = 'rgb(140 165 200 / 10%)';
    ctx.fillStyle = 'rgb(140 165 200 / 45%)';
    ctx.font = '10px system-ui, sans-serif';
    ctx.textAlign = 'left';
    ctx.beginPath();
    for (let x = Math.ceil(x0 / step) * step; x < x0 + spanX; x += step) {
      const [sx] = this.toScreen({ x, y: 0 });
      ctx.moveTo(sx, 0);
      ctx.lineTo(sx, canvas.clientHeight);
      ctx.fillText(String(+x.toPrecision(6)), sx + 3, 11);
    }
    for (let y = Math.ceil(y0 / step) * step; y < y0 + spanY; y += step) {
      const [, sy] = this.toScreen({ x: 0, y });
      ctx.moveTo(0, sy);
      ctx.lineTo(canvas.clientWidth, sy);
      ctx.fillText(String(+y.toPrecision(6)), 3, sy - 3);
    }
    ctx.stroke();
  }

  /** @param {Drawn} table @param {number} id @param {any} row @param {number} player @param {Map<number, any>} players @param {number} nowMs */
  #drawRow(table, id, row, player, players, nowMs) {
    const { ctx } = this;
    const point = row[table.position];
    const [x, y] = this.toScreen(point);
    const owner = table.owner === null ? 0 : row[table.owner];
    const mine = owner === player && owner !== 0;
    if (this.trails) this.#trail(`${table.name}/${id}`, point, table.colour, nowMs);
    const radius = owner !== 0 ? 7 : 4.5;
    ctx.fillStyle = table.colour;
    ctx.globalAlpha = row.alive === false ? 0.25 : 1;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fill();
    if (mine) {
      ctx.strokeStyle = '#ffffff';
      ctx.lineWidth = 2;
      ctx.stroke();
    }
    this.#arrow(table, row, x, y, radius);
    if (owner !== 0) {
      ctx.font = '11px system-ui, sans-serif';
      ctx.textAlign = 'center';
      ctx.fillStyle = mine ? '#ffffff' : '#b8c4d6';
      ctx.fillText(players.get(owner)?.name || `player ${owner}`, x, y - radius - 6);
    }
    ctx.globalAlpha = 1;
  }

  /** Where it looks (angle), else where it goes (velocity). @param {Drawn} table @param {any} row @param {number} x @param {number} y @param {number} radius */
  #arrow(table, row, x, y, radius) {
    const { ctx } = this;
    let dx = 0;
    let dy = 0;
    if (table.angle !== null) {
      dx = Math.cos(row[table.angle]) * (radius + 9);
      dy = Math.sin(row[table.angle]) * (radius + 9);
    } else if (table.velocity !== null) {
      const velocity = row[table.velocity];
      const speed = Math.hypot(velocity.x, velocity.y);
      if (speed === 0) return;
      const length = Math.min(radius + 4 + speed * this.scale * 0.15, 40);
      dx = (velocity.x / speed) * length;
      dy = (velocity.y / speed) * length;
    } else return;
    ctx.strokeStyle = table.colour;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + dx, y + (this.yUp ? -dy : dy));
    ctx.stroke();
  }

  /** @param {string} key @param {{x: number, y: number}} point @param {string} colour @param {number} nowMs */
  #trail(key, { x, y }, colour, nowMs) {
    const trail = this.past.get(key) ?? [];
    this.past.set(key, trail);
    const last = trail.at(-1);
    if (last !== undefined && Math.hypot(last.x - x, last.y - y) * this.scale > 120) trail.length = 0; // teleported
    trail.push({ ms: nowMs, x, y });
    while (trail[0].ms < nowMs - TRAIL_MS) trail.shift();
    const { ctx } = this;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.globalAlpha = 0.25;
    ctx.beginPath();
    for (const past of trail) ctx.lineTo(...this.toScreen(past));
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  /** Drops trails of rows that are gone. @param {number} nowMs */
  #forget(nowMs) {
    for (const [key, trail] of this.past) if ((trail.at(-1)?.ms ?? 0) < nowMs - TRAIL_MS) this.past.delete(key);
  }
}
