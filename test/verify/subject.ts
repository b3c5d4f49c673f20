import type { GeneratedFile } from '../../server/codegen/generate.ts';
import { generate } from '../../server/codegen/generate.ts';
import type { Layer, Network } from '../../server/network/network.ts';
import { planWith } from '../../server/plan/choose.ts';
import type { Plan } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { createRandom } from '../../server/random.ts';
import { calibrate, randomParameters } from '../support/networks.ts';

export type Written = { readonly network: QuantizedNetwork; readonly plan: Plan; readonly files: readonly GeneratedFile[] };

/** A small network with rings, weights, multipliers and a side branch, and its C for an ATmega328P. Every stage is row-streamed. */
export function writtenNetwork(): Written {
  const square = (size: number) => [size, size] as const;
  const layers: Layer[] = [
    { name: 'conv', op: 'conv2d', inputs: ['input'], filters: 3, kernel: square(3), stride: square(1), padding: 'same' },
    { name: 'relu', op: 'relu', inputs: ['conv'] },
    { name: 'pool', op: 'maxPool', inputs: ['relu'], kernel: square(2), stride: square(2), padding: 'valid' },
    { name: 'next', op: 'conv2d', inputs: ['pool'], filters: 4, kernel: square(3), stride: square(1), padding: 'valid' },
    { name: 'average', op: 'globalAveragePool', inputs: ['next'] },
    { name: 'logits', op: 'dense', inputs: ['average'], units: 4 },
  ];
  const network: Network = { input: { height: 12, width: 12, channels: 1 }, layers };
  const random = createRandom(5);
  const parameters = randomParameters(network, random);
  const encoding = { zeroPoint: 100, deviation: 60 };
  const quantized = quantize(network, parameters, encoding, calibrate(network, parameters, encoding, random));
  const { input, stages } = quantized;
  const plan = planWith({ unit: 'row', streamed: stages.length }, input.shape, stages, planTarget({ architecture: 'avr' }));
  return {
    network: quantized,
    plan,
    files: generate('net', quantized, plan, { flashBytes: 0, classes: ['a', 'b', 'c', 'd'], ramBudgetBytes: 2048 }),
  };
}
