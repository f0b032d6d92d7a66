// One match as seen from this page: turns the room's events into sights and sounds, and draws a frame.

import { drawAvatar, drawPickup, drawPlate, drawShot } from './figures.js';
import { drawMinimap } from './minimap.js';
import { paint } from './palette.js';
import { rankOf, standings } from './scoreboard.js';

/** @typedef {Record<string, any>} Row */
/** @typedef {{x: number, y: number}} Point */

export class Match {
  /**
   * @param {any} room of the SDK
   * @param {import('./arena.js').Arena} arena
   * @param {{effects: import('./effects.js').Effects, hud: import('./hud.js').Hud, feed: import('./hud.js').Feed,
   *          sounds: import('./sound.js').Sounds, board: import('./scoreboard.js').Scoreboard,
   *          camera: import('./camera.js').Camera, controls: import('./controls.js').Controls}} stage
   */
  constructor(room, arena, stage) {
    this.room = room;
    this.arena = arena;
    this.stage = stage;
    this.ears = { x: 24, y: 16 };
    this.wasAlive = false;
    this.lastKiller = '';
    room.on('event', (/** @type {any} */ event) => this.#onEvent(event, performance.now()));
  }

  /** @returns {number} the own player id */
  get me() {
    return this.room.player;
  }

  /** @param {number} player @returns {{name: string, hue: number}} */
  #who(player) {
    const avatar = this.#avatarOf(player);
    const row = this.room.tables.players?.get(player);
    return { name: row?.name || `#${player}`, hue: avatar?.hue ?? 0 };
  }

  /** @param {number} player @returns {Row | undefined} newest row, not interpolated */
  #avatarOf(player) {
    for (const row of this.room.tables.avatars?.values() ?? []) if (row.player === player) return row;
    return undefined;
  }

  /** @param {any} event @param {number} nowMs */
  #onEvent(event, nowMs) {
    const { effects, sounds, hud, feed, camera } = this.stage;
    const far = (/** @type {Point} */ at) => Math.hypot(at.x - this.ears.x, at.y - this.ears.y);
    switch (event.type) {
      case 'Rail':
        effects.rail(event.start, event.end, paint(this.#who(event.shooter).hue).body, nowMs);
        sounds.play('rail', far(event.start));
        if (event.shooter === this.me) camera.shake = Math.max(camera.shake, 0.06);
        break;
      case 'Hit': {
        effects.hits.set(event.victim, nowMs);
        const at = this.#avatarOf(event.victim)?.pos;
        if (at && event.by === this.me) effects.label(at, String(event.damage), '#ffd166', nowMs);
        if (at) effects.sparks(at, 5, '#ffffff', nowMs);
        if (event.by === this.me) sounds.play('hit');
        if (event.victim === this.me) camera.shake = Math.max(camera.shake, 0.1);
        break;
      }
      case 'Burst':
        effects.ring(event.at, 0.9, '#ff8c5a', nowMs, 260);
        effects.sparks(event.at, 9, '#ffb37a', nowMs);
        sounds.play('burst', far(event.at));
        break;
      case 'Spawned':
        effects.ring(event.at, 1.6, paint(this.#who(event.player).hue).body, nowMs, 600);
        break;
      case 'Picked':
        effects.label(event.at, `+ ${String(event.kind).toLowerCase()}`, '#9be7b4', nowMs);
        if (event.player === this.me) sounds.play('pick');
        break;
      case 'Kill':
        this.#onKill(event, nowMs);
        break;
      case 'RoundStarted':
        hud.banner(`Round ${event.number}`, 'Fight!', nowMs);
        sounds.play('bell');
        break;
      case 'RoundEnded':
        feed.note(`${this.#who(event.winner).name} wins the round`);
        sounds.play('bell');
        break;
      default:
        break;
    }
  }

  /** @param {any} event @param {number} nowMs */
  #onKill(event, nowMs) {
    const { effects, sounds, hud, feed, camera } = this.stage;
    const killer = this.#who(event.killer);
    const victim = this.#who(event.victim);
    feed.kill(killer, victim, event.weapon, event.killer === this.me || event.victim === this.me);
    const at = this.#avatarOf(event.victim)?.pos;
    if (at) effects.explode(at, paint(victim.hue).body, nowMs);
    if (event.victim === this.me) {
      this.lastKiller = event.killer === this.me ? 'yourself' : killer.name;
      camera.shake = 0.35;
      sounds.play('die');
    } else if (event.killer === this.me) {
      hud.banner(`You got ${victim.name}`, '+1', nowMs, 1300);
      sounds.play('kill');
    }
  }

  /**
   * @param {CanvasRenderingContext2D} ctx @param {number} ratio device pixels a CSS pixel
   * @param {number} nowMs @param {number} dt seconds since the last frame
   */
  frame(ctx, ratio, nowMs, dt) {
    const { camera, controls, effects, hud, board } = this.stage;
    const view = this.room.sample(nowMs);
    if (!view) return;
    const avatars = /** @type {Map<number, Row>} */ (view.tables.avatars);
    const players = /** @type {Map<number, Row>} */ (this.room.tables.players);
    const own = [...avatars.values()].find((avatar) => avatar.player === this.me);
    if (own) {
      this.ears = own.pos;
      camera.follow(own.pos, controls.crosshair, this.arena, dt);
      const aimAt = camera.toWorld(controls.crosshair.x, controls.crosshair.y);
      controls.aim = Math.atan2(aimAt.y - own.pos.y, aimAt.x - own.pos.x);
    }
    effects.prune(nowMs);
    this.#drawWorld(ctx, ratio, nowMs, view, avatars, players);
    this.#drawScreen(ctx, ratio, nowMs, avatars, players, own);
    const table = standings(this.room.tables.avatars, players);
    const round = first(view.tables.round);
    hud.round(round, rankOf(table, this.me));
    hud.network(this.room.stats, this.room.tick);
    if (own) this.#vitals(own, nowMs);
    const humans = table.filter((row) => !row.bot).length;
    board.update(table, this.me, round?.phase === 'Over', `${humans} playing, ${table.length - humans} bots · room ${this.room.id ?? ''}`, nowMs);
    hud.tick(nowMs);
  }

  /** @param {Row} own @param {number} nowMs */
  #vitals(own, nowMs) {
    const { hud } = this.stage;
    hud.vitals(own);
    if (!own.alive) {
      const seconds = Math.ceil((own.respawn_in ?? 0) / 30);
      hud.banner(this.lastKiller ? `Hit by ${this.lastKiller}` : 'Get ready', seconds > 0 ? `back in ${seconds}` : 'back in a moment', nowMs, 200);
    } else if (!this.wasAlive) {
      this.lastKiller = '';
    }
    this.wasAlive = own.alive;
  }

  /**
   * @param {CanvasRenderingContext2D} ctx @param {number} ratio @param {number} nowMs
   * @param {any} view @param {Map<number, Row>} avatars @param {Map<number, Row>} players
   */
  #drawWorld(ctx, ratio, nowMs, view, avatars, players) {
    const { camera, effects } = this.stage;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.fillStyle = '#0b0e14';
    ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    camera.apply(ctx, ratio, nowMs);
    ctx.drawImage(this.arena.picture, 0, 0, this.arena.width, this.arena.height);
    for (const pickup of view.tables.pickups.values()) drawPickup(ctx, pickup, nowMs);
    for (const shot of view.tables.shots.values()) drawShot(ctx, shot, paint(this.#who(shot.owner).hue).light);
    for (const avatar of avatars.values()) {
      if (!avatar.alive) continue;
      const away = players.get(avatar.player)?.online === false;
      drawAvatar(ctx, avatar, { own: avatar.player === this.me, flash: effects.flash(avatar.player, nowMs), away });
    }
    effects.draw(ctx, nowMs);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx @param {number} ratio @param {number} nowMs
   * @param {Map<number, Row>} avatars @param {Map<number, Row>} players @param {Row | undefined} own
   */
  #drawScreen(ctx, ratio, nowMs, avatars, players, own) {
    const { camera, controls } = this.stage;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const avatar of avatars.values()) {
      if (!avatar.alive) continue;
      const player = players.get(avatar.player);
      const at = camera.toScreen(avatar.pos.x, avatar.pos.y);
      drawPlate(ctx, avatar, player?.name ?? '', at, avatar.player === this.me, player?.bot ?? false);
    }
    if (own && !own.alive) {
      ctx.fillStyle = 'rgb(120 10 20 / 18%)';
      ctx.fillRect(0, 0, camera.width, camera.height);
    }
    drawMinimap(ctx, this.arena, avatars.values(), this.me, camera);
    drawCrosshair(ctx, controls.crosshair, own ? (own.rail_ready ?? 0) === 0 : false);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Point} at pixels @param {boolean} loaded the rail can fire */
function drawCrosshair(ctx, at, loaded) {
  ctx.strokeStyle = loaded ? '#ffd166' : 'rgb(230 237 246 / 80%)';
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  ctx.arc(at.x, at.y, loaded ? 8 : 10, 0, Math.PI * 2);
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    ctx.moveTo(at.x + dx * 5, at.y + dy * 5);
    ctx.lineTo(at.x + dx * 13, at.y + dy * 13);
  }
  ctx.stroke();
}

/** @param {any} single a table of one row, as Map or as the row itself @returns {Row | undefined} */
function first(single) {
  return single instanceof Map ? single.values().next().value : single;
}
