import type { SessionOptions } from '../engine.ts';

/** What it does not know it must not pass over: the network would be trained in another way than was asked for. */
export function refuseUnknown(options: Partial<SessionOptions>): void {
  for (const [part, known] of Object.entries(KNOWN)) {
    const wishes = part === 'session' ? options : options[part as Exclude<Part, 'session'>];
    const unknown = Object.entries(wishes ?? {}).find(([name, value]) => value !== undefined && !known.includes(name));
    if (unknown) throw new Error(`the TensorFlow engine cannot train with ${unknown[0]}; use the first engine`);
  }
}

type Part = 'session' | 'augmentation' | 'loss' | 'optimiser';

const KNOWN: { readonly [part in Part]: readonly string[] } = {
  session: ['network', 'encoding', 'batch', 'seed', 'parameters', 'state', 'augmentation', 'loss', 'optimiser', 'dropout'],
  augmentation: ['shift', 'rotate', 'scale', 'flip', 'cutout', 'noise', 'mixup'],
  loss: ['kind', 'smoothing', 'classWeights', 'distillation'],
  optimiser: ['kind', 'momentum', 'clip', 'average'],
};
