import { rescale } from '../../../server/quantize/arithmetic.ts';
import type { QuantizedNetwork, QuantizedStage } from '../../../server/quantize/network.ts';
import { createRandom, type Random } from '../../../server/random.ts';

/** Steps of a weight of 8 bits in one of 4. */
const STEPS = 18;

/** A network with ordinary weights of 8 bits and multipliers where it has those of 4 and powers of two: each drawn from what its own was rounded from. */
export function widened(network: QuantizedNetwork): QuantizedNetwork {
  const random = createRandom(1);
  return { ...network, stages: network.stages.map((stage) => (stage.bits === 4 ? widenedStage(stage, random) : stage)) };
}

function widenedStage({ bits: _, ...stage }: QuantizedStage, random: Random): QuantizedStage {
  const { weight, bias } = stage.weights!;
  const { multipliers, shift } = stage.rescale!;
  const wide = weight.map((each) => Math.max(-127, Math.min(127, Math.round((each + random.next() - 0.5) * STEPS))));
  const ratios = Array.from(multipliers, (each) => (each / 2 ** shift / STEPS) * (0.8 + 0.4 * random.next()));
  return { ...stage, weights: { weight: wide, bias: bias.map((each) => each * STEPS) }, rescale: rescale(ratios) };
}
