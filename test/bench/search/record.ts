import { appendFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { findChip } from '../../../server/device/find.ts';
import { evaluate } from '../../../server/run/evaluate.ts';
import { decode } from '../../../server/search/decode.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { CLOSED, configurations } from './closed.ts';
import { type DataName, dataOf } from './data.ts';

/**
 * Trains every configuration of a closed space, shortly, and appends what came of it to `tables/NAME.jsonl`: a line that tells how, then for each of `configurations()`
 * one of [accuracy of the int8 network on validation in parts of ten thousand, RAM bytes, flash bytes, milliseconds]. Goes on where it was stopped.
 * `node test/bench/search/record.ts mnist|cifar10-binary|digits`
 */
for (const name of process.argv.slice(2)) await record(name as DataName);

async function record(name: DataName): Promise<void> {
  const { space, train, validation, epochs } = CLOSED[name];
  const data = await dataOf(name, train, validation);
  if (!data) throw new Error(`the data of ${name} is not beside the checkout`);
  const engine = createEngine();
  const device = findChip('atmega328p')!;
  const [learningRate, weightDecay] = [space.learningRate[0], space.weightDecay[0]];
  const pruning = { structured: 0, unstructured: 0, from: 0, to: 1 };
  const recipe = { epochs, batch: 20, schedule: 'cosine', learningRate, weightDecay, warmup: 0.3, pruning } as const;
  const path = new URL(`tables/${name}.jsonl`, import.meta.url);
  const header = JSON.stringify({ engine: engine.variant, chip: device.id, train, validation, recipe });
  const done = resume(path, header);
  const all = configurations(space);
  console.log(`${name}: ${done} of ${all.length} are recorded`);
  for (let index = done; index < all.length; index++) {
    const network = decode(all[index].architecture, space.input, space.classes);
    if (typeof network === 'string') throw new Error(network);
    const begin = performance.now();
    const evaluated = evaluate(engine, data, device, { network, recipe, seed: index });
    if ('unusable' in evaluated) throw new Error(`${index}: ${evaluated.unusable}`);
    const { accuracy, price } = evaluated;
    const row = [Math.round(accuracy * 10_000), price.ramBytes, price.flashBytes, Math.round(performance.now() - begin)];
    appendFileSync(path, `${JSON.stringify(row)}\n`);
    if (index % 100 === 99) console.log(`${name}: ${index + 1}`);
  }
}

/** How many configurations the file has already; what is torn of its last line is cut off. */
function resume(path: URL, header: string): number {
  if (!existsSync(path)) writeFileSync(path, `${header}\n`);
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  if (whole.slice(0, whole.indexOf('\n')) !== header) throw new Error(`${path.pathname} was recorded in another way`);
  return whole.split('\n').length - 2;
}
