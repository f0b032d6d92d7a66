// Draws what stands in the arena: avatars, shots, pick-ups. Everything is in metres.

import { paint } from './palette.js';

/** Radius of an avatar in metres, as the rules have it. */
export const AVATAR_RADIUS_M = 0.45;

const PICKUPS = /** @type {Record<string, {colour: string, sign: string}>} */ ({
  Health: { colour: '#63e08a', sign: '+' },
  Shield: { colour: '#58b7ff', sign: '◆' },
  Ammo: { colour: '#ff8c5a', sign: '≡' },
});

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Record<string, any>} pickup @param {number} nowMs
 */
export function drawPickup(ctx, pickup, nowMs) {
  const look = PICKUPS[pickup.kind] ?? { colour: '#fff', sign: '?' };
  const { x, y } = pickup.pos;
  ctx.strokeStyle = look.colour;
  ctx.globalAlpha = pickup.ready ? 0.35 : 0.14;
  ctx.lineWidth = 0.05;
  ctx.beginPath();
  ctx.arc(x, y, 0.55, 0, Math.PI * 2);
  ctx.stroke();
  ctx.globalAlpha = 1;
  if (!pickup.ready) return;
  const lift = Math.sin(nowMs / 420 + x) * 0.06;
  ctx.fillStyle = 'rgb(0 0 0 / 45%)';
  ctx.beginPath();
  ctx.ellipse(x, y + 0.3, 0.3, 0.1, 0, 0, Math.PI * 2);
  ctx.fill();
  glow(ctx, x, y + lift, 0.9, look.colour, 0.22);
  ctx.fillStyle = look.colour;
  roundSquare(ctx, x, y + lift, 0.32, 0.09);
  ctx.fillStyle = '#0d1117';
  ctx.font = '700 0.46px system-ui, sans-serif';
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(look.sign, x, y + lift + 0.02);
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Record<string, any>} shot @param {string} colour
 */
export function drawShot(ctx, shot, colour) {
  const { x, y } = shot.pos;
  const speed = Math.hypot(shot.vel.x, shot.vel.y) || 1;
  const tail = 0.7;
  ctx.lineCap = 'round';
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.5;
  ctx.lineWidth = 0.16;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - (shot.vel.x / speed) * tail, y - (shot.vel.y / speed) * tail);
  ctx.stroke();
  ctx.globalAlpha = 1;
  glow(ctx, x, y, 0.6, colour, 0.5);
  ctx.fillStyle = '#fff';
  ctx.beginPath();
  ctx.arc(x, y, 0.13, 0, Math.PI * 2);
  ctx.fill();
}

/**
 * @typedef {object} AvatarLook
 * @property {boolean} own
 * @property {number} flash 0..1, white while just hit
 * @property {boolean} away the player's line is down
 */

/**
 * The body of one avatar; names and bars come later, on top of all bodies.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Record<string, any>} avatar @param {AvatarLook} look
 */
export function drawAvatar(ctx, avatar, look) {
  const { x, y } = avatar.pos;
  const colours = paint(avatar.hue);
  ctx.save();
  ctx.globalAlpha = look.away ? 0.45 : 1;
  ctx.fillStyle = 'rgb(0 0 0 / 45%)';
  ctx.beginPath();
  ctx.ellipse(x + 0.08, y + 0.2, AVATAR_RADIUS_M * 1.05, AVATAR_RADIUS_M * 0.85, 0, 0, Math.PI * 2);
  ctx.fill();
  if (look.own) {
    ctx.strokeStyle = 'rgb(255 255 255 / 75%)';
    ctx.lineWidth = 0.05;
    ctx.setLineDash([0.22, 0.14]);
    ctx.beginPath();
    ctx.arc(x, y, AVATAR_RADIUS_M + 0.22, 0, Math.PI * 2);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.translate(x, y);
  ctx.rotate(avatar.aim);
  ctx.fillStyle = colours.dark;
  bar(ctx, 0.12, -0.15, 0.62, 0.3, 0.08);
  ctx.fillStyle = '#d9e4f2';
  bar(ctx, 0.2, -0.075, 0.62, 0.15, 0.05);
  ctx.fillStyle = colours.dark;
  disc(ctx, AVATAR_RADIUS_M);
  ctx.fillStyle = colours.body;
  disc(ctx, AVATAR_RADIUS_M - 0.06);
  ctx.fillStyle = colours.light;
  ctx.beginPath();
  ctx.arc(-0.05, 0, 0.2, 0, Math.PI * 2);
  ctx.fill();
  if (look.flash > 0) {
    ctx.globalAlpha = look.flash;
    ctx.fillStyle = '#fff';
    disc(ctx, AVATAR_RADIUS_M);
    ctx.globalAlpha = 1;
  }
  if (avatar.shield > 0) {
    ctx.strokeStyle = `rgb(88 183 255 / ${25 + avatar.shield}%)`;
    ctx.lineWidth = 0.06;
    ctx.beginPath();
    ctx.arc(0, 0, AVATAR_RADIUS_M + 0.09, 0, Math.PI * 2);
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * Name and health over an avatar, in pixels so that text stays sharp.
 * @param {CanvasRenderingContext2D} ctx
 * @param {Record<string, any>} avatar @param {string} name
 * @param {{x: number, y: number}} at pixels @param {boolean} own @param {boolean} bot
 */
export function drawPlate(ctx, avatar, name, at, own, bot) {
  const width = 46;
  const top = at.y - 33;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  ctx.font = `${own ? 700 : 600} 12px ui-sans-serif, system-ui, sans-serif`;
  ctx.lineWidth = 3;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = 'rgb(8 11 16 / 80%)';
  ctx.strokeText(name, at.x, top - 4);
  ctx.fillStyle = own ? '#ffffff' : bot ? '#aab7c9' : '#e6edf6';
  ctx.fillText(name, at.x, top - 4);
  ctx.fillStyle = 'rgb(8 11 16 / 75%)';
  ctx.fillRect(at.x - width / 2 - 1, top - 1, width + 2, avatar.shield > 0 ? 8 : 6);
  ctx.fillStyle = avatar.health > 35 ? '#63e08a' : '#ff5d5d';
  ctx.fillRect(at.x - width / 2, top, (width * Math.min(avatar.health, 100)) / 100, 4);
  if (avatar.shield > 0) {
    ctx.fillStyle = '#58b7ff';
    ctx.fillRect(at.x - width / 2, top + 5, (width * Math.min(avatar.shield, 50)) / 50, 2);
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y
 * @param {number} radius metres @param {string} colour @param {number} alpha
 */
export function glow(ctx, x, y, radius, colour, alpha) {
  const gradient = ctx.createRadialGradient(x, y, 0, x, y, radius);
  gradient.addColorStop(0, colour);
  gradient.addColorStop(1, 'transparent');
  const before = ctx.globalAlpha;
  ctx.globalAlpha = before * alpha;
  ctx.fillStyle = gradient;
  ctx.fillRect(x - radius, y - radius, radius * 2, radius * 2);
  ctx.globalAlpha = before;
}

/** @param {CanvasRenderingContext2D} ctx @param {number} radius */
function disc(ctx, radius) {
  ctx.beginPath();
  ctx.arc(0, 0, radius, 0, Math.PI * 2);
  ctx.fill();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y
 * @param {number} w @param {number} h @param {number} r
 */
function bar(ctx, x, y, w, h, r) {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
  ctx.fill();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} half @param {number} r */
function roundSquare(ctx, x, y, half, r) {
  bar(ctx, x - half, y - half, half * 2, half * 2, r);
}
