import type { Engine, SessionOptions } from '../engine.ts';
import { buildProgram } from '../program.ts';
import { createEngine, type Variant } from '../wasm.ts';
import { createTensorflowEngine, type TensorflowOptions } from './engine.ts';
import { refuseUnknown } from './wishes.ts';

/** `auto`: the first engine, and TensorFlow for networks that are too large for it. */
export type EngineName = 'wasm' | 'tensorflow' | 'auto';

export type EngineChoice = {
  readonly engine: EngineName;
  /** What the engine is to train; of its options at least those that are named here. */
  readonly session: Pick<SessionOptions, 'network' | 'encoding'> & Partial<SessionOptions>;
  /** Of the first engine. */
  readonly variant?: Variant;
  readonly tensorflow?: TensorflowOptions;
};

/** The engine that is to train a network, from its first epoch to its last, or why there is none. */
export function chooseEngine({ engine, session, variant, tensorflow }: EngineChoice): Engine | { refused: string } {
  const tooLarge = engine === 'auto' ? tooLargeForArena(session) : undefined;
  if (engine === 'wasm' || (engine === 'auto' && !tooLarge)) return createEngine({ variant });
  try {
    refuseUnknown(session);
    return createTensorflowEngine(tensorflow);
  } catch (error) {
    const reason = (error as Error).message;
    return { refused: tooLarge ? `${tooLarge}; TensorFlow has no such bound, but: ${reason}` : reason };
  }
}

function tooLargeForArena(session: EngineChoice['session']): string | undefined {
  try {
    buildProgram(session).arena.check();
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
