import { setFlagsFromString } from 'node:v8';
import { Body, moduleOf } from './straight/module.ts';

/** V8 of Node 24 and 25, with which the kernels were tried. That of Node 22 pairs less than it takes to be faster. */
const TRIED = /^(13\.6|14\.1)\./;

let able: boolean | undefined;

/**
 * Whether V8 can make one operation on 8 numbers of two on 4 that lie side by side, as the kernels of `wide` are written for. It is a part
 * of V8 that is not on by itself; a machine with AVX2 has it, and all of those round products and sums once.
 */
export function canWiden(): boolean {
  able ??= process.arch === 'x64' && TRIED.test(process.versions.v8) && isBuiltIn() && fuses();
  return able;
}

/** Electron has the settings of Node, and a V8 of its own. */
const isBuiltIn = (): boolean => 'v8_enable_wasm_simd256_revec' in process.config.variables && !process.versions.electron;

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
