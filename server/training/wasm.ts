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
  const module = new WebAssembly.Module(Buffer.from(binaries[variant], 'base64'));
  return {
    variant: `wasm-${variant}`,
    open(session) {
      const program = buildProgram(session);
      return openSession(program, load(module, program), session);
    },
  };
}

export const hasRelaxed = (): boolean => WebAssembly.validate(Buffer.from(binaries.relaxed, 'base64'));

/** Runs the commands of a listing. */
export type Kernels = { readonly buffer: ArrayBuffer; run(listing: { readonly at: number; readonly end: number }): void };

export function load(module: WebAssembly.Module, { arena }: Program): Kernels {
  arena.check();
  const memory = new WebAssembly.Memory({ initial: Math.ceil(arena.bytes / 65536), maximum: LARGEST_ARENA / 65536 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  arena.fill(memory.buffer);
  const run = exports.run as (at: number, end: number) => void;
  return { buffer: memory.buffer, run: ({ at, end }) => run(at, end) };
}
