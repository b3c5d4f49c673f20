import assert from 'node:assert/strict';

export function assertClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, where: string): void {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Math.abs(found[i] - expected[i]) < tolerance, `[${i}] is ${found[i]}, not ${expected[i]}; ${where}`);
}
