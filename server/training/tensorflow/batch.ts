import type { InputEncoding } from '../../dataset/dataset.ts';

/** Bytes as the network sees them. */
export function decode(bytes: Uint8Array, { zeroPoint, deviation }: InputEncoding): Float32Array {
  const scale = Math.fround(1 / deviation);
  const values = Float32Array.from({ length: 256 }, (_, byte) => (byte - zeroPoint) * scale);
  return Float32Array.from(bytes, (byte) => values[byte]);
}
