import type { Engine, SessionOptions } from '../engine.ts';
import { buildProgram } from '../program.ts';
import { createEngine, type Variant } from '../wasm.ts';
import { createTensorflowEngine, type TensorflowOptions } from './engine.ts';

/** `auto`: the first engine, and TensorFlow for networks that are too large for it. */
export type EngineName = 'wasm' | 'tensorflow' | 'auto';

export type EngineChoice = Pick<SessionOptions, 'network' | 'encoding' | 'augmentation'> & {
  readonly engine: EngineName;
  /** Of the first engine. */
  readonly variant?: Variant;
  readonly tensorflow?: TensorflowOptions;
};

/** The engine that is to train a network, from its first epoch to its last, or why there is none. */
export function chooseEngine(choice: EngineChoice): Engine | { refused: string } {
  const { engine, variant, tensorflow } = choice;
  const tooLarge = engine === 'auto' ? tooLargeForArena(choice) : undefined;
  if (engine === 'wasm' || (engine === 'auto' && !tooLarge)) return createEngine({ variant });
  try {
    return createTensorflowEngine(tensorflow);
  } catch (error) {
    const reason = (error as Error).message;
    return { refused: tooLarge ? `${tooLarge}. TensorFlow could train it, but is not there: ${reason}` : reason };
  }
}

function tooLargeForArena(choice: EngineChoice): string | undefined {
  try {
    buildProgram(choice).arena.check();
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
