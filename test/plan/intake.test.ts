import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../server/network/check.ts';
import { INPUT, type Layer, type Network } from '../../server/network/network.ts';
import { lower, readers, type Stage } from '../../server/network/stage.ts';
import { pixelDepths } from '../../server/plan/pixels.ts';
import type { Unit } from '../../server/plan/plan.ts';
import { intakeOf, mayFold, ringDepths } from '../../server/plan/stream.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

/** Bytes of rings, running results and counters when all stages are streamed, and these fold. */
function bytesOf({ input }: Network, stages: readonly Stage[], unit: Unit, folds: (stage: Stage) => boolean): number {
  const depths = (unit === 'row' ? ringDepths : pixelDepths)(input, stages, folds);
  let bytes = 0;
  for (const tensor of [{ name: INPUT, shape: input }, ...stages]) {
    const { name, shape } = tensor;
    const { height, width, channels } = shape;
    const made = 'op' in tensor ? tensor : undefined;
    const [reader, ...others] = readers(stages, name);
    const isPassed = made?.window && !folds(made) && width > 1 && others.length === 0 && reader && folds(reader) && takes(reader);
    const isOverSums = made && folds(made) && height * width === 1 && made.op !== 'maxPool';
    if (made?.raw) continue;
    if (isOverSums) continue;
    if (unit === 'row') bytes += isPassed ? channels : Math.min(depths.get(name)!, height) * width * channels;
    else bytes += Math.min(depths.get(name)!, height * width) * channels;
  }
  for (const stage of stages) {
    const { height, width, channels } = stage.shape;
    if (!folds(stage)) continue;
    if (stage.op === 'averagePool') bytes += width * channels * (stage.window!.kernelY * stage.window!.kernelX > 128 ? 4 : 2);
    if (stage.op === 'maxPool' && unit === 'pixel' && height * width > 1) bytes += width * channels;
    if (stage.window && unit === 'row') bytes++;
  }
  return bytes;
}

const takes = ({ op, window }: Stage): boolean => op === 'dense' || window!.kernelX <= window!.strideX;

/** The least of all ways to let pools fold or not. */
function least(network: Network, stages: readonly Stage[], unit: Unit): number {
  const able = stages.filter((stage) => mayFold(stage, unit));
  return Math.min(
    ...Array.from({ length: 2 ** able.length }, (_, ways) =>
      bytesOf(network, stages, unit, (stage) => stage.op === 'dense' || (able.includes(stage) && (ways >> able.indexOf(stage)) % 2 === 1)),
    ),
  );
}

/** Convolutions and pools in a row. */
function chain(random: Random): Network {
  const series = random.integer(2) === 0;
  const input = { height: 6 + random.integer(14), width: series ? 1 : 6 + random.integer(14), channels: 1 + random.integer(3) };
  const pair = (most: number) => [1 + random.integer(most), series ? 1 : 1 + random.integer(most)] as const;
  const layers: Layer[] = [];
  for (let i = 0; i < 2 + random.integer(4); i++) {
    const at = { name: `l${i}`, inputs: [i === 0 ? INPUT : `l${i - 1}`] };
    if (random.integer(2))
      layers.push({ ...at, op: 'conv2d', filters: 1 + random.integer(8), kernel: pair(3), stride: [1, 1], padding: 'same' });
    else {
      const kernel = pair(4);
      layers.push({
        ...at,
        op: random.integer(2) ? 'averagePool' : 'maxPool',
        kernel,
        stride: random.integer(4) ? kernel : pair(3),
        padding: 'valid',
      });
    }
  }
  return { input, layers: [...layers, { name: 'logits', op: 'dense', inputs: [layers.at(-1)!.name], units: 3 }] };
}

for (const unit of ['row', 'pixel'] as const) {
  test(`by ${unit}s, pools fold where that takes less RAM: brute force over all ways`, () => {
    let [chosen, best, missed, graphs] = [0, 0, 0, 0];
    for (let seed = 0; seed < 400; seed++) {
      const random = createRandom(seed);
      let network = seed % 2 ? chain(random) : randomNetwork(random, { largest: 20 });
      while (checkNetwork(network).faults.length > 0) network = chain(random);
      const stages = lower(network);
      if (unit === 'pixel' && network.input.width === 1) continue;
      const bytes = bytesOf(network, stages, unit, (stage) => intakeOf(stage, unit) === 'fold');
      const brute = least(network, stages, unit);
      chosen += bytes;
      best += brute;
      graphs++;
      missed += Number(bytes > brute);
    }
    // A pool that reads another pool is taken to be handed its pixels.
    assert.ok(missed < 0.04 * graphs && chosen < 1.002 * best, `${chosen} B, ${best} B at best, ${missed} of ${graphs} networks take more`);
  });
}
