import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../server/random.ts';
import type { LossRecipe } from '../../server/training/engine.ts';
import { createLoss } from '../../server/training/loss.ts';
import { createEngine } from '../../server/training/wasm.ts';
import { anyParameters, CLASSES, encoding, network, randomSamples } from './networks.ts';

const random = createRandom(4);
const teacher = Float32Array.from({ length: 20 * CLASSES }, () => 2 * random.normal());
const recipes: { [name: string]: LossRecipe } = {
  plain: {},
  smoothing: { smoothing: 0.2 },
  'class weights': { classWeights: [0.5, 2, 1] },
  'mean square': { kind: 'meanSquare', smoothing: 0.1 },
  distillation: { distillation: { teacher, temperature: 3, share: 0.7 } },
  all: { smoothing: 0.1, classWeights: [1, 2, 3], distillation: { teacher, temperature: 2, share: 0.5 } },
};
const labels = [0, 2, 1, 1, 0];
const rows = () => Array.from({ length: CLASSES }, () => Float32Array.from({ length: 16 }, () => random.normal()));
const shares = Array.from({ length: CLASSES }, (_, k) => Float32Array.from({ length: 16 }, (_, sample) => Number(labels[sample] === k)));
const targets = { valid: 5, shares, indices: Uint32Array.of(3, 1, 9, 0, 19) };

for (const [name, recipe] of Object.entries(recipes)) {
  test(`${name}: the loss is its definition's and its gradient equals central differences`, () => {
    const loss = createLoss(recipe, CLASSES);
    const logits = rows();
    const gradient = rows();
    const value = loss.block(logits, gradient, targets, 0.2);
    const wanted = definition(
      recipe,
      logits.map((row) => [...row]),
    );
    assert.ok(Math.abs(value - wanted) < 1e-9, `${value}, not ${wanted}`);
    const [plain, exact] = [logits.map((row) => [...row]), logits.map((row) => [...row])];
    for (let k = 0; k < CLASSES; k++) {
      for (let sample = 0; sample < 16; sample++) {
        const at = (shift: number) => {
          const moved = exact.map((row) => [...row]);
          moved[k][sample] = plain[k][sample] + shift;
          return definition(recipe, moved);
        };
        const slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert.ok(Math.abs(gradient[k][sample] - slope) < 1e-6, `${gradient[k][sample]}, not ${slope}`);
      }
    }
  });
}

test('an engine that computes the plain loss outside of its kernels gets the same gradients', () => {
  const layers = network([5, 5, 1], { op: 'conv2d', filters: 3 }, { op: 'relu' }, { op: 'flatten' }, { op: 'dense', units: CLASSES });
  const samples = randomSamples(layers.input, 20, 2);
  const indices = Uint32Array.from({ length: 20 }, (_, i) => 19 - i);
  const [inside, outside] = [undefined, {}].map((loss) =>
    createEngine({ variant: 'simd' })
      .open({ network: layers, encoding, batch: 20, seed: 1, parameters: anyParameters(layers, 2), loss })
      .gradients(samples, indices),
  );
  assert.ok(Math.abs(inside.loss - outside.loss) < 1e-5);
  for (const [layer, tensors] of Object.entries(inside.gradients))
    for (const [tensor, values] of Object.entries(tensors))
      values.forEach((value, i) => {
        assert.ok(Math.abs(value - outside.gradients[layer][tensor][i]) < 1e-5);
      });
});

/** Over the five valid samples, divided by five. */
function definition({ kind, smoothing = 0, classWeights, distillation }: LossRecipe, logits: number[][]): number {
  let total = 0;
  labels.forEach((label, sample) => {
    const z = logits.map((row) => row[sample]);
    const weight = classWeights?.[label] ?? 1;
    const wanted = z.map((_, k) => (1 - smoothing) * Number(k === label) + smoothing / CLASSES);
    const hard =
      kind === 'meanSquare'
        ? z.reduce((sum, each, k) => sum + (each - wanted[k]) ** 2, 0) / (2 * CLASSES)
        : cross(wanted, probabilities(z, 1));
    if (!distillation) total += weight * hard;
    else {
      const { temperature, share } = distillation;
      const from = targets.indices[sample] * CLASSES;
      const soft = cross(probabilities([...teacher.subarray(from, from + CLASSES)], temperature), probabilities(z, temperature));
      total += weight * ((1 - share) * hard + share * temperature ** 2 * soft);
    }
  });
  return total / 5;
}

const probabilities = (z: number[], temperature: number): number[] => {
  const e = z.map((each) => Math.exp(each / temperature));
  return e.map((each) => each / e.reduce((x, y) => x + y));
};
const cross = (p: number[], q: number[]): number => -p.reduce((sum, each, k) => sum + each * Math.log(q[k]), 0);
