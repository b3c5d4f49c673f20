import { LARGEST_ARENA } from './arena.ts';
import { binaries } from './binaries.ts';
import type { Engine, SessionOptions } from './engine.ts';
import { buildProgram, type Program } from './program.ts';
import { openSession, type WasmSession } from './session.ts';
import { keepsOrder } from './straight/compile.ts';
import type { Code } from './straight/convolve.ts';
import { canWiden, widen } from './wide.ts';

export type Variant = keyof typeof binaries;

export interface WasmEngine extends Engine {
  open(options: SessionOptions): WasmSession;
}

/**
 * The engine of WebAssembly kernels. `relaxed` fuses multiply and add, with a rounding that may differ between machines;
 * `simd` gives the same bits everywhere. `wide` is relaxed in twice as wide vectors, and adds up gradients in another order. Without a wish
 * it takes the fastest that this Node has.
 */
export function createEngine(options: { variant?: Variant } = {}): WasmEngine {
  const variant = options.variant ?? variants()[0];
  return {
    variant: `wasm-${variant}`,
    quantizes: true,
    open(session) {
      const program = buildProgram(session);
      return openSession(program, load(variant, program), session);
    },
  };
}

/** Those that this Node has, the fastest first. */
export function variants(): [Variant, ...Variant[]] {
  if (!WebAssembly.validate(Buffer.from(binaries.relaxed, 'base64'))) return ['simd'];
  return canWiden() ? ['wide', 'relaxed', 'simd'] : ['relaxed', 'simd'];
}

/** Runs the commands of a listing; functions in the table may take a command's place. */
export type Kernels = {
  readonly memory: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  readonly table: WebAssembly.Table;
  /** How code is to be written that takes a command's place; absent where none may. */
  readonly code?: Code;
  run(listing: { readonly at: number; readonly end: number }): void;
};

export function load(variant: Variant, { arena }: Program): Kernels {
  arena.check();
  const memory = new WebAssembly.Memory({ initial: Math.ceil(arena.bytes / 65536), maximum: LARGEST_ARENA / 65536 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  const { exports } = new WebAssembly.Instance(moduleOf(variant), { env: { memory, table } });
  arena.fill(memory.buffer);
  const run = exports.run as (at: number, end: number) => void;
  return {
    memory,
    buffer: memory.buffer,
    table,
    code: codes[variant],
    run: ({ at, end }) => run(at, end),
  };
}

/** None for plain SIMD, which is to give the same bits in every Node. */
const codes: { readonly [Each in Variant]?: Code } = keepsOrder() ? { relaxed: { parts: 1 }, wide: { parts: 2 } } : {};

const modules = new Map<Variant, WebAssembly.Module>();

function moduleOf(variant: Variant): WebAssembly.Module {
  if (variant === 'wide') widen();
  if (!modules.has(variant)) modules.set(variant, new WebAssembly.Module(Buffer.from(binaries[variant], 'base64')));
  return modules.get(variant)!;
}
