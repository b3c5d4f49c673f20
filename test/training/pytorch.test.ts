import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Parameters } from '../../server/network/network.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { network } from './networks.ts';
import { mapTensors } from './tensors.ts';
import { variants } from './variants.ts';

type Values = { [layer: string]: { [tensor: string]: number[] } };
type Case = {
  name: string;
  input: [number, number, number];
  layers: SketchesOf<typeof network>;
  samples: number[];
  labels: number[];
  parameters: Values;
  loss: number;
  gradients: Values;
  sgd: number[];
  adam: number[];
};
type SketchesOf<F> = F extends (input: [number, number, number], ...layers: infer Layers) => unknown ? Layers : never;

/** Written by `golden/pytorch.py`. */
const golden: { torch: string; zeroPoint: number; deviation: number; cases: Case[] } = JSON.parse(
  readFileSync(new URL('golden/pytorch.json', import.meta.url), 'utf8'),
);

for (const each of golden.cases) {
  test(`${each.name}: loss, gradients and training are those of PyTorch ${golden.torch}`, () => {
    const layers = network(each.input, ...each.layers);
    const samples = {
      shape: layers.input,
      count: each.labels.length,
      x: Uint8Array.from(each.samples),
      labels: Uint8Array.from(each.labels),
    };
    const indices = Uint32Array.from(each.labels, (_, i) => i);
    const parameters: Parameters = mapTensors(each.parameters, (values) => Float32Array.from(values));
    for (const variant of variants) {
      const open = (kind: 'adam' | 'sgd') =>
        createEngine({ variant }).open({
          network: layers,
          encoding: golden,
          batch: 16,
          seed: 1,
          parameters,
          optimiser: { kind, momentum: 0.9 },
        });
      const { loss, gradients } = open('adam').gradients(samples, indices);
      assert.ok(Math.abs(loss - each.loss) < 1e-5 * (1 + each.loss), `${loss}, not ${each.loss}`);
      for (const [layer, tensors] of Object.entries(each.gradients)) {
        for (const [tensor, values] of Object.entries(tensors)) {
          const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
          values.forEach((value, i) => {
            const found = gradients[layer][tensor][i];
            assert.ok(Math.abs(found - value) < 1e-4 * scale, `${layer}.${tensor}[${i}] is ${found}, not ${value}`);
          });
        }
      }
      for (const kind of ['sgd', 'adam'] as const) {
        const session = open(kind);
        const learningRate = { sgd: 0.05, adam: 0.01 }[kind];
        const losses = each[kind].map(() => session.trainEpoch(samples, () => ({ learningRate, weightDecay: 0 })));
        losses.forEach((found, i) => {
          assert.ok(Math.abs(found - each[kind][i]) < 2e-4 * (1 + each[kind][i]), `${kind}: loss ${i} is ${found}, not ${each[kind][i]}`);
        });
      }
    }
  });
}
