/**
 * Trains network T on MNIST (the files of `test/bench/tasks/mnist.sparse.yaml`) and writes its integers beside this file:
 *
 *     node test/bench/chip/train.ts FILE [--bits 8|4] [--power-of-two] [--epochs N] [--seed N]
 *
 * What it reaches in integers on the 10,000 test images is written too. Nothing is pruned; the dense layer has 8 bits, always.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadDataSet } from '../../../server/dataset/load.ts';
import type { Layer, Network, WeightBits } from '../../../server/network/network.ts';
import { modelToJson } from '../../../server/quantize/file.ts';
import { integerAccuracy } from '../../../server/quantize/interpreter.ts';
import { quantize } from '../../../server/quantize/quantize.ts';
import { engineFor } from '../../../server/run/engine.ts';
import { parseSpec } from '../../../server/spec/parse.ts';
import { toDataSource } from '../../../server/spec/spec.ts';
import { train } from '../../../server/training/train.ts';
import { networkT } from './network.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bits: { type: 'string', default: '8' },
    'power-of-two': { type: 'boolean', default: false },
    epochs: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
});
const spec = fileURLToPath(new URL('../tasks/mnist.sparse.yaml', import.meta.url));
const { data } = await loadDataSet(toDataSource(parseSpec(readFileSync(spec, 'utf8')).spec!, dirname(spec)));
const bits = Number(values.bits) as WeightBits;
const network: Network = {
  ...networkT,
  layers: networkT.layers.map((layer): Layer => (layer.op === 'conv2d' && bits !== 8 ? { ...layer, bits } : layer)),
  ...(values['power-of-two'] && { arithmetic: { powerOfTwo: true } }),
};
const engine = engineFor({ name: 'wasm-simd' }, { network, encoding: data!.encoding });
if ('refused' in engine) throw new Error(engine.refused);
const trained = train(engine, {
  network,
  data: data!,
  seed: Number(values.seed),
  recipe: {
    ...{ epochs: Number(values.epochs), batch: 64, learningRate: 0.004, weightDecay: 1e-4, schedule: 'cosine', augmentation: { shift: 1 } },
    pruning: { structured: 0, unstructured: 0, from: 0, to: 1 },
    quantization: { from: 0.5 },
  },
  onEpoch({ epoch, loss, validation }) {
    console.log(`${epoch}: loss ${loss.toFixed(4)}, validation ${(validation.accuracy * 100).toFixed(2)} %`);
    return undefined;
  },
});
const quantized = quantize(trained.network, trained.parameters, data!.encoding, trained.ranges!);
const accuracy = integerAccuracy(quantized, data!.test!);
console.log(`${(accuracy * 100).toFixed(2)} % of the test images`);
writeFileSync(positionals[0], `${JSON.stringify({ accuracy, ...modelToJson(trained.network, quantized) })}\n`);
