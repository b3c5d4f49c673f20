import type { Place, Task } from '../machine/machine.ts';
import { foldedBias, sumRange } from '../machine/range.ts';
import { poolScaling, type Scaling, scalingFor } from '../machine/scaling.ts';
import { outputChannel } from '../quantize/fold.ts';
import type { QuantizedStage } from '../quantize/network.ts';
import { canRequantize } from './requantize.ts';

/** How the sums of a stage with weights are requantised; undefined where they are the logits. */
export function scalingOf({ stage, inputs: [input] }: Task): Scaling | undefined {
  const scaling = scalingFor(stage, sumRange(stage, input));
  return scaling && asserted(stage, { ...scaling, mostProduct: mostProduct(stage, input) });
}

/** The same of an average pool; maxima are bytes as they are. */
export function poolScalingOf(task: Task): Scaling | undefined {
  const scaling = poolScaling(task);
  return scaling && asserted(task.stage, scaling);
}

function asserted({ name }: QuantizedStage, scaling: Scaling): Scaling {
  if (!canRequantize(scaling)) throw new RangeError(`sums of ${name} times their multipliers take more than 32 bits`);
  return scaling;
}

/** The largest of all sums times their multipliers. */
function mostProduct(stage: QuantizedStage, input: Place): number {
  const known = products.get(stage);
  if (known !== undefined) return known;
  const { weight } = stage.weights!;
  const most = [...foldedBias(stage, input)];
  for (let i = 0; i < weight.length; i++)
    most[outputChannel(stage, weight.length, i)] += weight[i] * (weight[i] > 0 ? input.most : input.least);
  const product = Math.max(...most.map((each, channel) => each * stage.rescale!.multipliers[channel]));
  products.set(stage, product);
  return product;
}

/** A stage's input is always of one encoding. */
const products = new WeakMap<QuantizedStage, number>();
