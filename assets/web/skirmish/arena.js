// The map: loaded from Tiled's JSON, drawn once to an off-screen canvas.

/** Pixels a metre of the prepared picture. */
const PICTURE_SCALE = 40;
/** How far a wall's face reaches down, in metres: gives height to a view from above. */
const WALL_FACE_M = 0.34;

/** @typedef {{width: number, height: number, walls: string[], floor: string[]}} Plan kinds of tiles, row by row; '' = none */

export class Arena {
  /** @param {Plan} plan one tile = one metre */
  constructor(plan) {
    this.width = plan.width;
    this.height = plan.height;
    this.plan = plan;
    this.picture = this.#paint();
  }

  /** @param {string} url of a Tiled JSON map @returns {Promise<Arena>} */
  static async load(url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`map ${url}: ${response.status}`);
    return new Arena(readTiled(await response.json()));
  }

  /** @param {number} x tile @param {number} y tile @returns {boolean} outside counts as wall */
  solid(x, y) {
    return this.wall(x, y) !== '';
  }

  /** @param {number} x tile @param {number} y tile @returns {string} kind of wall, '' where one can walk */
  wall(x, y) {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return 'wall';
    return this.plan.walls[y * this.width + x];
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
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) paintDecor(ctx, x, y, this.plan.floor[y * this.width + x]);
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
    this.#eachWall((x, y, kind) => {
      if (kind === 'pillar') return paintPillar(ctx, x, y);
      const same = (/** @type {number} */ dx, /** @type {number} */ dy) => this.wall(x + dx, y + dy) === kind;
      const look = WALLS[kind] ?? WALLS.wall;
      ctx.fillStyle = look.top;
      ctx.fillRect(x - 0.01, y - 0.01, 1.02, 1.02);
      if (kind === 'crate') paintCrate(ctx, x, y);
      if (kind === 'container') paintRibs(ctx, x, y);
      if (!this.solid(x, y + 1)) {
        ctx.fillStyle = look.face;
        ctx.fillRect(x - 0.01, y + 1 - WALL_FACE_M, 1.02, WALL_FACE_M);
        ctx.fillStyle = look.trim;
        ctx.fillRect(x, y + 1 - WALL_FACE_M, 1, 0.04);
      }
      ctx.fillStyle = look.light;
      if (!same(0, -1)) ctx.fillRect(x, y, 1, 0.07);
      if (!same(-1, 0)) ctx.fillRect(x, y, 0.05, 1);
      ctx.fillStyle = look.face;
      if (!same(1, 0)) ctx.fillRect(x + 0.94, y, 0.06, 1);
    });
  }

  /** @param {(x: number, y: number, kind: string) => void} visit */
  #eachWall(visit) {
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) if (this.solid(x, y)) visit(x, y, this.wall(x, y));
    }
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {string} kind */
function paintDecor(ctx, x, y, kind) {
  if (kind === 'joint') {
    ctx.fillStyle = 'rgb(0 0 0 / 18%)';
    ctx.fillRect(x, y + 0.47, 1, 0.06);
  } else if (kind === 'hazard') {
    ctx.save();
    ctx.beginPath();
    ctx.rect(x, y, 1, 1);
    ctx.clip();
    ctx.strokeStyle = 'rgb(255 209 102 / 13%)';
    ctx.lineWidth = 0.16;
    ctx.beginPath();
    for (let d = -1; d < 2; d += 0.5) ctx.moveTo(x + d, y + 1), ctx.lineTo(x + d + 1, y);
    ctx.stroke();
    ctx.restore();
  } else if (kind === 'pad') {
    ctx.fillStyle = 'rgb(88 183 255 / 7%)';
    ctx.fillRect(x + 0.04, y + 0.04, 0.92, 0.92);
  } else if (kind === 'grate') {
    ctx.fillStyle = 'rgb(0 0 0 / 26%)';
    for (let slot = 0.1; slot < 1; slot += 0.2) ctx.fillRect(x + 0.08, y + slot, 0.84, 0.09);
  }
}

/** @type {Record<string, {top: string, face: string, light: string, trim: string}>} */
const WALLS = {
  wall: { top: '#38445a', face: '#1f2735', light: '#5b6b89', trim: 'rgb(88 183 255 / 26%)' },
  crate: { top: '#7a5c38', face: '#4a3721', light: '#a98352', trim: 'rgb(0 0 0 / 25%)' },
  container: { top: '#2c5a6b', face: '#183641', light: '#4c879b', trim: 'rgb(255 255 255 / 14%)' },
};

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y */
function paintPillar(ctx, x, y) {
  ctx.fillStyle = '#1d2431';
  ctx.fillRect(x, y, 1, 1);
  for (const [radius, colour] of /** @type {[number, string][]} */ ([[0.5, '#28324a'], [0.43, '#4a5a79'], [0.3, '#6d7fa3']])) {
    ctx.fillStyle = colour;
    ctx.beginPath();
    ctx.arc(x + 0.5, y + 0.5, radius, 0, Math.PI * 2);
    ctx.fill();
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y */
function paintCrate(ctx, x, y) {
  ctx.strokeStyle = 'rgb(40 26 12 / 75%)';
  ctx.lineWidth = 0.06;
  ctx.strokeRect(x + 0.1, y + 0.1, 0.8, 0.8 - WALL_FACE_M / 2);
  ctx.beginPath();
  ctx.moveTo(x + 0.1, y + 0.1);
  ctx.lineTo(x + 0.9, y + 0.9 - WALL_FACE_M / 2);
  ctx.stroke();
}

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y */
function paintRibs(ctx, x, y) {
  ctx.fillStyle = 'rgb(0 0 0 / 16%)';
  for (let rib = 0.1; rib < 1; rib += 0.25) ctx.fillRect(x + rib, y, 0.09, 1);
}

/**
 * @param {any} tiled a map as Tiled writes it; the server has validated it
 * @returns {Plan}
 */
export function readTiled(tiled) {
  /** @type {Map<number, string>} */
  const kinds = new Map();
  for (const set of tiled.tilesets ?? []) {
    for (const tile of set.tiles ?? []) kinds.set(set.firstgid + tile.id, tile.type ?? tile.class ?? '');
  }
  const layer = (/** @type {string} */ name, /** @type {string} */ unknown) => {
    const found = tiled.layers.find((/** @type {{name: string}} */ l) => l.name === name);
    if (!found) return new Array(tiled.width * tiled.height).fill('');
    return found.data.map((/** @type {number} */ gid) => (gid === 0 ? '' : kinds.get(gid) || unknown));
  };
  return { width: tiled.width, height: tiled.height, walls: layer('walls', 'wall'), floor: layer('floor', 'floor') };
}
