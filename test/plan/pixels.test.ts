import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Network } from '../../server/network/network.ts';
import { lower, type Stage } from '../../server/network/stage.ts';
import { pixelDepths } from '../../server/plan/pixels.ts';
import { intakeOf } from '../../server/plan/stream.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

const folds = (stage: Stage) => intakeOf(stage, 'pixel') === 'fold';

/**
 * Plays the schedule pixel by pixel through rings of the given depths, every pixel labelled with its number. Throws when a ring has lost a
 * pixel that is read.
 */
function play(network: Network, stages: readonly Stage[], depths: ReadonlyMap<string, number>): Map<string, number> {
  const rings = new Map([INPUT, ...stages.map((stage) => stage.name)].map((name) => [name, Array<number>(depths.get(name)!).fill(-1)]));
  const shapes = new Map([[INPUT, network.input], ...stages.map((stage) => [stage.name, stage.shape] as const)]);
  const made = new Map([...rings.keys()].map((name) => [name, 0]));
  const taps = new Map(stages.map((stage) => [stage.name, new Map<number, number>()]));
  const write = (name: string) => {
    const pixel = made.get(name)!;
    rings.get(name)![pixel % depths.get(name)!] = pixel;
    made.set(name, pixel + 1);
    for (const reader of stages) if (folds(reader) && reader.inputs[0] === name) fold(reader, pixel);
  };
  /** Counts down the taps of each window; the last tap completes the pixel. */
  const fold = (stage: Stage, pixel: number) => {
    const [{ width, height }] = stage.inputShapes;
    if (!stage.window) {
      if (pixel === width * height - 1) write(stage.name);
      return;
    }
    const left = taps.get(stage.name)!;
    for (let output = 0; output < stage.shape.height * stage.shape.width; output++) {
      const window = needs(stage, output);
      if (!window.includes(pixel)) continue;
      left.set(output, (left.get(output) ?? window.length) - 1);
      if (left.get(output) === 0) {
        assert.equal(made.get(stage.name), output, `${stage.name} folds its pixels out of order`);
        write(stage.name);
      }
    }
  };
  const needs = (stage: Stage, output: number): number[] => {
    if (!stage.window) return [output];
    const [{ width, height }] = stage.inputShapes;
    const { kernelY, kernelX, dilationY, dilationX, strideY, strideX, padTop, padLeft, columns } = stage.window;
    const [y, x] = [Math.floor(output / columns), output % columns];
    return Array.from({ length: kernelY * kernelX }, (_, k) => [
      y * strideY - padTop + Math.floor(k / kernelX) * dilationY,
      x * strideX - padLeft + (k % kernelX) * dilationX,
    ])
      .filter(([iy, ix]) => iy >= 0 && iy < height && ix >= 0 && ix < width)
      .map(([iy, ix]) => iy * width + ix);
  };
  const advance = (stage: Stage): boolean => {
    const next = made.get(stage.name)!;
    const { height, width } = shapes.get(stage.name)!;
    if (folds(stage) || next >= height * width) return false;
    const needed = needs(stage, next);
    // As if the whole window lay on the input: the schedule waits for its last row and column.
    if (!stage.inputs.every((name) => made.get(name)! > Math.max(...needed, lastOf(stage, next)))) return false;
    for (const name of stage.inputs)
      for (const pixel of needed)
        assert.equal(rings.get(name)![pixel % depths.get(name)!], pixel, `pixel ${pixel} of ${name} is lost to ${stage.name}`);
    write(stage.name);
    return true;
  };
  for (let pixel = network.input.height * network.input.width; pixel > 0; pixel--) {
    write(INPUT);
    while ([...stages].reverse().some(advance));
  }
  return made;
}

const isDilated = ({ window }: Stage) => window !== undefined && window.dilationY * window.dilationX > 1;

function lastOf(stage: Stage, output: number): number {
  if (!stage.window) return output;
  const [{ width, height }] = stage.inputShapes;
  const { spanY, spanX, strideY, strideX, padTop, padLeft, columns } = stage.window;
  const y = Math.min(height, Math.floor(output / columns) * strideY - padTop + spanY) - 1;
  return y * width + Math.min(width, (output % columns) * strideX - padLeft + spanX) - 1;
}

test('rings of the planned depth lose no pixel, one pixel less loses one', () => {
  let tight = 0;
  for (let seed = 0; seed < 400; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 12, dilation: seed % 2 === 0 });
    const stages = lower(network);
    const depths = pixelDepths(network.input, stages, folds);
    const made = play(network, stages, depths);
    for (const stage of stages)
      assert.equal(made.get(stage.name), stage.shape.height * stage.shape.width, `seed ${seed}: ${stage.name} is not finished`);
    for (const [name, depth] of depths) {
      const readers = stages.filter((stage) => stage.inputs.includes(name) && !folds(stage));
      if (depth === 1 || readers.length === 0) continue;
      const loses = (each: number) => {
        try {
          play(network, stages, new Map(depths).set(name, each));
          return false;
        } catch {
          return true;
        }
      };
      if (loses(depth - 1)) tight++;
      // The taps of a dilated kernel may begin below the border that its window begins at: the ring is a little deeper than need be.
      else assert.ok(readers.some(isDilated), `seed ${seed}: ${name} needs fewer than ${depth} pixels`);
    }
  }
  assert.ok(tight > 300, `only ${tight} rings were tried one pixel short`);
});

test('a 3x3 convolution keeps two rows and three pixels, a residual waits for its longer path', () => {
  const conv = (name: string, from: string) =>
    ({ name, op: 'conv2d', inputs: [from], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' }) as const;
  const network: Network = {
    input: { height: 16, width: 16, channels: 2 },
    layers: [conv('a', INPUT), conv('b', 'a'), { name: 'sum', op: 'add', inputs: ['a', 'b'] }],
  };
  assert.deepEqual(Object.fromEntries(pixelDepths(network.input, lower(network), folds)), { input: 35, a: 35, b: 1, sum: 1 });
});
