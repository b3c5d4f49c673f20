import { MOST_SUM_REGISTERS } from '../avr/registers.ts';
import { liftOf } from '../avr/stretch.ts';
import type { Machine, Place, Task } from '../machine/machine.ts';
import { sumRange } from '../machine/range.ts';
import { INPUT } from '../network/network.ts';
import { once } from '../network/once.ts';
import type { Shape } from '../network/shape.ts';
import type { StoredBits } from '../quantize/bits.ts';
import { encodingOf, type QuantizedNetwork, type QuantizedStage } from '../quantize/network.ts';
import { nonZeros } from '../quantize/nonzeros.ts';
import { storedOnThumb } from '../thumb/stored.ts';
import { tableBits } from '../thumb/summing.ts';
import { encodeFor, MACHINE } from './encoding.ts';
import type { Plan } from './plan.ts';
import { isWrittenAsCode } from './weights.ts';

/** A quantised network under a plan, as its machine code sees it: where in the state everything lies. */
export function machineOf(network: QuantizedNetwork, plan: Plan): Machine {
  const { offsets, arena } = stateOf(plan);
  const stages = new Map(network.stages.map((stage) => [stage.name, stage]));
  const placeOf = (name: string): Place => {
    const stage = stages.get(name);
    const { height, width, channels }: Shape = stage?.shape ?? network.input.shape;
    const shape = { name, height, width, channels };
    const { zeroPoint, unsigned } = encodingOf(network, name);
    const sums = plan.sums.find((each) => each.stage === name);
    if (stage?.raw) {
      const bytes = sums!.width === 3 ? 3 : 4;
      return {
        ...shape,
        offset: offsets.get(`sum_${name}`)!,
        depth: height * width,
        bytes,
        zeroPoint,
        unsigned,
        least: stage.low,
        most: stage.high,
      };
    }
    const buffer = plan.buffers.find(({ tensor }) => tensor === name)!;
    const [least, most] = stage ? [stage.low, stage.high] : [0, 255];
    return {
      ...shape,
      offset: buffer.isOverSums ? offsets.get(`sum_${name}`)! : arena + buffer.offset,
      depth: buffer.depth,
      bytes: 1,
      zeroPoint,
      unsigned,
      least,
      most,
    };
  };
  const places = new Map([INPUT, ...stages.keys()].map((name) => [name, placeOf(name)]));
  const place = (name: string) => places.get(name)!;
  const isPassed = (tensor: string) => plan.buffers.some((buffer) => buffer.tensor === tensor && buffer.isPassed);
  const tasks = network.stages.map((stage, i): Task => {
    const sums = plan.sums.find((each) => each.stage === stage.name);
    return {
      stage,
      inputs: stage.inputs.map(place),
      output: place(stage.name),
      unit: i < plan.streamed ? plan.unit : 'whole',
      folds: plan.stages[i].intake === 'fold',
      ...(sums && { sums: { offset: offsets.get(`sum_${stage.name}`)!, bytes: sums.width } }),
      sumRegisters: plan.machine?.sumRegisters ?? MOST_SUM_REGISTERS,
      ...storedAs(stage, stage.inputs.map(place), plan),
      ...(isPassed(stage.name) && { passesTo: network.stages.find(({ inputs }) => inputs.includes(stage.name))!.name }),
    };
  });
  const counters = new Map(plan.counters.map(({ name, width }) => [name, { offset: offsets.get(name)!, bytes: width }]));
  const { unit, machine: { core } = {} } = plan;
  return { unit, input: place(INPUT), tasks, counters, ...(core && { core }) };
}

function storedAs(stage: QuantizedStage, inputs: readonly Place[], { machine, leastFlash }: Plan): Pick<Task, 'weights' | 'bits'> {
  if (!stage.weights) return { weights: 'table', bits: 8 };
  if (machine?.core === 'thumb') {
    const weights = storedOnThumb(stage, machine.mostInCode, leastFlash);
    return { weights, bits: weights === 'table' ? tableBits(stage) : 8 };
  }
  if (isWrittenAsCode(stage, machine?.mostInCode)) return { weights: 'code', bits: 8 };
  const stored = (each: QuantizedStage) => encodeFor(each, left(stage.weights!.weight), leastFlash, MACHINE);
  const { encoding, bits } = stored(stage);
  if (canLift(stage, inputs, bits)) return { weights: encoding, bits };
  return { weights: stored({ ...stage, bits: undefined }).encoding, bits: 8 };
}

/** Plans with the same weights are compared. */
const left = once((weights: Int8Array) => nonZeros(weights));

/** Whether sums that are lifted stay within four bytes, and those of a piece of a dense layer's input within three. */
function canLift(stage: QuantizedStage, [input]: readonly Place[], bits: StoredBits): boolean {
  if (liftOf(bits) === 0) return true;
  const { least, most } = sumRange(stage, input);
  return Math.max(-least, most) < 2 ** (31 - liftOf(bits)) && (stage.op !== 'dense' || input.width * input.channels <= 256);
}

/** Where the fields of the state begin, as the header declares them: the widest first, and of equals sums before counters. */
export function stateOf({ sums, counters, machine }: Pick<Plan, 'sums' | 'counters' | 'machine'>): {
  offsets: ReadonlyMap<string, number>;
  arena: number;
} {
  const offsets = new Map<string, number>();
  let at = 0;
  for (const width of [4, 3, 2, 1]) {
    for (const each of sums.filter((sum) => sum.width === width && sum.phase === undefined)) {
      offsets.set(`sum_${each.stage}`, at);
      at += each.bytes;
    }
    for (const { name } of counters.filter((counter) => counter.width === width)) {
      offsets.set(name, at);
      at += width;
    }
  }
  const within = sums.filter((sum) => sum.phase !== undefined);
  // The arena is aligned for the sums that lie in it.
  if (machine?.core === 'thumb') {
    const alignment = Math.max(1, ...within.map(({ width }) => width));
    at = Math.ceil(at / alignment) * alignment;
  }
  for (const each of within) offsets.set(`sum_${each.stage}`, at + each.offset!);
  return { offsets, arena: at };
}
