import { LARGEST_ARENA } from './arena.ts';
import { binaries } from './binaries.ts';
import type { Engine, SessionOptions } from './engine.ts';
import { buildProgram, type Program } from './program.ts';
import { openSession, type WasmSession } from './session.ts';

export type Variant = keyof typeof binaries;

export interface WasmEngine extends Engine {
  open(options: SessionOptions): WasmSession;
}

/**
 * The engine of WebAssembly kernels. `relaxed` fuses multiply and add, with a rounding that may differ between machines;
 * `simd` gives the same bits everywhere. Without a wish it takes relaxed where this Node has it.
 */
export function createEngine(options: { variant?: Variant } = {}): WasmEngine {
  const variant = options.variant ?? (hasRelaxed() ? 'relaxed' : 'simd');
  return {
    variant: `wasm-${variant}`,
    open(session) {
      const program = buildProgram(session);
      return openSession(program, load(variant, program), session);
    },
  };
}

export const hasRelaxed = (): boolean => WebAssembly.validate(Buffer.from(binaries.relaxed, 'base64'));

/** Runs the commands of a listing; functions in the table may take a command's place. */
export type Kernels = {
  readonly memory: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  readonly table: WebAssembly.Table;
  /** Products and sums are rounded once. */
  readonly fused: boolean;
  run(listing: { readonly at: number; readonly end: number }): void;
};

export function load(variant: Variant, { arena }: Program): Kernels {
  arena.check();
  const memory = new WebAssembly.Memory({ initial: Math.ceil(arena.bytes / 65536), maximum: LARGEST_ARENA / 65536 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  const { exports } = new WebAssembly.Instance(moduleOf(variant), { env: { memory, table } });
  arena.fill(memory.buffer);
  const run = exports.run as (at: number, end: number) => void;
  return { memory, buffer: memory.buffer, table, fused: variant === 'relaxed', run: ({ at, end }) => run(at, end) };
}

const modules = new Map<Variant, WebAssembly.Module>();

function moduleOf(variant: Variant): WebAssembly.Module {
  if (!modules.has(variant)) modules.set(variant, new WebAssembly.Module(Buffer.from(binaries[variant], 'base64')));
  return modules.get(variant)!;
}
