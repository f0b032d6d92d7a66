import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BitReader, BitWriter, bitLength } from '../bits.js';
import { ByteReader, ByteWriter } from '../bytes.js';
import { DecodeError } from '../errors.js';
import { Murmur } from '../murmur.js';
import { fromHex, toHex, vectors } from './vectors.js';

const codec = vectors('codec');

test('bit fields, Rice and gamma codes read as written by the server', () => {
  for (const { ops, hex } of codec.bits) {
    const reader = new BitReader(fromHex(hex));
    for (const op of ops) {
      const [name, ...args] = op;
      const value = args.pop();
      const read = name === 'bits' ? reader.bits(args[0]) : name === 'rice' ? reader.rice(args[0]) : reader.gamma();
      assert.equal(read, value, `${op}`);
    }
    reader.finish();
  }
});

test('the bit writer is read back by the reader, at every width', () => {
  const writer = new BitWriter();
  for (let n = 0; n <= 32; n += 1) writer.bits(0xdeadbeef, n);
  const reader = new BitReader(writer.finish());
  for (let n = 0; n <= 32; n += 1) assert.equal(reader.bits(n), n === 0 ? 0 : (0xdeadbeef << (32 - n)) >>> (32 - n));
  reader.finish();
});

test('the end of a bit stream is enforced', () => {
  assert.throws(() => new BitReader(Uint8Array.of(1)).bits(9), DecodeError);
  assert.throws(() => new BitReader(new Uint8Array(0)).bit(), DecodeError);
  const padded = new BitReader(Uint8Array.of(0b11));
  padded.bit();
  assert.throws(() => padded.finish(), /padding/);
  const long = new BitReader(Uint8Array.of(1, 0));
  long.bit();
  assert.throws(() => long.finish(), /follow/);
});

test('a Rice escape of more than 32 bits and a gamma code of more than 31 zeros are refused', () => {
  assert.throws(() => new BitReader(Uint8Array.of(0xff, 0xff, 32, 0, 0, 0, 0, 0)).rice(3), /33 bits/);
  assert.throws(() => new BitReader(new Uint8Array(16)).gamma(), /gamma/);
});

test('varints', () => {
  for (const [value, hex] of codec.varint) {
    const reader = new ByteReader(fromHex(hex));
    assert.equal(reader.varint(), value);
    assert.equal(reader.left, 0);
    const writer = new ByteWriter();
    writer.varint(value);
    assert.equal(toHex(writer.finish()), hex);
  }
  assert.throws(() => new ByteReader(fromHex('ffffffff10')).varint(), DecodeError);
  assert.throws(() => new ByteReader(fromHex('ffffffffff01')).varint(), DecodeError);
  assert.throws(() => new ByteReader(fromHex('80')).varint(), DecodeError);
  assert.throws(() => new ByteReader(fromHex('0102')).take(3), DecodeError);
});

test('bit lengths', () => {
  assert.deepEqual([0, 1, 2, 255, 256, 0xffffffff].map(bitLength), [0, 1, 2, 8, 9, 32]);
});

test('murmur', () => {
  for (const [words, hash] of codec.murmur) {
    const murmur = new Murmur();
    for (const word of words) murmur.word(word);
    assert.equal(murmur.finish(), hash);
  }
});
