import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Samples } from '../../../server/dataset/dataset.ts';
import { generateDigits } from '../../../server/dataset/digits/generate.ts';
import { loadDataSet } from '../../../server/dataset/load.ts';
import type { QuantizedNetwork } from '../../../server/quantize/network.ts';
import { quantize } from '../../../server/quantize/quantize.ts';
import { createRandom } from '../../../server/random.ts';
import { engineFor } from '../../../server/run/engine.ts';
import { evaluate } from '../../../server/run/evaluate.ts';
import { searchOptions } from '../../../server/run/setting.ts';
import { decode } from '../../../server/search/decode.ts';
import { randomGenotype } from '../../../server/search/sample.ts';
import { parseSpec } from '../../../server/spec/parse.ts';
import { toDataSource } from '../../../server/spec/spec.ts';

export type TrainedCandidate = { readonly quantized: QuantizedNetwork; readonly accuracy: number; readonly test: Samples };

/** Networks as a search of the digits example draws them first, within its chip's RAM, trained for two epochs each. */
export async function trainedCandidates(count: number): Promise<TrainedCandidate[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-digits-'));
  try {
    await generateDigits(join(folder, 'data'));
    const example = fileURLToPath(new URL('../../../media/examples/digits/digits.sparse.yaml', import.meta.url));
    const spec = parseSpec(readFileSync(example, 'utf8')).spec!;
    const { data } = await loadDataSet(toDataSource(spec, folder));
    const { space } = searchOptions(spec, data!).options;
    const random = createRandom(20261122);
    const candidates: TrainedCandidate[] = [];
    while (candidates.length < count) {
      const { architecture } = randomGenotype(space, random);
      const network = decode(architecture, space.input, space.classes);
      if (typeof network === 'string') continue;
      const engine = engineFor({ name: 'wasm-simd' }, { network, encoding: data!.encoding });
      if ('refused' in engine) continue;
      const pruning = { structured: 0, unstructured: 0.3, from: 0.2, to: 0.8 };
      const recipe = { epochs: 2, batch: 32, learningRate: 0.004, weightDecay: 0, schedule: 'cosine' as const, pruning };
      const trained = evaluate(engine, data!, spec.target.device, { network, recipe, seed: 1 });
      if ('unusable' in trained || trained.price.ramBytes > 1800 || trained.price.flashBytes > 28_000) continue;
      const quantized = quantize(trained.network, trained.parameters, data!.encoding, trained.ranges);
      candidates.push({ quantized, accuracy: trained.accuracy, test: data!.test! });
    }
    return candidates;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
