// One table of a stream: rows at the newest snapshot and at the one before, and how they are predicted.

import { DesyncError } from './errors.js';
import { Table, grown } from './table.js';

/** Largest Rice parameter of a residual. */
const MAX_RICE = 24;
/** What a residual is expected to be before any was seen: sum and number. */
const FIRST_SUM = 8;
/** Residuals counted before older ones lose weight. */
const RATE_WINDOW = 32;

/** How a column is predicted. */
const HOLD = 0;
const LINEAR = 1;
const ANGLE = 2;

/** `cells` are the values now, `last` those of the snapshot before. */
export class StreamTable extends Table {
  /** @param {import('./schema.js').TableLayout} layout */
  constructor(layout) {
    super(layout.width);
    this.layout = layout;
    /** @type {Uint32Array} */
    this.last = new Uint32Array(this.cells.length);
    /** Rows that enter with the delta being read. */
    this.entered = new Table(layout.width);
    const fields = layout.publicFields.length;
    /** Which fields of the row being read differ. */
    this.differs = new Uint8Array(fields);
    /** Adaptive Rice parameters: sum and number of the residuals of each field. */
    this.sums = new Float64Array(fields);
    this.numbers = new Uint32Array(fields);
    this.anyLinear = layout.publicFields.some((field) => field.linear);
    /** Per column: its kind of prediction and its maximum. */
    this.kinds = new Uint8Array(layout.width);
    this.maxima = new Float64Array(layout.width);
    for (const { shape, offset, linear } of layout.publicFields) {
      if (!linear) continue;
      for (let i = offset; i < offset + shape.columns; i += 1) {
        this.kinds[i] = shape.type === 'angle' ? ANGLE : LINEAR;
        this.maxima[i] = /** @type {import('./shape.js').FloatShape} */ (shape).max;
      }
    }
  }

  clear() {
    this.count = 0;
  }

  /** @param {number} rows */
  reserve(rows) {
    super.reserve(rows);
    if (this.last.length < this.cells.length) this.last = grown(this.last, this.cells.length);
  }

  /** Moves every row one snapshot on: `cells` becomes the prediction, `last` what `cells` was. */
  predict() {
    const { cells, last, width, kinds, maxima } = this;
    const end = this.count * width;
    if (!this.anyLinear) {
      last.set(cells.subarray(0, end));
      return;
    }
    for (let i = 0, column = 0; i < end; i += 1) {
      const now = cells[i];
      const kind = kinds[column];
      if (kind === HOLD || last[i] === now) {
        last[i] = now;
      } else {
        const next = 2 * now - last[i];
        const max = maxima[column];
        if (kind === ANGLE) last[i] = next & max;
        else last[i] = next < 0 ? 0 : next > max ? max : next;
      }
      column = column + 1 === width ? 0 : column + 1;
    }
    this.cells = last;
    this.last = cells;
  }

  /**
   * Moves the rows `from..to` down to index `kept`.
   * @param {number} from
   * @param {number} to exclusive
   * @param {number} kept
   * @returns {number} index after the moved rows
   */
  moveDown(from, to, kept) {
    if (from !== kept && from < to) {
      this.ids.copyWithin(kept, from, to);
      this.cells.copyWithin(kept * this.width, from * this.width, to * this.width);
      this.last.copyWithin(kept * this.width, from * this.width, to * this.width);
    }
    return kept + (to - from);
  }

  /** Puts the entered rows at their places; their `last` is their `now`. */
  mergeEntered() {
    const { entered, width } = this;
    let from = this.count - 1;
    let to = this.count + entered.count - 1;
    this.reserve(to + 1);
    this.count = to + 1;
    for (let e = entered.count - 1; e >= 0; to -= 1) {
      const id = entered.ids[e];
      if (from >= 0 && this.ids[from] === id) throw new DesyncError(`row ${id} entered ${this.layout.name} twice`);
      if (from >= 0 && this.ids[from] > id) {
        this.ids[to] = this.ids[from];
        this.cells.copyWithin(to * width, from * width, (from + 1) * width);
        this.last.copyWithin(to * width, from * width, (from + 1) * width);
        from -= 1;
      } else {
        this.ids[to] = id;
        const row = entered.cells.subarray(e * width, (e + 1) * width);
        this.cells.set(row, to * width);
        this.last.set(row, to * width);
        e -= 1;
      }
    }
    entered.count = 0;
  }

  /** Starts the adaptive Rice parameters of a chunk. */
  resetRates() {
    this.sums.fill(FIRST_SUM);
    this.numbers.fill(1);
  }

  /**
   * @param {number} field
   * @returns {number} Rice parameter of the field's next residual
   */
  riceParameter(field) {
    let k = 0;
    while (k < MAX_RICE && this.numbers[field] << k < this.sums[field]) k += 1;
    return k;
  }

  /**
   * @param {number} field
   * @param {number} zigzag the residual that was read
   */
  countResidual(field, zigzag) {
    this.sums[field] = Math.min(this.sums[field] + zigzag, 0xffffffff);
    this.numbers[field] += 1;
    if (this.numbers[field] === RATE_WINDOW) {
      this.sums[field] = Math.floor(this.sums[field] / 2);
      this.numbers[field] /= 2;
    }
  }
}
