import { elements } from '../../network/shape.ts';
import { PIXEL } from '../arena.ts';
import { command } from '../encode.ts';
import { plane, type Site, type Step, type TrainingOperator, type Wiring } from './operator.ts';
import { sparseTaps } from './sparse.ts';
import { PLAIN, packTiles, tileIndex, turned, valueOffsets } from './tiles.ts';

/** What a listed tap takes, beside one of a tile, where there is but one pixel. */
const LISTED = 2.6;

/** A convolution of one pixel: every input value is a tap. */
export const dense: TrainingOperator<'dense'> = {
  pack: ([units, inputs]) => packTiles(units, inputs),

  forward(site, { relu }) {
    const { layer, inputs, output, slots } = site;
    const taps = elements(inputs[0].shape);
    const sparse = forwardTaps(site);
    return [
      {
        channels: layer.units,
        writes: output.value,
        part: (first, count) =>
          command('convolve', {
            ...plane('output', output.value, first),
            outputColumn: PIXEL,
            ...PLAIN,
            input: inputs[0].value.at,
            ...onePixel(valueTable(site), taps),
            weights: slots.weight.at + 4 * first * taps,
            bias: slots.bias.at + 4 * first,
            channels: count,
            relu: Number(relu),
            ...sparse.of(first),
          }),
      },
    ];
  },

  learn(site) {
    const { layer, inputs, output, slots } = site;
    const taps = elements(inputs[0].shape);
    const sparse = forwardTaps(site);
    const weights: Step = {
      channels: layer.units,
      reads: output.gradient,
      part: (first, count) =>
        command('convolveWeights', {
          ...plane('gradient', output.gradient!, first),
          gradientColumn: PIXEL,
          input: inputs[0].value.at,
          ...onePixel(valueTable(site), taps),
          sums: slots.weight.sums + 16 * first * taps,
          biasSums: slots.bias.sums + 16 * first,
          channels: count,
          rowsAtOnce: 1,
          ...sparse.sumsOf(first),
        }),
    };
    return [weights];
  },

  backward(site, _index, target) {
    const { layer, inputs, output, arena } = site;
    const [input] = inputs;
    const offsets = valueOffsets(input.shape, target);
    const taps = Int32Array.from({ length: layer.units }, (_, unit) => unit * output.gradient!.channel);
    const sources = Array.from(taps, (_, unit) => (value: number) => tileIndex(unit, value, offsets.length));
    const weights = turned(site, offsets.length, sources);
    const sparse = sparseTaps(site, { channels: offsets.length, rows: 1, offsets: taps, sources, listed: LISTED });
    const fields = {
      output: target.at,
      outputChannel: 0,
      outputRow: 0,
      outputColumn: PIXEL,
      outputTable: arena.place(offsets),
      input: output.gradient!.at,
      ...onePixel(arena.place(taps), layer.units),
      weights,
      bias: 0,
      mask: input.relu ? input.value.at : 0,
      maskChannel: 0,
      maskRow: 0,
      maskColumn: PIXEL,
      maskTable: input.relu ? valueTable(site) : 0,
      channels: offsets.length,
      relu: 0,
      ...sparse.of(0),
    };
    return [{ channels: 1, part: () => command('convolve', fields) }];
  },
};

const onePixel = (taps: number, count: number) => ({
  inputRow: 0,
  inputColumn: PIXEL,
  inputRows: 1,
  taps,
  kernelRows: 1,
  rowTaps: count,
  stride: 1,
  padTop: 0,
  rows: 1,
  columns: 1,
});

function forwardTaps(site: Site<'dense'>) {
  const { layer, inputs } = site;
  const offsets = valueOffsets(inputs[0].shape, inputs[0].value);
  const sources = Array.from(offsets, (_, tap) => (unit: number) => tileIndex(unit, tap, offsets.length));
  return site.once('sparse', () => sparseTaps(site, { channels: layer.units, rows: 1, offsets, sources, listed: LISTED }));
}

const valueTable = ({ inputs: [input], table }: Wiring): number => table('taps', () => valueOffsets(input.shape, input.value));
