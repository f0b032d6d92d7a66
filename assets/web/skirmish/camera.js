// Maps metres of the arena to pixels of the canvas.

/** Metres of the arena that fit across the shorter constraint of the window. */
const VIEW_WIDTH_M = 30;
const VIEW_HEIGHT_M = 19;
/** How far towards the crosshair the camera leans, as a share of the distance. */
const LEAN = 0.16;
/** Share of the remaining way that the camera covers in a second, as an exponent's rate. */
const FOLLOW_PER_S = 14;

export class Camera {
  constructor() {
    this.x = 24;
    this.y = 16;
    /** Pixels a metre, in CSS pixels. */
    this.scale = 32;
    this.width = 1;
    this.height = 1;
    this.shake = 0;
    this.started = false;
  }

  /** @param {number} width CSS pixels @param {number} height CSS pixels */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.scale = Math.max(width / VIEW_WIDTH_M, height / VIEW_HEIGHT_M);
  }

  /**
   * Follows a point, leaning towards the crosshair, and stays inside the map.
   * @param {{x: number, y: number}} target metres
   * @param {{x: number, y: number}} crosshair pixels
   * @param {{width: number, height: number}} map metres
   * @param {number} dt seconds since the last frame
   */
  follow(target, crosshair, map, dt) {
    const leanX = ((crosshair.x - this.width / 2) / this.scale) * LEAN;
    const leanY = ((crosshair.y - this.height / 2) / this.scale) * LEAN;
    const wantedX = clampTo(target.x + leanX, this.width / this.scale / 2, map.width);
    const wantedY = clampTo(target.y + leanY, this.height / this.scale / 2, map.height);
    const distance = Math.hypot(wantedX - this.x, wantedY - this.y);
    const share = this.started && distance < 12 ? 1 - Math.exp(-FOLLOW_PER_S * dt) : 1;
    this.started = true;
    this.x += (wantedX - this.x) * share;
    this.y += (wantedY - this.y) * share;
    this.shake *= Math.exp(-9 * dt);
  }

  /** @param {number} x metres @param {number} y metres @returns {{x: number, y: number}} pixels */
  toScreen(x, y) {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }

  /** @param {number} x pixels @param {number} y pixels @returns {{x: number, y: number}} metres */
  toWorld(x, y) {
    return { x: (x - this.width / 2) / this.scale + this.x, y: (y - this.height / 2) / this.scale + this.y };
  }

  /**
   * Sets the canvas transform so that drawing is in metres.
   * @param {CanvasRenderingContext2D} ctx @param {number} ratio device pixels a CSS pixel @param {number} nowMs
   */
  apply(ctx, ratio, nowMs) {
    const s = this.scale * ratio;
    const sway = this.shake * this.scale * ratio;
    const dx = Math.sin(nowMs * 0.09) * sway;
    const dy = Math.cos(nowMs * 0.117) * sway;
    ctx.setTransform(s, 0, 0, s, (this.width / 2) * ratio - this.x * s + dx, (this.height / 2) * ratio - this.y * s + dy);
  }
}

/** @param {number} value @param {number} half half the view @param {number} size of the map */
function clampTo(value, half, size) {
  const margin = 1.5;
  if (half * 2 >= size + 2 * margin) return size / 2;
  return Math.min(Math.max(value, half - margin), size - half + margin);
}
