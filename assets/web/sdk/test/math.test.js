import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as math from '../math.js';
import { fromBits, toBits, vectors } from './vectors.js';

const cases = vectors('math');

for (const [name, fn] of Object.entries({ sin: math.sin, cos: math.cos, sqrt: math.sqrt, wrap_angle: math.wrapAngle })) {
  test(`${name} gives the server's bits`, () => {
    assert.ok(cases[name].length > 100);
    for (const [x, y] of cases[name]) assert.equal(toBits(fn(fromBits(x))), y, `${name}(${fromBits(x)})`);
  });
}

for (const [name, fn] of Object.entries({ atan2: math.atan2, hypot: math.hypot })) {
  test(`${name} gives the server's bits`, () => {
    assert.ok(cases[name].length > 100);
    for (const [a, b, y] of cases[name]) assert.equal(toBits(fn(fromBits(a), fromBits(b))), y, `${name}(${fromBits(a)}, ${fromBits(b)})`);
  });
}

test('mixtures', () => {
  assert.deepEqual(math.sinCos(1), [math.sin(1), math.cos(1)]);
  assert.deepEqual(math.direction(0), { x: 1, y: 0 });
  assert.equal(math.lerp(1, 3, 0.5), 2);
});
