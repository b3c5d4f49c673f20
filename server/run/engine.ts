import type { Engine } from '../training/engine.ts';
import { chooseEngine, type EngineChoice } from '../training/tensorflow/choose.ts';
import type { Variant } from '../training/wasm.ts';

/**
 * What trains. `auto`: the WebAssembly engine, and TensorFlow for networks beyond its arena; `wasm-` and a variant forces one of its
 * variants, for results that repeat bit for bit on other machines.
 */
export const ENGINES = ['auto', 'wasm', 'wasm-simd', 'wasm-relaxed', 'wasm-wide', 'tensorflow'] as const;
export type EngineName = (typeof ENGINES)[number];

/** `tensorflow`: the folder in which TensorFlow is installed. */
export type EngineSetting = { readonly name: EngineName; readonly tensorflow?: string };

/** The engine for one network, or why there is none. */
export function engineFor({ name, tensorflow }: EngineSetting, session: EngineChoice['session']): Engine | { refused: string } {
  const variant = name.startsWith('wasm-') ? (name.slice(5) as Variant) : undefined;
  const engine = name === 'auto' || name === 'tensorflow' ? name : 'wasm';
  return chooseEngine({ engine, session, variant, ...(tensorflow !== undefined && { tensorflow: { folder: tensorflow } }) });
}

/** The variant that trains networks of ordinary size, as a run records it. */
export function ordinaryVariant(setting: EngineSetting): string | { refused: string } {
  const network = {
    input: { height: 1, width: 1, channels: 1 },
    layers: [{ name: 'dense', op: 'dense' as const, inputs: ['input'], units: 2 }],
  };
  const engine = engineFor(setting, { network, encoding: { zeroPoint: 0, deviation: 255 } });
  return 'refused' in engine ? engine : engine.variant;
}
