import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatBytes, formatExact } from '../../server/spec/format.ts';
import { readQuantity } from '../../server/spec/units.ts';

test('quantities are read into base units', () => {
  for (const [kind, written, value] of [
    ['size', '2 KB', 2048],
    ['size', '512 B', 512],
    ['size', '1.5KB', 1536],
    ['size', '2 kb', 2048],
    ['size', '1 MB', 1048576],
    ['size', '2 KiB', 2048],
    ['size', 2048, 2048],
    ['size', 0, 0],
    ['duration', '90 s', 90],
    ['duration', '30 min', 1800],
    ['duration', '2 h', 7200],
    ['duration', '0.5 h', 1800],
    ['duration', 45, 45],
    ['share', '10 %', 0.1],
    ['share', '7 %', 0.07],
    ['share', '12.5%', 0.125],
    ['share', 0.1, 0.1],
    ['share', '100 %', 1],
    ['frequency', '16 MHz', 16e6],
    ['frequency', '32.768 kHz', 32768],
    ['frequency', 8e6, 8e6],
  ] as const)
    assert.equal(readQuantity(kind, written), value, `${kind} ${written}`);
});

test('anything else says what is allowed', () => {
  for (const [kind, written] of [
    ['size', ''],
    ['size', '-1 KB'],
    ['size', -1],
    ['size', 0.5],
    ['size', Number.NaN],
    ['size', Number.POSITIVE_INFINITY],
    ['size', '2 min'],
    ['size', '2'],
    ['size', '1e3 B'],
    ['size', '0x10 B'],
    ['size', '1,024 B'],
    ['size', '999999999999999 MB'],
    ['duration', '1 h 30 min'],
    ['share', '101 %'],
    ['share', 1.01],
    ['frequency', '16 mhz!'],
  ] as const)
    assert.equal(typeof readQuantity(kind, written), 'string', `${kind} ${written}`);
});

test('a size is read as it is written', () => {
  fc.assert(fc.property(fc.nat(2 ** 31 - 1), (bytes) => assert.equal(readQuantity('size', formatBytes(bytes)), bytes)));
  fc.assert(fc.property(fc.nat(2 ** 31 - 1), (bytes) => assert.equal(formatExact(bytes), `${bytes.toLocaleString('en-US')} B`)));
});

test('a share written in percent is the decimal one expects', () => {
  fc.assert(fc.property(fc.nat(1000), (permille) => assert.equal(readQuantity('share', `${permille / 10} %`), Number(`${permille}e-3`))));
});
