import asc from 'assemblyscript/asc';
import type { Variant } from '../../../server/training/wasm.ts';

const ROUNDS = 20000;
const SUMS = 12;
const FLOPS = ROUNDS * SUMS * 8;

/** Twelve sums that do not wait for each other: more than the units can have under way. Constants would be made anew each time. */
const SOURCE = `
export function run(rounds: i32, factor: f32, term: f32): f32 {
  const x = f32x4.splat(factor), y = f32x4.splat(term);
  ${each((i) => `let s${i} = f32x4.splat(${i});`)}
  do {
    ${each((i) => `s${i} = ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(s${i}, x, y) : f32x4.add(f32x4.mul(s${i}, x), y);`)}
  } while (--rounds);
  let total = s0;
  ${each((i) => (i === 0 ? '' : `total = f32x4.add(total, s${i});`))}
  return f32x4.extract_lane(total, 0);
}`;

/** Operations a second that one core does in WebAssembly's vectors of four, multiplying and adding in registers; the best of many tries. */
export async function simdPeak(variant: Variant): Promise<number> {
  const { instance } = await WebAssembly.instantiate(await compile(variant === 'relaxed' ? 'simd,relaxed-simd' : 'simd'));
  const run = instance.exports.run as (rounds: number, factor: number, term: number) => number;
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 1000; i++) {
    const begin = performance.now();
    run(ROUNDS, 0.999, 0.001);
    best = Math.min(best, performance.now() - begin);
  }
  return (FLOPS / best) * 1e3;
}

async function compile(features: string): Promise<Uint8Array<ArrayBuffer>> {
  let binary: Uint8Array | undefined;
  const { error } = await asc.main(['peak.ts', '--runtime', 'stub', '-O3', '--enable', features, '--outFile', 'peak.wasm'], {
    readFile: (name) => (name === 'peak.ts' ? SOURCE : null),
    writeFile: (_name, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => null,
  });
  if (error || !binary) throw error ?? new Error('nothing was compiled');
  return Uint8Array.from(binary);
}

function each(line: (i: number) => string): string {
  return Array.from({ length: SUMS }, (_, i) => line(i)).join('\n  ');
}
