import { findChip } from '../../../server/device/find.ts';
import type { Network, Parameters } from '../../../server/network/network.ts';
import { createRandom } from '../../../server/random.ts';
import { evaluate } from '../../../server/run/evaluate.ts';
import { inherit } from '../../../server/run/inherit.ts';
import { priceBeforeTraining } from '../../../server/run/price.ts';
import { decode } from '../../../server/search/decode.ts';
import type { Genotype } from '../../../server/search/genotype.ts';
import { morph } from '../../../server/search/morphs/table.ts';
import { randomGenotype } from '../../../server/search/sample.ts';
import { defaultSpace } from '../../../server/search/space.ts';
import { withoutShare } from '../../../server/training/prune/shape.ts';
import { createEngine } from '../../../server/training/wasm.ts';
import { drawnDigits } from './digits.ts';

/** How many epochs a child needs that inherits: its accuracy against that of the same child trained in full from the start. `node test/bench/search/inherit.ts [CHILDREN]` */
const CHILDREN = Number(process.argv[2] ?? 30);
const EPOCHS = 6;
const SHORTER = [2, 3, 4, 6];
const data = drawnDigits(1500, 1000);
const space = { ...defaultSpace(data.train.shape, 10), downsample: [2, 3], layers: [1, 2] } as const;
const device = findChip('atmega328p')!;
const engine = createEngine();
const random = createRandom(1);

const gains: { [group: string]: number[][] } = { 'at least half inherited': [], 'less inherited': [] };
for (let children = 0; children < CHILDREN; ) {
  const parent = randomGenotype(space, random);
  const parentNetwork = decode(parent.architecture, space.input, space.classes);
  const child = morph(parent, space, random)?.genotype;
  const network = child && decode(child.architecture, space.input, space.classes);
  if (!child || typeof parentNetwork === 'string' || typeof network !== 'object') continue;
  const { ramBytes, macs } = priceBeforeTraining(device, parentNetwork, parent.pruning);
  if (ramBytes > 1792 || macs > 400_000) continue;
  const trained = train(parentNetwork, parent, EPOCHS);
  if (!trained || trained.accuracy < 0.6) continue;
  const full = train(network, child, EPOCHS);
  if (!full) continue;
  const begun = withoutShare(network, child.pruning.structured);
  const { parameters, share } = inherit(begun, trained, 2);
  const going = { ...child, pruning: { ...child.pruning, structured: 0 } };
  const row = SHORTER.map((epochs) => (train(begun, going, epochs, parameters)?.accuracy ?? 0) - full.accuracy);
  gains[share >= 0.5 ? 'at least half inherited' : 'less inherited'].push(row);
  console.log(
    `${++children}: ${share.toFixed(2)} inherited, ${full.accuracy.toFixed(3)} in full; ${row.map((gain) => gain.toFixed(3)).join(' ')}`,
  );
}
for (const [group, rows] of Object.entries(gains).filter(([, rows]) => rows.length > 0)) {
  const means = SHORTER.map((epochs, i) => `${epochs} epochs ${(rows.reduce((sum, row) => sum + row[i], 0) / rows.length).toFixed(4)}`);
  console.log(`${group}, ${rows.length} children: ${means.join(', ')}`);
}

function train(network: Network, { training, pruning }: Genotype, epochs: number, parameters?: Parameters) {
  const rates = { ...training, schedule: 'cosine', warmup: Math.min(0.5, epochs / 10) } as const;
  const recipe = { epochs, batch: 32, ...rates, pruning: { ...pruning, from: 0.2, to: 0.7 } };
  const evaluated = evaluate(engine, data, device, { network, recipe, seed: parameters ? 2 : 1, parameters });
  return 'unusable' in evaluated ? undefined : evaluated;
}
