import type { Window } from '../../network/window.ts';
import { PIXEL, type Plane } from '../arena.ts';
import { command } from '../encode.ts';
import { maskOf, plane, type Site, type Step, type TrainingOperator, type Wiring } from './operator.ts';
import { classes, classesOf, phases } from './phases.ts';
import { everyRow, horizontal, vertical, windowHalo, windowOf } from './sliding.ts';

export const depthwise: TrainingOperator<'depthwise'> = {
  halo: (layer, input) => windowHalo(windowOf(layer, input), input),

  /** [channel][tap] */
  pack([kernelY, kernelX, channels]) {
    const taps = kernelY * kernelX;
    return {
      size: taps * channels,
      index: Int32Array.from({ length: taps * channels }, (_, i) => (i % channels) * taps + Math.floor(i / channels)),
    };
  },

  forward(site, { relu }) {
    const { layer, inputs, output, slots } = site;
    const [input] = inputs;
    const window = windowOf(layer, input.shape);
    const kernel = kernelOf(site, window);
    return classes(window.rows, vertical(window, input.shape)).map(({ first: row, every, count: rows, from, ...reads }) => ({
      channels: output.shape.channels,
      reads: input.value,
      writes: output.value,
      part: (first, count) =>
        command('depthwise', {
          ...plane('output', everyRow(output.value, row, every), first),
          outputColumn: PIXEL,
          ...read(everyRow(input.value, from, window.dilationY), window, first),
          ...kernel,
          inputRows: reads.rows,
          stride: reads.stride,
          padTop: reads.pad,
          weights: slots.weight.at + 4 * first * kernel.kernelRows * kernel.rowTaps,
          weightsChannel: 4 * kernel.kernelRows * kernel.rowTaps,
          bias: slots.bias.at + 4 * first,
          ...NO_MASK,
          channels: count,
          rows,
          columns: window.columns,
          relu: Number(relu),
        }),
    }));
  },

  learn(site) {
    const { layer, inputs, output, slots } = site;
    const [input] = inputs;
    const window = windowOf(layer, input.shape);
    const kernel = kernelOf(site, window);
    return classes(window.rows, vertical(window, input.shape)).map(
      ({ first: row, every, count: rows, from, ...reads }): Step => ({
        channels: output.shape.channels,
        reads: output.gradient,
        part: (first, count) =>
          command('depthwiseWeights', {
            ...plane('gradient', everyRow(output.gradient!, row, every), first),
            ...read(everyRow(input.value, from, window.dilationY), window, first),
            ...kernel,
            inputRows: reads.rows,
            stride: reads.stride,
            padTop: reads.pad,
            sums: slots.weight.sums + 16 * first * kernel.kernelRows * kernel.rowTaps,
            biasSums: slots.bias.sums + 16 * first,
            channels: count,
            rows,
            columns: window.columns,
          }),
      }),
    );
  },

  backward(site, _index, target) {
    const { layer, inputs, output, slots, arena } = site;
    const [input] = inputs;
    const gradient = output.gradient!;
    const window = windowOf(layer, input.shape);
    if (isHalving(window)) return [unstride(site, window, target)];
    const steps: Step[] = [];
    for (const down of phases(vertical(window, input.shape))) {
      for (const right of phases(horizontal(window, input.shape))) {
        const offsets = down.taps.flatMap((ky, row) =>
          right.taps.flatMap((kx, column) => [
            row * gradient.row * down.step + column * right.step * PIXEL,
            4 * (ky * window.kernelX + kx),
          ]),
        );
        const taps = arena.place(Int32Array.from(offsets));
        for (const { first: row, every, count: rows, from, ...reads } of classesOf(down, window.rows)) {
          const at = (p: Plane): Plane => {
            const phase = everyRow(p, down.phase + row * window.strideY, every * window.strideY);
            return { ...phase, at: phase.at + right.phase * PIXEL };
          };
          const mask = input.relu ? at(input.value) : undefined;
          const source = everyRow(gradient, from, down.step);
          steps.push({
            channels: input.shape.channels,
            reads: gradient,
            writes: target,
            part: (first, count) =>
              command('depthwise', {
                ...plane('output', at(target), first),
                outputColumn: window.strideX * PIXEL,
                ...plane('input', { ...source, at: source.at - right.before * PIXEL }, first),
                inputColumn: PIXEL,
                inputRows: reads.rows,
                taps,
                kernelRows: down.taps.length,
                rowTaps: right.taps.length,
                stride: 1,
                padTop: reads.pad,
                weights: slots.weight.at + 4 * first * window.kernelY * window.kernelX,
                weightsChannel: 4 * window.kernelY * window.kernelX,
                bias: 0,
                ...NO_MASK,
                ...(mask && { ...plane('mask', mask, first), maskColumn: window.strideX * PIXEL }),
                channels: count,
                rows,
                columns: right.count,
                relu: 0,
              }),
          });
        }
      }
    }
    return steps;
  },
};

/** The common window that halves a map, whose four phases one kernel computes at a time. */
const isHalving = ({ kernelY, kernelX, strideY, strideX, dilationY, dilationX }: Window): boolean =>
  kernelY === 3 && kernelX === 3 && strideY === 2 && strideX === 2 && dilationY === 1 && dilationX === 1;

function unstride({ inputs: [input], output, slots, arena }: Site<'depthwise'>, window: Window, target: Plane): Step {
  const row = () => arena.allocate((Math.max(input.shape.width, window.columns) + 2) * PIXEL) + PIXEL;
  const [none, spill] = [row(), row()];
  return {
    channels: input.shape.channels,
    reads: output.gradient,
    writes: target,
    part: (first, count) =>
      command('depthwiseUnstride', {
        ...plane('output', target, first),
        outputRows: input.shape.height,
        outputColumns: input.shape.width,
        ...plane('gradient', output.gradient!, first),
        ...maskOf(input, first),
        weights: slots.weight.at + 36 * first,
        padTop: window.padTop,
        padLeft: window.padLeft,
        none,
        spill,
        channels: count,
        rows: window.rows,
      }),
  };
}

const NO_MASK = { mask: 0, maskChannel: 0, maskRow: 0, maskColumn: PIXEL };

const read = (value: Plane, window: Window, first: number) => ({
  ...plane('input', { ...value, at: value.at - window.padLeft * PIXEL }, first),
  inputColumn: window.strideX * PIXEL,
});

function kernelOf({ inputs: [{ value }], table }: Wiring, { kernelY, kernelX, dilationY, dilationX }: Window) {
  const offsets = () => {
    const pairs: number[] = [];
    for (let ky = 0; ky < kernelY; ky++) {
      for (let kx = 0; kx < kernelX; kx++) pairs.push(ky * dilationY * value.row + kx * dilationX * PIXEL, 4 * (ky * kernelX + kx));
    }
    return Int32Array.from(pairs);
  };
  return { taps: table('taps', offsets), kernelRows: kernelY, rowTaps: kernelX };
}
