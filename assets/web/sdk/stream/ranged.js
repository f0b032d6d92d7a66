// The rows of a table at the ranged levels: one adaptive decision after the other.

import { readPlain } from '../plain.js';
import { Coding } from '../schema.js';
import { HISTORY_WORDS } from './history.js';
import { readMembers } from './members.js';
import { LONGER, Mixes, SIGN, ZERO } from './contexts.js';
import { Coded } from './model.js';
import { Class } from './motion.js';
import { FAR, Neighbours } from './neighbours.js';
import { Row } from './predict.js';
import { applied } from './residual.js';
import * as slots from './slots.js';

/** @typedef {import('./predict.js').Component} Component */
/** @typedef {import('./record.js').StreamTable} StreamTable */

/** Bits of an index of a quaternion's component. */
const INDEX_BITS = 2;
/** Speeds above it make no difference. */
const MOST_SPEED = 1 << 20;

/** Reads the tables of a chunk; kept for its memory. */
export class RangedTables {
  /** @param {import('./coder.js').RangedReader} coder */
  constructor(coder) {
    this.coder = coder;
    this.model = coder.model;
    this.row = new Row();
    this.coded = new Coded();
    /** The other contexts of a residual's decisions. */
    this.mixes = new Mixes();
    this.neighbours = new Neighbours();
    /** Sizes of the residuals of a body's place and turn. */
    this.placeBy = 0;
    this.turnBy = 0;
  }

  /**
   * Reads a table's way to the next snapshot.
   * @param {StreamTable} table
   * @param {import('./record.js').Budget} budget
   */
  read(table, budget) {
    const { coder } = this;
    const cells = table.count * table.width;
    if (table.rests() && !coder.bit(slots.STIRS)) return budget.takeCells(cells);
    if (!table.layout.single && coder.bit(slots.MEMBERS)) {
      readMembers(table, coder.range, budget);
      coder.range.check();
    } else {
      budget.takeCells(cells);
      table.stay();
    }
    this.#rows(table);
    return table.advance();
  }

  /** @param {StreamTable} table */
  #rows(table) {
    const { row, neighbours } = this;
    const { width, nextCount } = table;
    neighbours.clear();
    table.nextHistory.fill(0, 0, nextCount * HISTORY_WORDS);
    row.enter(table);
    let moved = false;
    for (let index = 0; index < nextCount; index += 1) {
      const old = table.oldOf(index);
      if (old < 0) continue;
      row.seek(old, index, width);
      moved = this.#row(table, row.stood(0, width), moved);
    }
  }

  /**
   * @param {StreamTable} table
   * @param {boolean} rested
   * @param {boolean} follows whether the row before it moved
   * @returns {boolean} whether it moved
   */
  #row({ codec }, rested, follows) {
    const { row, coder } = this;
    const calm = row.isForgotten();
    const slot = rested ? slots.rowRestsSlot(!calm, follows) : slots.rowMovesSlot(calm, this.#speed(codec.motion));
    if (!coder.bit(slot)) return false;
    coder.range.check();
    this.#movingRow(codec, rested);
    return true;
  }

  /**
   * @param {import('./motion.js').TableMotion} motion
   * @returns {number} roughly how fast the row moves: by its first moving field
   */
  #speed({ moving }) {
    if (moving.length === 0) return 0;
    const { offset, columns } = moving[0];
    let speed = 0;
    for (let i = offset; i < offset + columns; i += 1) speed += Math.abs(this.row.went(i));
    return speed < MOST_SPEED ? speed : MOST_SPEED;
  }

  /**
   * @param {import('./layout.js').TableCodec} codec
   * @param {boolean} rested
   */
  #movingRow(codec, rested) {
    const { row, coder, coded, neighbours } = this;
    const { moving, held, body } = codec.motion;
    const guess = body === null ? null : neighbours.ask(body, row);
    coded.clear();
    this.placeBy = 0;
    this.turnBy = 0;
    let woken = 0;
    for (let i = 0; i < moving.length; i += 1) {
      const field = moving[i];
      if (row.isStill(field, rested) && !coder.bit(slots.wakesSlot(field.class, rested, woken))) continue;
      woken += 1;
      row.guess = field.isOfBody ? guess : null;
      row.step(field, this);
      if (field.class === Class.PLACE) this.placeBy = coded.field;
      else if (field.class === Class.TURN) this.turnBy = coded.field;
      coded.nextField();
    }
    if (held.length > 0 && coder.bit(slots.heldSlot(rested, woken > 0))) this.#held(codec);
    if (body !== null) neighbours.add(body, row, this.placeBy, this.turnBy);
  }

  /**
   * Reads the fields that stay until they change.
   * @param {import('./layout.js').TableCodec} codec
   */
  #held({ motion, layout }) {
    const { held } = motion;
    for (let i = 0; i < held.length; i += 1) {
      const field = layout.publicFields[held[i]];
      const changed = !this.row.stood(field.offset, field.shape.columns);
      if (this.coder.bit(slots.differsSlot(changed))) this.#heldField(field);
    }
  }

  /** @param {import('../schema.js').Field} field */
  #heldField({ coding, shape, offset }) {
    const { next, to } = this.row;
    if (coding === Coding.FLIP) next[to + offset] ^= 1;
    else if (coding === Coding.COUNT) next[to + offset] = this.#count(offset, /** @type {import('../shape.js').IntShape} */ (shape).max);
    else readPlain(shape, this.coder.range, next, to + offset);
  }

  /**
   * @param {number} column
   * @param {number} max
   * @returns {number} what a counter changes to
   */
  #count(column, max) {
    const { component, now, at } = this.row;
    const went = this.row.went(column);
    component.class = Class.COUNT;
    component.index = 0;
    component.expected = now[at + column];
    component.otherwise = now[at + column] + went;
    component.max = max;
    component.wraps = false;
    component.own = 0;
    component.field = 0;
    component.pace = Math.min(Math.abs(went) * 4, 0xffffffff);
    component.speed = 0;
    component.aside = 0;
    component.apart = FAR;
    component.around = 0;
    this.coded.clear();
    return this.component(component, 0);
  }

  /**
   * Reads a component.
   * @param {Component} component
   * @param {number} _actual
   * @returns {number}
   */
  component(component, _actual) {
    const rounded = component.rounded();
    const { coder, coded, mixes } = this;
    const level = this.model.level(component, coded);
    if (coder.mixes) mixes.start(component, level, coded.field, coded.before);
    const residual = this.#residual(component, level);
    coded.add(residual);
    return applied(rounded, residual, component.max, component.wraps);
  }

  /**
   * @param {Component} component
   * @param {number} level
   * @returns {number} its residual, in 32 bits with a sign
   */
  #residual(component, level) {
    const { coder } = this;
    if (!this.#decide(slots.zeroSlot(component, level), ZERO)) return 0;
    const negative = this.#decide(slots.signSlot(component), SIGN);
    let length = 1;
    while (length < 32 && this.#decide(slots.longerSlot(component, level, length), LONGER + length - 1)) length += 1;
    let value = 1;
    if (length > 1) value = 2 + (coder.bit(slots.topSlot(component, level, length)) ? 1 : 0);
    if (length > 2) value = value * 2 + (coder.bit(slots.secondSlot(component, length, value & 1)) ? 1 : 0);
    if (length > 3) value = (value << (length - 3)) | coder.range.bits(length - 3);
    return negative ? -value | 0 : value | 0;
  }

  /**
   * @param {number} slot
   * @param {number} kind of decision, which level `ranged-max` mixes
   * @returns {boolean}
   */
  #decide(slot, kind) {
    const { coder } = this;
    return coder.mixes ? coder.mixed(slot, this.mixes, kind) : coder.bit(slot);
  }

  /**
   * Reads the index of a quaternion's largest component.
   * @param {number} expected
   * @param {boolean} sure
   * @param {number} _actual
   * @returns {number}
   */
  largest(expected, sure, _actual) {
    return this.coder.bit(slots.largestSlot(sure)) ? this.coder.range.bits(INDEX_BITS) : expected;
  }
}
