import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Network } from '../../server/network/network.ts';
import { lower, type Stage } from '../../server/network/stage.ts';
import { intakeOf, ringDepths } from '../../server/plan/stream.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

/**
 * Plays the rows through rings of the given depths with every row labelled, in an order found independently: after a row arrives, each
 * stage, downstream first, is asked whether all rows that its next row needs exist. Throws when a ring has lost a row that is read.
 */
function play(network: Network, stages: readonly Stage[], depths: ReadonlyMap<string, number>): Map<string, number> {
  const rings = new Map([INPUT, ...stages.map((stage) => stage.name)].map((name) => [name, Array<number>(depths.get(name)!).fill(-1)]));
  const made = new Map([...rings.keys()].map((name) => [name, 0]));
  const taken = new Map(stages.map((stage) => [stage.name, 0]));
  const write = (name: string, row: number) => (rings.get(name)![row % depths.get(name)!] = row);
  const read = (name: string, row: number) => assert.equal(rings.get(name)![row % depths.get(name)!], row, `row ${row} of ${name} is lost`);
  const advance = (stage: Stage): boolean => {
    const [first] = stage.inputs;
    const height = stage.inputShapes[0].height;
    const next = made.get(stage.name)!;
    if (intakeOf(stage) === 'fold') {
      const row = taken.get(stage.name)!;
      if (row >= made.get(first)!) return false;
      read(first, row);
      const { strideY, kernelY, padTop } = stage.window ?? { strideY: height, kernelY: height, padTop: 0 };
      const target = Math.floor((row + padTop) / strideY);
      const inside = (row + padTop) % strideY < kernelY && target < stage.shape.height;
      if (inside) write(stage.name, target);
      if (inside && ((row + padTop) % strideY === kernelY - 1 || row === height - 1)) made.set(stage.name, target + 1);
      taken.set(stage.name, row + 1);
      return true;
    }
    if (next >= stage.shape.height) return false;
    const { strideY, kernelY, padTop, dilationY } = stage.window ?? { strideY: 1, kernelY: 1, padTop: 0, dilationY: 1 };
    const taps = Array.from({ length: kernelY }, (_, k) => next * strideY - padTop + k * dilationY);
    const needed = taps.filter((row) => row >= 0 && row < height);
    if (!stage.inputs.every((name) => needed.every((row) => row < made.get(name)!))) return false;
    for (const name of stage.inputs) for (const row of needed) read(name, row);
    write(stage.name, next);
    made.set(stage.name, next + 1);
    return true;
  };
  for (let row = 0; row < network.input.height; row++) {
    write(INPUT, row);
    made.set(INPUT, row + 1);
    while ([...stages].reverse().some(advance));
  }
  return made;
}

test('rings of the planned depth lose no row, one row less loses one', () => {
  let tightened = 0;
  for (let seed = 0; seed < 400; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 20 });
    const stages = lower(network);
    const depths = ringDepths(network.input, stages);
    const made = play(network, stages, depths);
    for (const stage of stages) assert.equal(made.get(stage.name), stage.shape.height, `seed ${seed}: ${stage.name} is not finished`);
    for (const [name, depth] of depths) {
      // A folding stage writes the same row several times, and a row that nothing reads can be lost: neither shows here.
      const readAtAll = stages.some((stage) => stage.inputs.includes(name));
      if (depth === 1 || !readAtAll) continue;
      assert.throws(
        () => play(network, stages, new Map(depths).set(name, depth - 1)),
        `seed ${seed}: ${name} needs fewer than ${depth} rows`,
      );
      tightened++;
    }
  }
  assert.ok(tightened > 300, `only ${tightened} rings were tried one row short`);
});

test('rings of the planned depth lose no row of a dilated kernel', () => {
  for (let seed = 0; seed < 300; seed++) {
    const network = randomNetwork(createRandom(9000 + seed), { largest: 20, dilation: true });
    const stages = lower(network);
    const made = play(network, stages, ringDepths(network.input, stages));
    for (const stage of stages) assert.equal(made.get(stage.name), stage.shape.height, `seed ${seed}: ${stage.name} is not finished`);
  }
  const layer = { name: 'a', op: 'conv2d', inputs: [INPUT], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' } as const;
  const network: Network = { input: { height: 16, width: 16, channels: 2 }, layers: [{ ...layer, dilation: [2, 3] }] };
  assert.equal(ringDepths(network.input, lower(network)).get(INPUT), 5);
});

test('a 3x3 convolution keeps three rows, a residual waits for its longer path', () => {
  const conv = (name: string, from: string) =>
    ({ name, op: 'conv2d', inputs: [from], filters: 2, kernel: [3, 3], stride: [1, 1], padding: 'same' }) as const;
  const network: Network = {
    input: { height: 16, width: 16, channels: 2 },
    layers: [conv('a', INPUT), conv('b', 'a'), conv('c', 'b'), { name: 'sum', op: 'add', inputs: ['a', 'c'] }],
  };
  assert.deepEqual(Object.fromEntries(ringDepths(network.input, lower(network))), { input: 3, a: 3, b: 3, c: 1, sum: 1 });
});
