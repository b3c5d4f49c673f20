import type { Network } from '../../network/network.ts';
import { lower } from '../../network/stage.ts';
import type { Arena, Plane } from '../arena.ts';
import { command } from '../encode.ts';
import { extent, plane, type Step, type Tensor } from '../operators/operator.ts';
import { transfer } from '../operators/transfer.ts';

/**
 * A network that computes in integers, held in f32: what lies in the arena are the integers of the interpreter less their zero point,
 * exact as long as sums stay below 2^24. Gradients are those of the real numbers that the integers stand for, straight through rounding.
 */
export type Requantization = {
  /** By stage. Stages whose integers are those of their input, and the one that gives the logits, have none. */
  readonly codes: ReadonlyMap<string, Code>;
  /** What turns the last integers into logits (f32). */
  readonly logitScale: number;
};

/** Addresses of a stage's numbers: `code` and `multipliers` as in the command `requantize`; `factors` of the inputs that are added or joined. */
export type Code = {
  readonly code: number;
  readonly multipliers: number;
  readonly channels: number;
  /** A ReLU is done with it. */
  readonly relu: boolean;
  readonly factors?: readonly number[];
  /** Where the scale is learned: the sums before they are requantised, and the gradient of the scale's logarithm (4 lanes of f32). */
  readonly learned?: { readonly sums: Plane; readonly slope: number };
};

/** `rectified` names the layers whose ReLU is done with them; `sumsOf` gives a plane for a layer's sums where its scale is learned. */
export function placeRequantization(
  arena: Arena,
  network: Network,
  rectified: ReadonlySet<string>,
  sumsOf?: (layer: string) => Plane,
): Requantization {
  const codes = new Map<string, Code>();
  const norm = network.layers.find((layer) => layer.op === 'batchNorm');
  if (norm) throw new RangeError(`batch norm ${norm.name} must be folded before a network is trained as quantised`);
  for (const { name, op, raw, shape, inputs } of lower(network)) {
    if (raw || op === 'maxPool' || op === 'relu') continue;
    const joins = op === 'add' || op === 'concat';
    codes.set(name, {
      code: arena.allocate(5 * 8),
      multipliers: arena.allocate(8 * shape.channels),
      channels: shape.channels,
      relu: rectified.has(name),
      ...(sumsOf && { learned: { sums: sumsOf(name), slope: arena.allocate(16) } }),
      ...(joins && { factors: inputs.map(() => arena.allocate(4)) }),
    });
  }
  return { codes, logitScale: arena.allocate(4) };
}

/** Keeps the sums from which the gradient of a learned scale is made. */
export const keepSums = ({ value, shape }: Tensor, { learned }: Code): Step[] =>
  learned ? [transfer(shape, value, learned.sums, {})] : [];

export const requantize = ({ value, shape }: Tensor, { code, multipliers }: Code): Step => ({
  channels: shape.channels,
  reads: value,
  writes: value,
  part: (first, count) =>
    command('requantize', {
      ...plane('plane', value, first),
      code,
      multipliers: multipliers + 8 * first,
      channels: count,
      ...extent(shape),
    }),
});

/** The gradient by the sums; where the scale is learned, its own besides. */
export const requantizeGradient = ({ value, gradient, shape }: Tensor, { code, multipliers, learned }: Code): Step => ({
  channels: shape.channels,
  reads: gradient,
  writes: gradient,
  part(first, count) {
    const map = { channels: count, ...extent(shape) };
    const scaling = { ...plane('gradient', gradient!, first), code, multipliers: multipliers + 8 * first };
    return learned
      ? command('stepGradient', { ...scaling, ...plane('sums', learned.sums, first), slope: learned.slope, ...map })
      : command('requantizeGradient', { ...scaling, ...plane('plane', value, first), ...map });
  },
});
