import { setFlagsFromString } from 'node:v8';
import { variants as ofNode, type Variant } from '../../server/training/wasm.ts';

// What long trainings run: optimised code, here from the second call on. Only there are vectors paired.
setFlagsFromString('--wasm-sync-tier-up');
setFlagsFromString('--wasm-tiering-budget=1');

export const variants: readonly Variant[] = ofNode().reverse();
