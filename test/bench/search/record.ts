import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DataSet } from '../../../server/dataset/dataset.ts';
import { findChip } from '../../../server/device/find.ts';
import { evaluate } from '../../../server/run/evaluate.ts';
import { decode } from '../../../server/search/decode.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { closedSpace, configurations } from './closed.ts';
import { drawnDigits } from './digits.ts';

/**
 * Trains every configuration of the closed space, shortly, on digits that are drawn here, and writes `closed.json` beside this file: the accuracies of the int8
 * networks on the validation split, in parts of ten thousand, in the order of `configurations()`. Goes on where it was stopped.
 */
const path = new URL('closed.json', import.meta.url);
const data: DataSet = drawnDigits(1200, 1000);
const engine = createEngine();
const device = findChip('atmega328p')!;
const { learningRate, weightDecay } = { learningRate: closedSpace.learningRate[0], weightDecay: closedSpace.weightDecay[0] };
const pruning = { structured: 0, unstructured: 0, from: 0, to: 1 };
const recipe = { epochs: 4, batch: 20, schedule: 'cosine', learningRate, weightDecay, warmup: 0.3, pruning } as const;

const accuracies: number[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).accuracies : [];
const all = configurations();
for (let index = accuracies.length; index < all.length; index++) {
  const network = decode(all[index].architecture, closedSpace.input, closedSpace.classes);
  if (typeof network === 'string') throw new Error(network);
  const evaluated = evaluate(engine, data, device, { network, recipe, seed: index });
  accuracies.push('unusable' in evaluated ? 0 : Math.round(evaluated.accuracy * 10_000));
  if (accuracies.length % 50 !== 0 && accuracies.length !== all.length) continue;
  writeFileSync(new URL('closed.json.part', import.meta.url), `${JSON.stringify({ engine: engine.variant, recipe, accuracies })}\n`);
  renameSync(new URL('closed.json.part', import.meta.url), path);
  console.log(`${accuracies.length} of ${all.length}`);
}
