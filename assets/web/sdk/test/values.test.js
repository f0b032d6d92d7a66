import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BitReader, BitWriter } from '../bits.js';
import { DecodeError } from '../errors.js';
import { encodeInputs } from '../inputs.js';
import { readPlain, writePlain } from '../plain.js';
import { angleRaw, angleValue, floatRaw, floatValue, readQuat, writeQuat } from '../quant.js';
import { parseShape } from '../shape.js';
import { readValue, unknownField, writeValue } from '../value.js';
import { fromBits, fromHex, toBits, toHex, vectors } from './vectors.js';

const codec = vectors('codec');

test('floats', () => {
  for (const { spec, cases } of codec.float) {
    for (const [value, raw, back] of cases) {
      assert.equal(floatRaw(fromBits(value), spec.min, spec.step, spec.max_raw), raw);
      assert.equal(toBits(floatValue(raw, spec.min, spec.step)), back);
    }
  }
});

test('angles', () => {
  for (const { bits, cases } of codec.angle) {
    for (const [value, raw, back] of cases) {
      assert.equal(angleRaw(fromBits(value), bits), raw);
      assert.equal(toBits(angleValue(raw, bits)), back);
    }
  }
});

test('rotations', () => {
  for (const { bits, cases } of codec.quat) {
    for (const [parts, raw, back] of cases) {
      const [x, y, z, w] = parts.map(fromBits);
      const cells = new Uint32Array(4);
      writeQuat({ x, y, z, w }, 2 ** bits - 1, cells, 0);
      assert.deepEqual([...cells], raw);
      const out = { x: 0, y: 0, z: 0, w: 0 };
      readQuat(cells, 0, 2 ** bits - 1, out);
      assert.deepEqual([out.x, out.y, out.z, out.w].map(toBits), back);
    }
  }
});

test('plain values read and write as on the server', () => {
  for (const { shape: json, columns, hex } of codec.plain) {
    const shape = parseShape(json, 'value');
    assert.equal(shape.columns, columns.length);
    const cells = new Uint32Array(shape.columns).fill(0xabcdef); // what does not travel must become 0
    const reader = new BitReader(fromHex(hex));
    readPlain(shape, reader, cells, 0);
    reader.finish();
    assert.deepEqual([...cells], columns);
    const writer = new BitWriter();
    writePlain(shape, cells, 0, writer);
    assert.equal(toHex(writer.finish()), hex);
  }
});

test('every value goes to JavaScript and back without a change', () => {
  for (const { shape: json, columns } of codec.plain) {
    // The raw rotations of the vectors are random: several of them stand for the same one.
    if (JSON.stringify(json).includes('"quat"')) continue;
    const shape = parseShape(json, 'value');
    const value = readValue(shape, Uint32Array.from(columns), 0);
    const cells = new Uint32Array(shape.columns).fill(0xabcdef);
    writeValue(shape, value, cells, 0);
    const again = readValue(shape, cells, 0);
    assert.deepEqual(again, value);
    assert.deepEqual([...cells], columns);
  }
});

test('invalid values are refused', () => {
  for (const { shape: json, hex, why } of codec.invalid_plain) {
    const shape = parseShape(json, 'value');
    const decode = () => {
      const reader = new BitReader(fromHex(hex));
      readPlain(shape, reader, new Uint32Array(shape.columns), 0);
      reader.finish();
    };
    assert.throws(decode, DecodeError, why);
  }
});

test('inputs messages', () => {
  for (const { shape, reliable_received, drawn, first, inputs, hex } of codec.inputs) {
    const message = encodeInputs(parseShape(shape, 'input'), {
      reliableReceived: reliable_received,
      drawn: drawn / 16,
      first,
      inputs: inputs.map((/** @type {number[]} */ columns) => Uint32Array.from(columns)),
    });
    assert.equal(toHex(message), hex);
  }
});

const item = {
  type: 'enum',
  name: 'Item',
  variants: [
    { name: 'Nothing', fields: [] },
    { name: 'Potion', fields: [{ name: 'kind', shape: { type: 'enum', name: 'K', variants: [{ name: 'Red', fields: [] }, { name: 'Blue', fields: [] }] } }] },
    { name: 'Arrows', fields: [{ name: 'count', shape: { type: 'int', min: 1, max: 99 } }] },
  ],
};

test('what values look like in JavaScript', () => {
  const cases = [
    [{ type: 'bool' }, true],
    [{ type: 'int', min: -5, max: 5 }, -3],
    [{ type: 'wide', signed: true }, -2n],
    [{ type: 'wide', signed: false }, 2n ** 64n - 1n],
    [{ type: 'vector', n: 2, min: 0, step: 0.5, max_raw: 100 }, { x: 1.5, y: 2 }],
    [{ type: 'vector', n: 3, min: -8, step: 0.5, max_raw: 100 }, { x: 1.5, y: 2, z: -7.5 }],
    [{ type: 'option', of: { type: 'player' } }, null],
    [{ type: 'option', of: { type: 'player' } }, 7],
    [{ type: 'list', of: { type: 'team' }, max: 4 }, [1, 2]],
    [{ type: 'array', of: { type: 'bool' }, len: 2 }, [true, false]],
    [{ type: 'text', max: 12 }, 'grüß 😀'],
    [{ type: 'struct', name: 'S', fields: [{ name: 'a', shape: { type: 'bool' } }] }, { a: true }],
    [item, { type: 'Potion', kind: 'Blue' }],
    [item, { type: 'Arrows', count: 12 }],
    [item, { type: 'Nothing' }],
    [{ type: 'unit' }, null],
  ];
  for (const [json, value] of cases) {
    const shape = parseShape(json, 'value');
    const cells = new Uint32Array(shape.columns);
    writeValue(shape, value, cells, 0);
    assert.deepEqual(readValue(shape, cells, 0), value);
  }
});

test('missing parts take their default, numbers are rounded and clamped, texts cut at a character', () => {
  const shape = parseShape(
    {
      type: 'struct',
      name: 'Input',
      fields: [
        { name: 'move', shape: { type: 'int', min: -1, max: 1 } },
        { name: 'speed', shape: { type: 'float', min: 0, step: 0.5, max_raw: 10 } },
        { name: 'item', shape: item },
        { name: 'word', shape: { type: 'text', max: 4 } },
        { name: 'fire', shape: { type: 'bool' } },
      ],
    },
    'input',
  );
  const cells = new Uint32Array(shape.columns);
  writeValue(shape, {}, cells, 0);
  assert.deepEqual(readValue(shape, cells, 0), { move: 0, speed: 0, item: { type: 'Nothing' }, word: '', fire: false });
  writeValue(shape, { move: 0.7, speed: 99, word: 'abcß', fire: 1 }, cells, 0);
  assert.deepEqual(readValue(shape, cells, 0), { move: 1, speed: 5, item: { type: 'Nothing' }, word: 'abc', fire: true });
  writeValue(shape, { move: NaN, speed: NaN }, cells, 0);
  assert.equal(readValue(shape, cells, 0).speed, 0);
});

test('misspelt names are found', () => {
  const shape = parseShape(item, 'item');
  assert.throws(() => writeValue(shape, { type: 'Sword' }, new Uint32Array(shape.columns), 0), /Sword.*Nothing, Potion, Arrows/);
  assert.equal(unknownField(shape, { type: 'Arrows', cuont: 1 }), 'cuont');
  assert.equal(unknownField(shape, { type: 'Arrows', count: 1 }), undefined);
});
