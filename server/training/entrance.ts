import { elements, type Shape } from '../network/shape.ts';
import { type Arena, LANES } from './arena.ts';
import { type Command, command } from './encode.ts';
import type { Augmentation, SessionOptions } from './engine.ts';
import { extent, plane, type Tensor } from './operators/operator.ts';

/** How a block of samples gets into the arena: bytes are copied in, moved if the samples are augmented, and spread over the input's plane. */
export type Entrance = {
  readonly sampleBytes: number;
  /** 16 samples of bytes; their labels (i32). */
  readonly bytes: number;
  readonly labels: number;
  /** For each sample an i32 pair: rows down, columns right. */
  readonly shifts: number;
  /** For each sample the six f32 of a transform, where samples are turned or stretched. */
  readonly transforms?: number;
  readonly shape: Shape;
  readonly zeroPoint: number;
  readonly augmentation?: Augmentation;
  /** The furthest that a sample is moved. */
  readonly reach: { readonly down: number; readonly right: number };
  readonly enter: Command[];
  readonly enterMoved: Command[];
};

export function placeEntrance(
  arena: Arena,
  { shape, value }: Tensor,
  { encoding, augmentation }: Pick<SessionOptions, 'encoding' | 'augmentation'>,
): Entrance {
  const sampleBytes = elements(shape);
  const block = () => arena.allocate(LANES * sampleBytes + 16);
  const [bytes, moved] = [block(), block()];
  const shifts = arena.allocate(8 * LANES);
  const shift = augmentation?.shift ?? 0;
  const reach = { down: Math.min(shift, shape.height - 1), right: Math.min(shift, shape.width - 1) };
  const code = arena.place(Float32Array.of(encoding.zeroPoint, 1 / encoding.deviation));
  const scratch = arena.allocate(256);
  const map = { channels: shape.channels, ...extent(shape) };
  const gather = (from: number) => command('gather', { ...plane('output', value), bytes: from, encoding: code, scratch, ...map });
  const enter = [gather(bytes)];
  const warps = augmentation?.rotate || augmentation?.scale;
  const transforms = warps ? arena.allocate(4 * 6 * LANES) : undefined;
  const move = transforms
    ? [command('warp', { output: moved, input: bytes, transforms, ...map })]
    : shift > 0
      ? [command('shift', { output: moved, input: bytes, shifts, ...map })]
      : undefined;
  const enterMoved = move ? [...move, gather(moved)] : enter;
  return {
    transforms,
    shape,
    zeroPoint: encoding.zeroPoint,
    augmentation,
    sampleBytes,
    bytes,
    labels: arena.allocate(4 * LANES),
    shifts,
    reach,
    enter,
    enterMoved,
  };
}
