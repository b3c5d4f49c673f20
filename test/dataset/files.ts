import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { zipSync } from 'fflate';
import type { DataSource } from '../../server/dataset/source.ts';

/** A folder of this test file's own, gone when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-dataset-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function put(folder: string, name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A source with what tests rarely vary. */
export const source = (given: Partial<DataSource> & Pick<DataSource, 'format' | 'train'>): DataSource => ({
  name: 'task',
  validationShare: 0.25,
  testShare: 0.25,
  normalise: 'standard',
  seed: 1,
  ...given,
});

export type Type = 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'i8' | 'f4' | 'f8';

/** Writes numbers one by one; nothing is shared with the readers. */
export function encode(type: Type, values: readonly number[], littleEndian: boolean): Uint8Array {
  const size = Number(type[1]);
  const buffer = Buffer.alloc(values.length * size);
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  values.forEach((value, i) => {
    const at = i * size;
    if (type === 'u1') view.setUint8(at, value);
    else if (type === 'i1') view.setInt8(at, value);
    else if (type === 'u2') view.setUint16(at, value, littleEndian);
    else if (type === 'i2') view.setInt16(at, value, littleEndian);
    else if (type === 'u4') view.setUint32(at, value, littleEndian);
    else if (type === 'i4') view.setInt32(at, value, littleEndian);
    else if (type === 'i8') view.setBigInt64(at, BigInt(value), littleEndian);
    else if (type === 'f4') view.setFloat32(at, value, littleEndian);
    else view.setFloat64(at, value, littleEndian);
  });
  return buffer;
}

export const IDX_CODES: { readonly [type in Type]?: number } = { u1: 8, i1: 9, i2: 11, i4: 12, f4: 13, f8: 14 };

export function idxFile(extents: readonly number[], values: readonly number[], type: Type = 'u1'): Uint8Array {
  const sizes = extents.flatMap((extent) => [extent >>> 24, (extent >>> 16) & 255, (extent >>> 8) & 255, extent & 255]);
  return Buffer.concat([Buffer.from([0, 0, IDX_CODES[type]!, extents.length, ...sizes]), encode(type, values, false)]);
}

export type NpyOptions = { readonly type?: Type; readonly bigEndian?: boolean; readonly fortran?: boolean; readonly version?: 1 | 2 | 3 };

export function npyFile(extents: readonly number[], values: readonly number[], options: NpyOptions = {}): Uint8Array {
  const { type = 'u1', bigEndian = false, fortran = false, version = 1 } = options;
  const order = type[1] === '1' ? '|' : bigEndian ? '>' : '<';
  const shape = extents.length === 1 ? `(${extents[0]},)` : `(${extents.join(', ')})`;
  const text = `{'descr': '${order}${type}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  return npyOf(text, encode(type, values, !bigEndian), version);
}

export function npyOf(header: string, data: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const padded = `${header.padEnd(Math.ceil((prefix + header.length + 1) / 64) * 64 - prefix - 1)}\n`;
  const length = Buffer.alloc(prefix - 8);
  if (version === 1) length.writeUInt16LE(padded.length);
  else length.writeUInt32LE(padded.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, Buffer.from(padded, 'latin1'), data]);
}

export const npzFile = (arrays: { readonly [name: string]: Uint8Array }, level: 0 | 6 = 6): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, npy]) => [`${name}.npy`, npy])), { level });

export const numbersUpTo = (count: number, size: number): number[] => Array.from({ length: count }, (_, i) => (i * 7 + 3) % size);

/** `each` labels of every class, in turn. */
export const labelsInTurn = (classes: number, each: number): number[] => Array.from({ length: classes * each }, (_, i) => i % classes);
