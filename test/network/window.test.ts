import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slide, type Window } from '../../server/network/window.ts';
import { createRandom } from '../../server/random.ts';

const along = (size: number, kernel: number, stride: number, padding: 'same' | 'valid') =>
  slide({ height: size, width: 1, channels: 1 }, [kernel, 1], [stride, 1], padding);

test('valid windows are those that lie within the input', () => {
  for (let size = 1; size <= 20; size++)
    for (let kernel = 1; kernel <= 6; kernel++)
      for (let stride = 1; stride <= 4; stride++) {
        const inside = Array.from({ length: size }, (_, i) => i * stride).filter((first) => first + kernel <= size).length;
        const window = along(size, kernel, stride, 'valid');
        if (inside === 0) assert.equal(typeof window, 'string');
        else assert.deepEqual([(window as Window).rows, (window as Window).padTop], [inside, 0]);
      }
});

test('same windows are one per stride, centred, the odd row of padding below', () => {
  for (let size = 1; size <= 20; size++)
    for (let kernel = 1; kernel <= 6; kernel++)
      for (let stride = 1; stride <= 4; stride++) {
        const { rows, padTop } = along(size, kernel, stride, 'same') as Window;
        assert.equal(rows, Math.ceil(size / stride));
        const overhang = (rows - 1) * stride + kernel - size;
        const below = overhang - padTop;
        if (overhang > 0)
          assert.ok(below === padTop || below === padTop + 1, `${size} ${kernel} ${stride}: ${padTop} above, ${below} below`);
        else assert.equal(padTop, 0);
      }
});

test('the axes are independent', () => {
  const random = createRandom(3);
  for (let i = 0; i < 300; i++) {
    const [height, width, ky, kx, sy, sx] = [12, 12, 5, 5, 3, 3].map((n) => 1 + random.integer(n));
    const both = slide({ height, width, channels: 2 }, [ky, kx], [sy, sx], 'same') as Window;
    const vertical = along(height, ky, sy, 'same') as Window;
    const horizontal = along(width, kx, sx, 'same') as Window;
    assert.deepEqual(
      [both.rows, both.padTop, both.columns, both.padLeft],
      [vertical.rows, vertical.padTop, horizontal.rows, horizontal.padTop],
    );
  }
});
