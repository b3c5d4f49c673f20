import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { type BitDepth, encode } from 'fast-png';
import { isRefusal } from '../../server/dataset/formats/format.ts';
import { images } from '../../server/dataset/formats/images.ts';
import { decodePng } from '../../server/dataset/png.ts';
import { put, source, temporaryFolder } from './files.ts';

const folder = temporaryFolder();

const picture = (depth: 8 | 16, channels: number) =>
  fc
    .record({
      width: fc.integer({ min: 1, max: 20 }),
      height: fc.integer({ min: 1, max: 20 }),
      interlace: fc.constantFrom('null' as const, 'Adam7' as const),
    })
    .chain((size) =>
      fc.record({
        ...(Object.fromEntries(Object.entries(size).map(([key, value]) => [key, fc.constant(value)])) as {
          [Key in keyof typeof size]: fc.Arbitrary<(typeof size)[Key]>;
        }),
        values: fc.array(fc.integer({ min: 0, max: 2 ** depth - 1 }), {
          minLength: size.width * size.height * channels,
          maxLength: size.width * size.height * channels,
        }),
      }),
    );

for (const [name, stored, kept] of [
  ['grey', 1, [0]],
  ['grey with alpha, which is dropped,', 2, [0]],
  ['RGB', 3, [0, 1, 2]],
  ['RGB with alpha', 4, [0, 1, 2, 3]],
] as const)
  for (const depth of [8, 16] as const)
    test(`${name} of ${depth} bits comes back as bytes`, () => {
      fc.assert(
        fc.property(picture(depth, stored), ({ width, height, values, interlace }) => {
          const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values);
          const image = decodePng(encode({ width, height, channels: stored, depth, data }, { interlace }));
          const pixels = Array.from({ length: width * height }, (_, pixel) =>
            kept.map((channel) => values[pixel * stored + channel]),
          ).flat();
          assert.deepEqual(image, {
            width,
            height,
            channels: kept.length,
            pixels: Uint8Array.from(pixels, (value) => (depth === 8 ? value : Math.round(value / 257))),
          });
        }),
        { numRuns: 40 },
      );
    });

test('grey and palettes of fewer bits', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 4, 8),
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.nat(255)),
      (depth, width, height, stream) => {
        const values = Array.from({ length: width * height }, () => stream.next().value % 2 ** depth);
        const palette = Array.from({ length: 2 ** depth }, (_, i) => [i, 255 - i, (i * 37) % 256]);
        const rows = packRows(values, width, depth as BitDepth);
        const grey = decodePng(pngFile(width, height, depth, 0, rows));
        assert.deepEqual(grey, {
          width,
          height,
          channels: 1,
          pixels: Uint8Array.from(values, (value) => Math.round((value * 255) / (2 ** depth - 1))),
        });
        const coloured = decodePng(
          pngFile(width, height, depth, 3, rows, [
            ['PLTE', Buffer.from(palette.flat())],
            ['tRNS', Buffer.from([0])],
          ]),
        );
        assert.deepEqual(coloured, { width, height, channels: 3, pixels: Uint8Array.from(values.flatMap((value) => palette[value])) });
      },
    ),
    { numRuns: 100 },
  );
});

test('what is no sound PNG file is refused with the reason', () => {
  const sound = Buffer.from(encode({ width: 4, height: 4, channels: 1, data: new Uint8Array(16) }));
  const flipped = (at: number) => Buffer.from(sound.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  const rows = Buffer.alloc(4 * 5);
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('GIF89a'), /^is not a PNG file/],
    [sound.subarray(0, 20), /truncated: a PNG file begins with 33 bytes, found 20/],
    [sound.subarray(0, 50), /truncated: its IDAT chunk should end/],
    [sound.subarray(0, sound.length - 12), /truncated: it ends before its IEND chunk/],
    [Buffer.concat([sound, Buffer.from('more')]), /4 trailing bytes/],
    [flipped(29), /damaged \(.*CRC/i],
    [flipped(45), /damaged/],
    [pngFile(4, 4, 8, 0, rows.subarray(0, 12)), /truncated: its pixels take 20 bytes, found 12/],
    [pngFile(4, 4, 8, 0, Buffer.alloc(2 ** 20)), /damaged: its pixels take 20 bytes, found more/],
    [pngFile(4, 4, 8, 3, rows), /damaged: it has no palette/],
    [pngFile(4, 4, 8, 3, Buffer.alloc(20, 1), [['PLTE', Buffer.alloc(3)]]), /pixel is beyond its palette|damaged/],
    [pngFile(4, 4, 4, 2, rows), /colour type 2 with 4 bits/],
    [pngFile(5000, 4, 8, 0, rows), /is 4x5000; sides of 1 to 4096/],
    [pngFile(0, 4, 8, 0, rows), /is 4x0/],
    [pngFile(4, 4, 8, 0, rows, [['WHAT', Buffer.alloc(0)]]), /unknown chunk WHAT/],
    [pngFile(4, 4, 8, 0, rows, [['IHDR', Buffer.alloc(13)]]), /two headers/],
  ];
  for (const [file, reason] of cases) assert.match(String(decodePng(file)), reason);
  assert.ok(
    typeof decodePng(pngFile(4, 4, 8, 0, rows, [['iCCP', deflateSync(Buffer.alloc(1000))]])) === 'object',
    'other chunks are passed over',
  );
});

test('a folder per class, in order of names; hidden files are passed over', async () => {
  const grey = (value: number) => encode({ width: 2, height: 1, channels: 1, data: Uint8Array.of(value, value + 1) });
  const root = join(folder, 'animals');
  put(root, 'dog/b.png', grey(40));
  put(root, 'dog/a.PNG', grey(30));
  put(root, 'cat/10.png', grey(10));
  put(root, 'cat/9.png', grey(20));
  put(root, 'cat/.DS_Store', 'x');
  put(root, '.cache', 'x');
  const files = { samples: root };
  const raw = await images.read(files, 'train', source({ format: 'images', train: files }));
  assert.ok(!isRefusal(raw));
  assert.deepEqual(
    { ...raw, values: Array.from(raw.values), labels: { ...raw.labels, index: Array.from(raw.labels.index) } },
    {
      count: 4,
      extents: [1, 2, 1],
      labels: { names: ['cat', 'dog'], index: [0, 0, 1, 1] },
      values: [10, 11, 20, 21, 30, 31, 40, 41],
    },
  );
  const head = await images.head(files, 'train', source({ format: 'images', train: files }));
  assert.ok(head && !isRefusal(head));
  assert.deepEqual([head.count, head.extents, head.labels], [raw.count, raw.extents, raw.labels]);
});

test('a folder that holds anything else is refused by name', async () => {
  const grey = (width: number) => encode({ width, height: 1, channels: 1, data: new Uint8Array(width) });
  const refusal = async (name: string, content: { [path: string]: Uint8Array | string }) => {
    for (const [path, data] of Object.entries(content)) put(join(folder, name), path, data);
    const files = { samples: join(folder, name) };
    const raw = await images.read(files, 'train', source({ format: 'images', train: files }));
    return isRefusal(raw) ? raw.message : 'read';
  };
  assert.match(
    await refusal('sizes', { 'a/1.png': grey(2), 'b/2.png': grey(3) }),
    /holds b\/2.png, which is 1x3 grey; the first image, a\/1.png, is 1x2 grey/,
  );
  const rgb = encode({ width: 2, height: 1, channels: 3, data: new Uint8Array(6) });
  assert.match(await refusal('kinds', { 'a/1.png': grey(2), 'b/2.png': rgb }), /holds b\/2.png, which is 1x2 RGB/);
  assert.match(await refusal('stray', { 'a/1.png': grey(2), 'notes.txt': '' }), /holds notes.txt, which is not a folder/);
  assert.match(await refusal('jpeg', { 'a/1.png': grey(2), 'a/2.jpg': '' }), /holds a\/2.jpg, which is not a PNG image/);
  assert.match(await refusal('torn', { 'a/1.png': grey(2).subarray(0, 30) }), /holds a\/1.png, which is truncated/);
  assert.match(await refusal('empty', { 'a/.keep': '' }), /holds no images/);
  assert.match(await refusal('absent', {}), /is not there/);
});

function pngFile(
  width: number,
  height: number,
  depth: number,
  colour: number,
  rows: Uint8Array,
  extra: [string, Uint8Array][] = [],
): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([depth, colour, 0, 0, 0], 8);
  const chunks: [string, Uint8Array][] = [['IHDR', head], ...extra, ['IDAT', deflateSync(rows)], ['IEND', Buffer.alloc(0)]];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks.map(([type, data]) => chunk(type, data))]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** Rows of numbers of a few bits, each behind its filter byte 0. */
function packRows(values: readonly number[], width: number, depth: BitDepth): Buffer {
  const rows: number[] = [];
  for (let y = 0; y < values.length; y += width) {
    const bits = values
      .slice(y, y + width)
      .map((value) => value.toString(2).padStart(depth, '0'))
      .join('');
    rows.push(0, ...(bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  }
  return Buffer.from(rows);
}
