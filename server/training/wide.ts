import { setFlagsFromString } from 'node:v8';
import { Body, moduleOf } from './straight/module.ts';

/** The V8 whose pairing the kernels are tested with. */
const TRIED = /^13\.6\./;

let able: boolean | undefined;

/**
 * Whether V8 can make one operation on 8 numbers of two on 4 that lie side by side, as the kernels of `wide` are written for. It is a part
 * of V8 that is not on by itself; a machine with AVX2 has it, and all of those round products and sums once.
 */
export function canWiden(): boolean {
  able ??=
    process.arch === 'x64' && TRIED.test(process.versions.v8) && 'v8_enable_wasm_simd256_revec' in process.config.variables && fuses();
  return able;
}

/** Asks V8 to do so, in this process from now on; bits stay the same. */
export function widen(): void {
  if (canWiden()) setFlagsFromString('--experimental-wasm-revectorize');
}

/** Whether (1 + e) (1 - e) - 1 has the bits that rounding the product first would drop. */
function fuses(): boolean {
  const body = new Body();
  const [sum, x, y] = [0, 16, 32].map((at) => {
    const local = body.take();
    body.constant(at);
    body.load(0);
    body.set(local);
    return local;
  });
  body.addProduct(sum, x, y);
  body.constant(0);
  body.get(sum);
  body.store(0);
  const bytes = moduleOf([body]);
  if (!WebAssembly.validate(bytes)) return false;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const lanes = new Float32Array(memory.buffer, 0, 12);
  [-1, 1 + 2 ** -13, 1 - 2 ** -13].forEach((value, i) => {
    lanes.fill(value, 4 * i, 4 * i + 4);
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  (exports[0] as () => void)();
  return lanes[0] !== 0;
}
