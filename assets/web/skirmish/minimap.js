// The whole arena, small, in the lower right corner.

import { paint } from './palette.js';

const WIDTH_PX = 168;
const MARGIN_PX = 18;

/**
 * @param {CanvasRenderingContext2D} ctx transform in CSS pixels
 * @param {import('./arena.js').Arena} arena
 * @param {Iterable<Record<string, any>>} avatars @param {number} me
 * @param {{width: number, height: number}} screen CSS pixels
 */
export function drawMinimap(ctx, arena, avatars, me, screen) {
  if (screen.width < 720) return;
  const scale = WIDTH_PX / arena.width;
  const height = arena.height * scale;
  const left = screen.width - WIDTH_PX - MARGIN_PX;
  const top = screen.height - height - MARGIN_PX;
  ctx.fillStyle = 'rgb(10 14 20 / 70%)';
  ctx.fillRect(left - 4, top - 4, WIDTH_PX + 8, height + 8);
  ctx.globalAlpha = 0.85;
  ctx.drawImage(arena.picture, left, top, WIDTH_PX, height);
  ctx.globalAlpha = 1;
  for (const avatar of avatars) {
    if (!avatar.alive) continue;
    const own = avatar.player === me;
    ctx.fillStyle = own ? '#ffffff' : paint(avatar.hue).body;
    ctx.beginPath();
    ctx.arc(left + avatar.pos.x * scale, top + avatar.pos.y * scale, own ? 3.6 : 2.6, 0, Math.PI * 2);
    ctx.fill();
  }
}
