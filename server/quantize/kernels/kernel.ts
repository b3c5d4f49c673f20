import type { Encoding } from '../arithmetic.ts';
import type { QuantizedStage } from '../network.ts';

/** One stage of the interpreter: reads its inputs' integers (height, width, channel order) and writes its own. */
export type Kernel = (stage: QuantizedStage, inputs: readonly Int32Array[], encodings: readonly Encoding[], output: Int32Array) => void;
