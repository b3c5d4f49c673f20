import { setFlagsFromString } from 'node:v8';
import { variants as ofNode, type Variant } from '../../server/training/wasm.ts';

// What long trainings run: optimised code, here from the first call on. Only there are vectors paired.
setFlagsFromString('--no-liftoff');

export const variants: readonly Variant[] = ofNode().reverse();
