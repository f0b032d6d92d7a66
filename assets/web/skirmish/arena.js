// The map: loaded from Tiled's JSON, drawn once to an off-screen canvas.

/** Pixels a metre of the prepared picture. */
const PICTURE_SCALE = 40;
/** How far a wall's face reaches down, in metres: gives height to a view from above. */
const WALL_FACE_M = 0.34;

export class Arena {
  /**
   * @param {number} width tiles = metres @param {number} height tiles
   * @param {Uint8Array} walls one byte a tile, 0 = floor
   */
  constructor(width, height, walls) {
    this.width = width;
    this.height = height;
    this.walls = walls;
    this.picture = this.#paint();
  }

  /** @param {string} url of a Tiled JSON map @returns {Promise<Arena>} */
  static async load(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`map ${url}: ${response.status}`);
    const tiled = await response.json();
    const layer = tiled.layers.find((/** @type {{name: string}} */ l) => l.name === 'walls');
    return new Arena(tiled.width, tiled.height, Uint8Array.from(layer.data, (tile) => (tile ? 1 : 0)));
  }

  /** @param {number} x tile @param {number} y tile @returns {boolean} outside counts as wall */
  solid(x, y) {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return true;
    return this.walls[y * this.width + x] !== 0;
  }

  #paint() {
    const canvas = document.createElement('canvas');
    canvas.width = this.width * PICTURE_SCALE;
    canvas.height = this.height * PICTURE_SCALE;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    ctx.scale(PICTURE_SCALE, PICTURE_SCALE);
    this.#paintFloor(ctx);
    this.#paintShadows(ctx);
    this.#paintWalls(ctx);
    return canvas;
  }

  /** @param {CanvasRenderingContext2D} ctx */
  #paintFloor(ctx) {
    ctx.fillStyle = '#171d28';
    ctx.fillRect(0, 0, this.width, this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const grain = ((x * 73856093) ^ (y * 19349663)) >>> 0;
        const big = ((x >> 2) + (y >> 2)) & 1;
        ctx.fillStyle = big ? '#19202c' : '#161c26';
        ctx.fillRect(x, y, 1.02, 1.02);
        if (grain % 7 === 0) {
          ctx.fillStyle = 'rgb(255 255 255 / 1.6%)';
          ctx.fillRect(x + 0.06, y + 0.06, 0.88, 0.88);
        }
      }
    }
    ctx.strokeStyle = 'rgb(160 190 230 / 5%)';
    ctx.lineWidth = 0.03;
    ctx.beginPath();
    for (let x = 0; x <= this.width; x += 2) ctx.moveTo(x, 0), ctx.lineTo(x, this.height);
    for (let y = 0; y <= this.height; y += 2) ctx.moveTo(0, y), ctx.lineTo(this.width, y);
    ctx.stroke();
    ctx.strokeStyle = 'rgb(88 183 255 / 14%)';
    ctx.lineWidth = 0.09;
    ctx.beginPath();
    ctx.arc(this.width / 2, this.height / 2, 4.2, 0, Math.PI * 2);
    ctx.stroke();
  }

  /** @param {CanvasRenderingContext2D} ctx */
  #paintShadows(ctx) {
    ctx.save();
    ctx.shadowColor = 'rgb(0 0 0 / 85%)';
    ctx.shadowBlur = 0.7 * PICTURE_SCALE;
    ctx.shadowOffsetY = 0.3 * PICTURE_SCALE;
    ctx.fillStyle = '#0e121a';
    ctx.beginPath();
    this.#eachWall((x, y) => ctx.rect(x, y, 1, 1));
    ctx.fill();
    ctx.restore();
  }

  /** @param {CanvasRenderingContext2D} ctx */
  #paintWalls(ctx) {
    this.#eachWall((x, y) => {
      ctx.fillStyle = '#3a465c';
      ctx.fillRect(x - 0.01, y - 0.01, 1.02, 1.02);
      if (!this.solid(x, y + 1)) {
        ctx.fillStyle = '#222a39';
        ctx.fillRect(x - 0.01, y + 1 - WALL_FACE_M, 1.02, WALL_FACE_M);
        ctx.fillStyle = 'rgb(88 183 255 / 22%)';
        ctx.fillRect(x, y + 1 - WALL_FACE_M, 1, 0.035);
      }
      if (!this.solid(x, y - 1)) {
        ctx.fillStyle = '#5d6d8b';
        ctx.fillRect(x, y, 1, 0.07);
      }
      if (!this.solid(x - 1, y)) {
        ctx.fillStyle = '#4d5b76';
        ctx.fillRect(x, y, 0.06, 1);
      }
      if (!this.solid(x + 1, y)) {
        ctx.fillStyle = '#2b3546';
        ctx.fillRect(x + 0.94, y, 0.06, 1);
      }
    });
  }

  /** @param {(x: number, y: number) => void} visit */
  #eachWall(visit) {
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) if (this.walls[y * this.width + x]) visit(x, y);
    }
  }
}
