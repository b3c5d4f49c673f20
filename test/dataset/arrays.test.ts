import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readIdx } from '../../server/dataset/formats/idx.ts';
import { readNpy } from '../../server/dataset/formats/npy.ts';
import { readNpz } from '../../server/dataset/formats/npz.ts';
import { encode, IDX_CODES, idxFile, npyFile, npyOf, npzFile, put, type Type, temporaryFolder } from './files.ts';

const folder = temporaryFolder();

const RANGES: { readonly [type in Type]: readonly [number, number] } = {
  u1: [0, 255],
  i1: [-128, 127],
  u2: [0, 65535],
  i2: [-32768, 32767],
  u4: [0, 2 ** 32 - 1],
  i4: [-(2 ** 31), 2 ** 31 - 1],
  i8: [-(2 ** 53) + 1, 2 ** 53 - 1],
  f4: [0, 0],
  f8: [0, 0],
};

const valuesOf = (type: Type, count: number): fc.Arbitrary<number[]> => {
  const [min, max] = RANGES[type];
  const value = type === 'f4' ? fc.float({ noNaN: true }) : type === 'f8' ? fc.double({ noNaN: true }) : fc.integer({ min, max });
  return fc.array(value, { minLength: count, maxLength: count });
};

const arrayOf = (types: readonly Type[], mostDimensions: number) =>
  fc
    .tuple(fc.constantFrom(...types), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: mostDimensions }))
    .chain(([type, extents]) =>
      fc.record({
        type: fc.constant(type),
        extents: fc.constant(extents),
        values: valuesOf(
          type,
          extents.reduce((a, b) => a * b),
        ),
      }),
    );

test('IDX of every type comes back as it was written, plain and gzip’d', async () => {
  const types = Object.keys(IDX_CODES) as Type[];
  await fc.assert(
    fc.asyncProperty(arrayOf(types, 4), fc.boolean(), async ({ type, extents, values }, packed) => {
      const file = idxFile(extents, values, type);
      const array = await readIdx(put(folder, 'any.idx', packed ? gzipSync(file) : file));
      assert.ok(typeof array === 'object', String(array));
      assert.deepEqual(array.extents, extents);
      assert.deepEqual(Array.from(array.values), values);
    }),
    { numRuns: 150 },
  );
});

test('npy of every type, byte order, version and index order comes back as it was written', async () => {
  const layout = fc.record({
    bigEndian: fc.boolean(),
    fortran: fc.boolean(),
    version: fc.constantFrom(1 as const, 2 as const, 3 as const),
  });
  await fc.assert(
    fc.asyncProperty(
      arrayOf(Object.keys(RANGES) as Type[], 5),
      layout,
      fc.boolean(),
      async ({ type, extents, values }, options, packed) => {
        const stored = options.fortran ? columnMajor(extents, values) : values;
        const file = npyFile(extents, stored, { type, ...options });
        const array = await readNpy(put(folder, 'any.npy', packed ? gzipSync(file) : file));
        assert.ok(typeof array === 'object', String(array));
        assert.deepEqual(array.extents, extents);
        assert.deepEqual(Array.from(array.values), values);
      },
    ),
    { numRuns: 300 },
  );
});

test('an archive gives the first array of the names asked for', async () => {
  for (const level of [0, 6] as const) {
    const path = put(folder, 'both.npz', npzFile({ x: npyFile([3], [1, 2, 3]), y_train: npyFile([2], [8, 9]) }, level));
    const values = async (...names: string[]) => {
      const array = await readNpz(path, names);
      return typeof array === 'string' ? array : Array.from(array.values);
    };
    assert.deepEqual(await values('x_train', 'x'), [1, 2, 3]);
    assert.deepEqual(await values('y_train', 'x'), [8, 9]);
    assert.equal(await values('y', 'labels'), 'holds x.npy, y_train.npy; one of y, labels is expected');
  }
});

test('what is no sound array is refused with the reason', async () => {
  let files = 0;
  const bad = (file: Uint8Array) => put(folder, `bad-${files++}`, file);
  const idx = (file: Uint8Array) => readIdx(bad(file));
  const npy = (file: Uint8Array) => readNpy(bad(file));
  const npz = (file: Uint8Array) => readNpz(bad(file), ['x']);
  const sound = idxFile([2, 3], [1, 2, 3, 4, 5, 6]);
  const dictionary = (descr: string, shape: string) =>
    npyOf(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`, new Uint8Array(8));
  const cases: [Promise<unknown>, RegExp][] = [
    [idx(new Uint8Array(0)), /truncated: an IDX file begins with 4 bytes, found 0/],
    [idx(sound.subarray(0, 10)), /truncated: its header should have 12 bytes, found 10/],
    [idx(sound.subarray(0, 15)), /truncated: its header says \[2, 3\] of type uint8, 6 bytes, but 3 follow/],
    [idx(gzipSync(sound.subarray(0, 15))), /truncated: .* but 3 follow/],
    [idx(gzipSync(sound).subarray(0, 20)), /truncated: its gzip data end too early|truncated/],
    [idx(Buffer.concat([sound, Buffer.from('!')])), /trailing bytes: its header says \[2, 3\] of type uint8, 6 bytes, but 7 follow/],
    [idx(gzipSync(Buffer.concat([sound, Buffer.from('!')]))), /trailing bytes/],
    [idx(Buffer.concat([gzipSync(sound), Buffer.from('garbage')])), /damaged gzip data/],
    [idx(damaged(gzipSync(sound), -6)), /damaged gzip data \(incorrect data check\)/],
    [idx(Buffer.from('hello')), /not an IDX file: it should begin with 00 00, found 68 65/],
    [idx(Buffer.from([0, 0, 7, 1])), /its type should be one of 08 09 0b 0c 0d 0e, found 07/],
    [idx(Buffer.from([0, 0, 8, 9])), /9 dimensions; 1 to 4/],
    [idx(idxFile([0, 3], [])), /no samples/],
    [idx(idxFile([3, 0], [])), /no values/],
    [idx(idxFile([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [])), /says it holds 4294967295 samples/],
    [idx(idxFile([2 ** 20, 2 ** 31, 2 ** 31], [])), /too large/],
    [idx(gzipSync(idxFile([2 ** 10, 2 ** 10, 2 ** 10], []))), /truncated: .* but no more than \d+ can follow/],
    [npy(Buffer.from('\x93NUMP', 'latin1')), /truncated/],
    [npy(Buffer.from('\x93NUMPX\x01\x00', 'latin1')), /not a .npy file/],
    [npy(Buffer.from('\x93NUMPY\x09\x00\x00\x00', 'latin1')), /version 9/],
    [npy(npyOf('{}', new Uint8Array(0))), /a header without 'descr'/],
    [npy(dictionary("'|O'", '(1,)')), /type '\|O'; u1 .* are read/],
    [npy(dictionary("[('a', '<f4')]", '(1,)')), /type record/],
    [npy(dictionary("'<f2'", '(4,)')), /type '<f2'/],
    [npy(dictionary("'<f8'", '()')), /single number/],
    [npy(dictionary("'<f8'", '(2,)')), /truncated: .* 16 bytes, but 8 follow/],
    [npy(dictionary("'<f8'", '(99999999999999999999999999,)')), /broken shape/],
    [npz(Buffer.from('PK')), /not a .npz archive, or is truncated/],
    [npz(npzFile({})), /holds nothing; one of x is expected/],
    [npz(npzFile({ x: Buffer.from('text') })), /holds x.npy, which is truncated/],
    [npz(gzipSync(npzFile({ x: sound }))), /gzip'd; unpack it first/],
    [readIdx(`${folder}/nothing`), /^is not there$/],
    [readIdx(folder), /is a folder/],
    [readIdx('/dev/zero'), /is not a regular file/],
  ];
  for (const [result, reason] of cases) assert.match(String(await result), reason);
});

test('a gzip’d file may be made of several members', async () => {
  const file = idxFile([4], [1, 2, 3, 4]);
  const array = await readIdx(put(folder, 'two.gz', Buffer.concat([gzipSync(file.subarray(0, 5)), gzipSync(file.subarray(5))])));
  assert.ok(typeof array === 'object');
  assert.deepEqual(Array.from(array.values), [1, 2, 3, 4]);
});

test('whole numbers of 64 bits become floats', async () => {
  const data = encode('i8', [-5, 2 ** 40], true);
  const array = await readNpy(put(folder, 'long.npy', npyOf("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }", data)));
  assert.ok(typeof array === 'object');
  assert.deepEqual(array.values, Float64Array.of(-5, 2 ** 40));
});

/** The values in the order in which the first index runs fastest. */
function columnMajor(extents: readonly number[], values: readonly number[]): number[] {
  const place = (index: readonly number[], axes: readonly number[]) => axes.reduce((at, axis) => at * extents[axis] + index[axis], 0);
  const axes = extents.map((_, axis) => axis);
  const stored: number[] = [];
  const walk = (index: number[]): void => {
    if (index.length < extents.length) for (let i = 0; i < extents[index.length]; i++) walk([...index, i]);
    else stored[place(index, axes.toReversed())] = values[place(index, axes)];
  };
  walk([]);
  return stored;
}

function damaged(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[copy.length + at] ^= 1;
  return copy;
}
