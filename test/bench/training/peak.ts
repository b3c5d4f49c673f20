import asc from 'assemblyscript/asc';
import type { Variant } from '../../../server/training/wasm.ts';
import { widen } from '../../../server/training/wide.ts';

const ROUNDS = 20000;
const SUMS = 12;

/** Twelve sums that do not wait for each other: more than the units can have under way. Constants would be made anew each time. */
const source = (wide: boolean) => {
  const halves = wide ? ['s', 't'] : ['s'];
  const each = (line: (sum: string, at: number) => string): string =>
    Array.from({ length: SUMS }, (_, i) => halves.map((half, h) => line(`${half}${i}`, 16 * (halves.length * i + h))).join('\n  ')).join(
      '\n  ',
    );
  return `
export function run(at: usize, rounds: i32, factor: f32, term: f32): void {
  const x = f32x4.splat(factor), y = f32x4.splat(term);
  ${each((sum, i) => `let ${sum} = f32x4.splat(${i});`)}
  do {
    ${each((sum) => `${sum} = ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(${sum}, x, y) : f32x4.add(f32x4.mul(${sum}, x), y);`)}
  } while (--rounds);
  ${each((sum, i) => `v128.store(at, ${sum}, ${i});`)}
}`;
};

/** Operations a second that one core does in the vectors of a variant, multiplying and adding in registers; the best of many tries. */
export async function simdPeak(variant: Variant): Promise<number> {
  const wide = variant === 'wide';
  if (wide) widen();
  const binary = await compile(source(wide), variant === 'simd' ? 'simd' : 'simd,relaxed-simd');
  const { instance } = await WebAssembly.instantiate(binary);
  const run = instance.exports.run as (at: number, rounds: number, factor: number, term: number) => void;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) {
    const begin = performance.now();
    run(1024, ROUNDS, 0.999, 0.001);
    best = Math.min(best, performance.now() - begin);
  }
  return ((ROUNDS * SUMS * (wide ? 16 : 8)) / best) * 1e3;
}

async function compile(text: string, features: string): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array | undefined;
  const { error } = await asc.main(
    ['peak.ts', '--runtime', 'stub', '-O3', '--initialMemory', '1', '--enable', features, '--outFile', 'peak.wasm'],
    {
      readFile: (name) => (name === 'peak.ts' ? text : null),
      writeFile: (_name, contents) => {
        binary = contents as Uint8Array;
      },
      listFiles: () => null,
    },
  );
  if (error || !binary) throw error ?? new Error('nothing was compiled');
  return Uint8Array.from(binary);
}
