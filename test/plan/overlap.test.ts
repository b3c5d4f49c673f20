import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT, type Network } from '../../server/network/network.ts';
import { elements } from '../../server/network/shape.ts';
import { lower, type Stage } from '../../server/network/stage.ts';
import { pack } from '../../server/plan/arena.ts';
import { planWith } from '../../server/plan/choose.ts';
import { placeTensors } from '../../server/plan/layout.ts';
import { leadOf, maySlide } from '../../server/plan/overlap.ts';
import type { Plan } from '../../server/plan/plan.ts';
import { ringDepths } from '../../server/plan/stream.ts';
import { allSums } from '../../server/plan/sums.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { randomNetwork } from '../support/networks.ts';

const target = planTarget({ architecture: 'generic' });

/**
 * Runs every stage over whole tensors in a memory whose bytes know whose they are. A window's stage reads all rows under its kernel, then
 * writes a row; what is written in place goes element by element. Throws when a byte that is read is another's.
 */
function play(network: Network, stages: readonly Stage[], { buffers, stages: plans, arenaBytes }: Plan): void {
  const memory = Array<string>(arenaBytes).fill('');
  const offsets = new Map(buffers.map(({ tensor, offset }) => [tensor, offset]));
  const write = (tensor: string, from: number, to: number) => {
    for (let at = from; at < to; at++) memory[offsets.get(tensor)! + at] = `${tensor} ${at}`;
  };
  const read = (tensor: string, from: number, to: number) => {
    for (let at = from; at < to; at++)
      assert.equal(memory[offsets.get(tensor)! + at], `${tensor} ${at}`, `byte ${at} of ${tensor} is lost`);
  };
  write(INPUT, 0, elements(network.input));
  stages.forEach((stage, i) => {
    const [input] = stage.inputShapes;
    const { shape, window, name, inputs } = stage;
    const [rowIn, rowOut] = [input.width * input.channels, shape.width * shape.channels];
    const inPlace = plans[i].form === 'in place';
    for (let y = 0; y < (window || inPlace ? shape.height : 1); y++) {
      const first = window ? Math.max(0, y * window.strideY - window.padTop) : 0;
      const last = window ? Math.min(input.height, y * window.strideY - window.padTop + window.spanY) : input.height;
      if (inPlace) {
        for (let x = 0; x < shape.width; x++) {
          const column = window ? x * window.strideX : x;
          const rows = window ? Array.from({ length: last - first }, (_, ky) => first + ky) : [y];
          const columns = window ? Math.min(input.width - column, window.spanX) : 1;
          for (const tensor of inputs)
            for (const row of rows) read(tensor, row * rowIn + column * input.channels, row * rowIn + (column + columns) * input.channels);
          if (!stage.raw) write(name, y * rowOut + x * shape.channels, y * rowOut + (x + 1) * shape.channels);
        }
        continue;
      }
      const readAll = () =>
        inputs.forEach((tensor, k) => {
          const { width, channels, height } = stage.inputShapes[k];
          const [from, to] = window ? [first, last] : [0, height];
          read(tensor, from * width * channels, to * width * channels);
        });
      readAll();
      if (!stage.raw) write(name, window ? y * rowOut : 0, window ? (y + 1) * rowOut : elements(shape));
      // In which order a kernel goes through a row is its own affair.
      readAll();
    }
  });
}

test('over whole tensors no byte is overwritten that is still read; with a lead one byte shorter one is', () => {
  let overlapped = 0;
  for (let seed = 0; seed < 400; seed++) {
    const network = randomNetwork(createRandom(seed), { largest: 12, dilation: seed % 3 === 0 });
    const stages = lower(network);
    const plan = planWith({ unit: 'row', streamed: 0 }, network.input, stages, target);
    play(network, stages, plan);
    for (const { stage, form } of plan.stages) {
      if (form !== 'overlapped') continue;
      overlapped++;
      const own = [stage.name, stage.inputs[0]].map((name) => plan.buffers.find(({ tensor }) => tensor === name)!);
      assert.equal(own[1].offset - own[0].offset, leadOf(stage), `seed ${seed}`);
      const alone = { ...stage, inputs: [INPUT] };
      const lead = leadOf(stage)!;
      const at = (before: number): Plan => ({
        ...plan,
        arenaBytes: lead + elements(stage.inputShapes[0]) + elements(stage.shape),
        buffers: [
          { ...own[1], tensor: INPUT, offset: before },
          { ...own[0], offset: 0 },
        ],
        stages: [{ ...plan.stages[0], form: 'overlapped' }],
      });
      const network1 = { input: stage.inputShapes[0], layers: [] };
      play(network1, [alone], at(lead));
      // The row that the first tap of a dilated kernel would lie on may not be read.
      if (stage.window!.dilationY === 1)
        assert.throws(() => play(network1, [alone], at(lead - 1)), `seed ${seed}: ${stage.name} needs no lead of ${lead}`);
    }
  }
  assert.ok(overlapped > 100, `only ${overlapped} stages overlapped`);
});

test('convolutions slide down over their inputs, each two rows before the one before it', () => {
  const conv = (name: string, from: string) =>
    ({ name, op: 'conv2d', inputs: [from], filters: 4, kernel: [3, 3], stride: [1, 1], padding: 'same' }) as const;
  const network: Network = {
    input: { height: 10, width: 10, channels: 4 },
    layers: [conv('conv', INPUT), conv('again', 'conv'), { name: 'logits', op: 'dense', inputs: ['again'], units: 3 }],
  };
  const plan = planWith({ unit: 'row', streamed: 0 }, network.input, lower(network), target);
  assert.deepEqual(
    plan.stages.map(({ form, bufferBytes }) => [form, bufferBytes]),
    [
      ['overlapped', 80],
      ['overlapped', 80],
      ['whole', 12],
    ],
  );
  assert.equal(plan.arenaBytes, 400 + 80 + 80);
});

test('of the stages that could slide those do that take least together: brute force', () => {
  for (let seed = 0; seed < 120; seed++) {
    const network = randomNetwork(createRandom(1000 + seed), { largest: 10 });
    const stages = lower(network);
    const able = stages.flatMap((stage, i) => (leadOf(stage) === undefined ? [] : [i]));
    if (!maySlide(stages, 0)) continue;
    const cut = { unit: 'row', streamed: 0 } as const;
    const sums = allSums(stages, cut, target);
    const sizes = Array.from({ length: 2 ** able.length }, (_, subset) => {
      const sliding = new Set(able.filter((_, bit) => (subset >> bit) % 2 === 1));
      const depths = ringDepths(network.input, stages);
      const { blocks, alignments } = placeTensors(cut, network.input, stages, depths, (stage) => sliding.has(stage), { sums });
      return pack(blocks, alignments).bytes;
    });
    const { arenaBytes } = planWith(cut, network.input, stages, target);
    assert.equal(arenaBytes, Math.min(...sizes), `seed ${seed}`);
  }
});
