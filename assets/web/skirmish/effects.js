// Short-lived sights: rail beams, bursts, sparks, floating numbers. Made from events, never from state.

import { glow } from './figures.js';

/** Newest effects win: a page left in the background must not hoard them. */
const MAX_PARTICLES = 500;
const RAIL_MS = 420;
const LABEL_MS = 900;

/** @typedef {{x: number, y: number, vx: number, vy: number, size: number, colour: string, bornMs: number, lifeMs: number}} Particle */
/** @typedef {{from: {x: number, y: number}, to: {x: number, y: number}, colour: string, bornMs: number}} Beam */
/** @typedef {{x: number, y: number, radius: number, colour: string, bornMs: number, lifeMs: number}} Ring */
/** @typedef {{x: number, y: number, text: string, colour: string, bornMs: number}} Label */

export class Effects {
  constructor() {
    /** @type {Particle[]} */ this.particles = [];
    /** @type {Beam[]} */ this.beams = [];
    /** @type {Ring[]} */ this.rings = [];
    /** @type {Label[]} */ this.labels = [];
    /** Player id → time of the last hit, for the white flash. @type {Map<number, number>} */
    this.hits = new Map();
  }

  /** @param {{x: number, y: number}} from @param {{x: number, y: number}} to @param {string} colour @param {number} nowMs */
  rail(from, to, colour, nowMs) {
    this.beams.push({ from, to, colour, bornMs: nowMs });
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    for (let d = 0.6; d < length; d += 0.7) {
      const share = d / length;
      this.#spark(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share, 0.5, 0.07, colour, nowMs, 520);
    }
    this.sparks(to, 8, colour, nowMs);
  }

  /** @param {{x: number, y: number}} at @param {number} count @param {string} colour @param {number} nowMs */
  sparks(at, count, colour, nowMs) {
    for (let i = 0; i < count; i++) this.#spark(at.x, at.y, 5, 0.09, colour, nowMs, 380);
  }

  /** @param {{x: number, y: number}} at @param {number} radius @param {string} colour @param {number} nowMs @param {number} lifeMs */
  ring(at, radius, colour, nowMs, lifeMs) {
    this.rings.push({ x: at.x, y: at.y, radius, colour, bornMs: nowMs, lifeMs });
  }

  /** @param {{x: number, y: number}} at @param {string} text @param {string} colour @param {number} nowMs */
  label(at, text, colour, nowMs) {
    this.labels.push({ x: at.x, y: at.y, text, colour, bornMs: nowMs });
  }

  /** @param {{x: number, y: number}} at @param {string} colour @param {number} nowMs */
  explode(at, colour, nowMs) {
    this.ring(at, 2.2, colour, nowMs, 500);
    this.ring(at, 1.2, '#ffffff', nowMs, 260);
    for (let i = 0; i < 34; i++) this.#spark(at.x, at.y, 8, 0.14, i % 3 ? colour : '#fff', nowMs, 750);
  }

  /** @param {number} player @param {number} nowMs @returns {number} 1 just hit … 0 */
  flash(player, nowMs) {
    const at = this.hits.get(player);
    return at === undefined ? 0 : Math.min(1, Math.max(0, 1 - (nowMs - at) / 160));
  }

  /** @param {number} nowMs */
  prune(nowMs) {
    const young = (/** @type {{bornMs: number, lifeMs: number}} */ e) => nowMs - e.bornMs < e.lifeMs;
    this.particles = this.particles.filter(young).slice(-MAX_PARTICLES);
    this.rings = this.rings.filter(young);
    this.beams = this.beams.filter((beam) => nowMs - beam.bornMs < RAIL_MS);
    this.labels = this.labels.filter((label) => nowMs - label.bornMs < LABEL_MS);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} nowMs transform in metres */
  draw(ctx, nowMs) {
    ctx.save();
    ctx.globalCompositeOperation = 'lighter';
    for (const beam of this.beams) drawBeam(ctx, beam, 1 - ageOf(beam, RAIL_MS, nowMs));
    for (const ring of this.rings) drawRing(ctx, ring, ageOf(ring, ring.lifeMs, nowMs));
    for (const p of this.particles) {
      const age = ageOf(p, p.lifeMs, nowMs);
      const seconds = (age * p.lifeMs) / 1000;
      const slowed = (1 - Math.exp(-4 * seconds)) / 4;
      ctx.globalAlpha = 1 - age;
      ctx.fillStyle = p.colour;
      const size = p.size * (1 - age * 0.6);
      ctx.fillRect(p.x + p.vx * slowed - size / 2, p.y + p.vy * slowed - size / 2, size, size);
    }
    ctx.restore();
    this.#drawLabels(ctx, nowMs);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {number} nowMs */
  #drawLabels(ctx, nowMs) {
    ctx.save();
    ctx.font = '700 0.55px system-ui, sans-serif';
    ctx.textAlign = 'center';
    for (const label of this.labels) {
      const age = ageOf(label, LABEL_MS, nowMs);
      ctx.globalAlpha = 1 - age * age;
      ctx.fillStyle = 'rgb(0 0 0 / 70%)';
      ctx.fillText(label.text, label.x + 0.03, label.y - 0.7 - age * 0.9 + 0.03);
      ctx.fillStyle = label.colour;
      ctx.fillText(label.text, label.x, label.y - 0.7 - age * 0.9);
    }
    ctx.restore();
  }

  /**
   * @param {number} x @param {number} y @param {number} speed m/s at most @param {number} size
   * @param {string} colour @param {number} nowMs @param {number} lifeMs
   */
  #spark(x, y, speed, size, colour, nowMs, lifeMs) {
    const angle = Math.random() * Math.PI * 2;
    const v = speed * (0.25 + 0.75 * Math.random());
    this.particles.push({
      x, y, vx: Math.cos(angle) * v, vy: Math.sin(angle) * v, size, colour, bornMs: nowMs,
      lifeMs: lifeMs * (0.6 + 0.4 * Math.random()),
    });
  }
}

/**
 * Age as a share of a life, 0..=1: an effect can be born a moment after the time its first frame is drawn for.
 * @param {{bornMs: number}} effect @param {number} lifeMs @param {number} nowMs
 */
function ageOf(effect, lifeMs, nowMs) {
  return Math.min(Math.max((nowMs - effect.bornMs) / lifeMs, 0), 1);
}

/** @param {CanvasRenderingContext2D} ctx @param {Beam} beam @param {number} left 1 … 0 */
function drawBeam(ctx, beam, left) {
  const passes = /** @type {const} */ ([[0.34, 0.18], [0.16, 0.45], [0.06, 1]]);
  ctx.lineCap = 'round';
  for (const [width, alpha] of passes) {
    ctx.globalAlpha = alpha * left;
    ctx.strokeStyle = width < 0.1 ? '#fff' : beam.colour;
    ctx.lineWidth = width * (0.4 + 0.6 * left);
    ctx.beginPath();
    ctx.moveTo(beam.from.x, beam.from.y);
    ctx.lineTo(beam.to.x, beam.to.y);
    ctx.stroke();
  }
  ctx.globalAlpha = left;
  glow(ctx, beam.to.x, beam.to.y, 0.9, beam.colour, 0.6);
}

/** @param {CanvasRenderingContext2D} ctx @param {Ring} ring @param {number} age 0 … 1 */
function drawRing(ctx, ring, age) {
  const eased = 1 - (1 - age) * (1 - age);
  ctx.globalAlpha = 1 - age;
  ctx.strokeStyle = ring.colour;
  ctx.lineWidth = 0.14 * (1 - age) + 0.02;
  ctx.beginPath();
  ctx.arc(ring.x, ring.y, ring.radius * eased, 0, Math.PI * 2);
  ctx.stroke();
}
