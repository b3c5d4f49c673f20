import type { InputEncoding, Samples } from '../../server/dataset/dataset.ts';
import type { Network, OpName, Parameters } from '../../server/network/network.ts';
import { elements, type Shape } from '../../server/network/shape.ts';
import { createRandom } from '../../server/random.ts';
import { initialParameters } from '../../server/training/initial.ts';
import { mapTensors } from './tensors.ts';

export const CLASSES = 3;
export const encoding: InputEncoding = { zeroPoint: 120, deviation: 70 };

export function randomSamples(shape: Shape, count: number, seed: number): Samples {
  const random = createRandom(seed);
  const x = Uint8Array.from({ length: count * elements(shape) }, () => random.integer(256));
  return { shape, count, x, labels: Uint8Array.from({ length: count }, () => random.integer(CLASSES)) };
}

/** Written short: a layer's inputs default to the layer before it, its name to its place. */
type Sketch = { op: OpName; inputs?: string[]; name?: string; [field: string]: unknown };

export function network(input: [number, number, number], ...layers: Sketch[]): Network {
  const [height, width, channels] = input;
  const named = layers.map((layer, index) => ({ ...layer, name: layer.name ?? `l${index}` }));
  return {
    input: { height, width, channels },
    layers: named.map((layer, index) => ({
      ...('kernel' in layer ? {} : WINDOWED.has(layer.op) ? { kernel: [3, 3] } : {}),
      ...(WINDOWED.has(layer.op) ? { stride: [1, 1], padding: 'same' } : {}),
      inputs: index === 0 ? ['input'] : [named[index - 1].name],
      ...layer,
    })) as unknown as Network['layers'],
  };
}

const WINDOWED = new Set<OpName>(['conv2d', 'depthwise', 'maxPool', 'averagePool']);
const head = [{ op: 'flatten' }, { op: 'dense', units: CLASSES }] as const;
const stem = { op: 'conv2d', filters: 5, kernel: [2, 2], padding: 'valid' } as const;

const windowOptions = [
  { kernel: [1, 1] },
  { kernel: [3, 3] },
  { kernel: [2, 3] },
  { kernel: [5, 5] },
  { kernel: [2, 2], stride: [2, 2] },
  { kernel: [3, 3], stride: [2, 2] },
  { kernel: [3, 3], stride: [2, 2], padding: 'valid' },
  { kernel: [3, 2], stride: [1, 3], padding: 'valid' },
  { kernel: [1, 1], stride: [2, 3] },
  { kernel: [4, 3], stride: [3, 2] },
];

const dilated = [
  { kernel: [3, 3], dilation: [2, 2] },
  { kernel: [3, 2], dilation: [2, 3] },
  { kernel: [2, 3], dilation: [3, 1] },
  { kernel: [3, 3], dilation: [1, 2], padding: 'valid' },
  { kernel: [3, 3], dilation: [4, 2], stride: [2, 2], padding: 'same' },
  { kernel: [2, 4], dilation: [4, 2], stride: [2, 3] },
  { kernel: [3, 2], dilation: [3, 4], stride: [2, 1] },
  { kernel: [2, 1], dilation: [9, 5] },
];
const windowed = (size: number) => (size === 7 ? [...windowOptions, ...dilated] : windowOptions);

/**
 * For every operator the networks that try its options, each with a layer with weights before it, so that its input's gradient shows,
 * on odd and even extents, and with and without a ReLU on either side.
 */
export const operatorCases: { [Name in OpName]: Network[] } = {
  conv2d: [6, 7].flatMap((size) =>
    windowed(size).flatMap((window, index) => [
      network(
        [size + 1, size + 2, 2],
        { ...stem, filters: 1 + (index % 5) },
        { op: 'conv2d', filters: 1 + ((index * 3) % 7), ...window },
        ...head,
      ),
      network([size + 1, size + 1, 1], stem, { op: 'relu' }, { op: 'conv2d', filters: 6, ...window }, { op: 'relu' }, ...head),
    ]),
  ),
  depthwise: [6, 7].flatMap((size) =>
    windowed(size).flatMap((window) => [
      network([size + 1, size + 2, 2], stem, { op: 'depthwise', ...window }, ...head),
      network([size + 1, size + 1, 1], stem, { op: 'relu' }, { op: 'depthwise', ...window }, { op: 'relu' }, ...head),
      network([size, size, 3], { op: 'depthwise', ...window }, ...head),
    ]),
  ),
  dense: [
    network([3, 4, 2], { op: 'dense', units: 7 }, { op: 'relu' }, { op: 'dense', units: CLASSES }),
    network(
      [4, 4, 1],
      { ...stem, padding: 'same' },
      { op: 'relu' },
      { op: 'dense', units: 6 },
      { op: 'relu' },
      { op: 'dense', units: CLASSES },
    ),
    network(
      [4, 4, 1],
      { ...stem, padding: 'same' },
      { op: 'dense', units: 1 },
      { op: 'relu' },
      { op: 'dense', units: CLASSES },
      { op: 'relu' },
    ),
  ],
  maxPool: pools('maxPool'),
  averagePool: pools('averagePool'),
  globalMaxPool: [
    network([5, 6, 1], stem, { op: 'globalMaxPool' }, ...head),
    network([5, 6, 1], stem, { op: 'relu' }, { op: 'globalMaxPool' }, ...head),
  ],
  globalAveragePool: [
    network([5, 6, 1], stem, { op: 'globalAveragePool' }, ...head),
    network([5, 6, 1], stem, { op: 'relu' }, { op: 'globalAveragePool' }, { op: 'relu' }, ...head),
    network([5, 6, 1], { ...stem, filters: CLASSES }, { op: 'globalAveragePool' }),
  ],
  relu: [
    network([5, 5, 1], { op: 'relu' }, stem, { op: 'relu' }, { op: 'relu' }, ...head),
    network([5, 5, 2], { ...stem, name: 'a' }, { op: 'relu', name: 'b' }, { op: 'add', inputs: ['a', 'b'] }, { op: 'relu' }, ...head),
    network([5, 5, 2], stem, { op: 'relu', max: 0.7 }, { op: 'depthwise' }, { op: 'relu', max: 1 }, ...head, { op: 'relu', max: 1.5 }),
    network([5, 5, 2], stem, { op: 'maxPool', kernel: [2, 2] }, { op: 'relu', max: 0.4 }, { op: 'conv2d', filters: 3 }, ...head),
    network([5, 5, 2], stem, { op: 'batchNorm' }, { op: 'relu', max: 0.6 }, { op: 'averagePool', kernel: [2, 2] }, ...head),
    network(
      [5, 5, 2],
      { ...stem, name: 'a' },
      { op: 'relu', max: 2, name: 'b' },
      { op: 'relu', max: 0.5, name: 'c' },
      { op: 'concat', inputs: ['b', 'c'] },
      { op: 'relu', max: 0.8 },
      ...head,
    ),
  ],
  batchNorm: [
    network([5, 5, 2], stem, { op: 'batchNorm' }, { op: 'relu' }, { op: 'maxPool', kernel: [2, 2] }, ...head),
    network([5, 5, 2], stem, { op: 'relu' }, { op: 'depthwise', stride: [2, 2] }, { op: 'batchNorm' }, ...head),
    network([5, 5, 2], stem, { op: 'dense', units: 6 }, { op: 'batchNorm' }, { op: 'relu' }, { op: 'dense', units: CLASSES }),
  ],
  add: [
    network(
      [5, 5, 2],
      { ...stem, name: 'a' },
      { op: 'relu', name: 'r' },
      { op: 'conv2d', filters: 5 },
      { op: 'relu', name: 'c' },
      { op: 'depthwise', name: 'd' },
      { op: 'add', inputs: ['r', 'c', 'd'] },
      { op: 'relu' },
      ...head,
    ),
    network([5, 5, 2], { ...stem, name: 'a' }, { op: 'add', inputs: ['a', 'a'] }, ...head),
  ],
  concat: [
    network(
      [5, 5, 2],
      { ...stem, name: 'a' },
      { op: 'relu', name: 'r' },
      { op: 'conv2d', filters: 2, name: 'c' },
      { op: 'maxPool', inputs: ['r'], name: 'p' },
      { op: 'concat', inputs: ['r', 'c', 'p'] },
      { op: 'relu' },
      { op: 'conv2d', filters: 3 },
      ...head,
    ),
    network(
      [4, 4, 2],
      { op: 'conv2d', filters: 3, name: 'a' },
      { op: 'concat', inputs: ['input', 'a', 'a'] },
      { op: 'conv2d', filters: 2 },
      ...head,
    ),
  ],
  flatten: [network([3, 5, 4], ...head), network([3, 5, 4], { op: 'conv2d', filters: 6 }, ...head)],
};

function pools(op: 'maxPool' | 'averagePool'): Network[] {
  return [6, 7].flatMap((size) =>
    windowOptions.flatMap((window) => [
      network([size + 1, size + 2, 2], stem, { op, ...window }, ...head),
      network([size + 1, size + 1, 1], stem, { op: 'relu' }, { op, ...window }, { op: 'relu' }, ...head),
      network([size, size, 2], { op, ...window }, ...head),
    ]),
  );
}

/** Whole networks: side branches, residuals, a series, a tensor with many readers. */
export const wholeNetworks: { [name: string]: Network } = {
  'a stack of convolutions': network(
    [10, 10, 1],
    { op: 'conv2d', filters: 6, padding: 'valid' },
    { op: 'maxPool', kernel: [2, 2], stride: [2, 2] },
    { op: 'relu' },
    { op: 'conv2d', filters: 5 },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'depthwise', stride: [2, 2] },
    { op: 'conv2d', kernel: [1, 1], filters: 9 },
    { op: 'relu' },
    { op: 'globalAveragePool' },
    { op: 'dense', units: CLASSES },
  ),
  'a residual and a side branch': network(
    [8, 8, 3],
    { op: 'averagePool', kernel: [2, 2], stride: [2, 2] },
    { op: 'conv2d', filters: 6, name: 'first' },
    { op: 'batchNorm' },
    { op: 'relu', name: 'trunk' },
    { op: 'conv2d', filters: 6 },
    { op: 'batchNorm', name: 'branch' },
    { op: 'add', inputs: ['trunk', 'branch'], name: 'sum' },
    { op: 'relu', name: 'joined' },
    { op: 'maxPool', kernel: [2, 2], stride: [2, 2], name: 'pooled' },
    { op: 'flatten', name: 'flat' },
    { op: 'dense', units: 7, name: 'hidden' },
    { op: 'relu', name: 'left' },
    { op: 'dense', units: 4, inputs: ['trunk'], name: 'right' },
    { op: 'concat', inputs: ['left', 'right'] },
    { op: 'dense', units: CLASSES },
  ),
  'a series': network(
    [24, 1, 3],
    { op: 'conv2d', filters: 6, kernel: [5, 1], stride: [2, 1] },
    { op: 'relu' },
    { op: 'depthwise', kernel: [3, 1] },
    { op: 'conv2d', filters: 7, kernel: [1, 1] },
    { op: 'batchNorm' },
    { op: 'relu' },
    { op: 'maxPool', kernel: [2, 1], stride: [2, 1] },
    { op: 'flatten' },
    { op: 'dense', units: CLASSES },
  ),
  'a series with dilated kernels': network(
    [30, 1, 2],
    { op: 'conv2d', filters: 6, kernel: [3, 1], dilation: [2, 1] },
    { op: 'relu' },
    { op: 'depthwise', kernel: [4, 1], dilation: [4, 1], stride: [2, 1] },
    { op: 'conv2d', filters: 5, kernel: [3, 1], dilation: [3, 1], stride: [3, 1], padding: 'valid' },
    ...head,
  ),
  'no weights': network([6, 6, CLASSES], { op: 'maxPool', kernel: [2, 2] }, { op: 'globalAveragePool' }),
  'a series with a square kernel': network([9, 1, 2], { op: 'conv2d', filters: 4 }, { op: 'relu' }, { op: 'conv2d', filters: 3 }, ...head),
  'one pixel away from all edges': network(
    [5, 1, 2],
    { op: 'conv2d', filters: 4, stride: [2, 2] },
    { op: 'relu' },
    { op: 'conv2d', filters: 3 },
    ...head,
  ),
};

/** A network of a few random blocks: convolutions with and without batch norm, depthwise, pools, residuals, branches. */
export function randomNetwork(seed: number): Network {
  const random = createRandom(seed);
  const layers: Sketch[] = [];
  const extent = 6 + random.integer(5);
  const input: [number, number, number] =
    random.next() < 0.2 ? [2 * extent, 1, 2] : [extent, extent + random.integer(3), 1 + random.integer(3)];
  const series = input[1] === 1;
  const kernel = () => (series ? [1 + random.integer(4), 1] : [1 + random.integer(3), 1 + random.integer(3)]);
  const push = (sketch: Sketch) => layers.push(sketch);
  const tidy = () => {
    if (random.next() < 0.5) push({ op: 'batchNorm' });
    if (random.next() < 0.7) push({ op: 'relu' });
    return (layers[layers.length - 1].name ??= `n${layers.length}`);
  };
  const convolve = (filters: number, more: object = {}) => {
    push({ op: 'conv2d', filters, kernel: kernel(), ...more });
    return tidy();
  };
  let filters = 2 + random.integer(6);
  let at = convolve(filters);
  for (let block = random.integer(4); block >= 0; block--) {
    const kind = random.integer(5);
    if (kind === 0) {
      filters = 2 + random.integer(7);
      at = convolve(filters, { stride: series ? [2, 1] : [1 + random.integer(2), 2] });
    } else if (kind === 1) {
      push({ op: 'depthwise', kernel: kernel(), stride: series ? [1, 1] : [1 + random.integer(2), 1 + random.integer(2)] });
      at = tidy();
    } else if (kind === 2) {
      push({ op: random.next() < 0.5 ? 'maxPool' : 'averagePool', kernel: kernel(), name: (at = `pool${block}`) });
    } else if (kind === 3) {
      const branch = convolve(filters);
      push({ op: 'add', inputs: random.next() < 0.5 ? [at, branch] : [branch, at], name: (at = `add${block}`) });
    } else {
      const more = 1 + random.integer(4);
      const branch = convolve(more);
      push({ op: 'concat', inputs: [branch, at], name: (at = `concat${block}`) });
      filters += more;
    }
  }
  const ending = random.integer(3);
  if (ending === 0) push({ op: 'flatten' });
  else push({ op: ending === 1 ? 'globalAveragePool' : 'globalMaxPool' });
  if (random.next() < 0.5) layers.push({ op: 'dense', units: 2 + random.integer(6) }, { op: 'relu' });
  return network(input, ...layers, { op: 'dense', units: CLASSES });
}

/** Parameters with nothing left at zero or one, and positive variances. */
export function anyParameters(of: Network, seed: number): Parameters {
  const random = createRandom(seed);
  return mapTensors(initialParameters(of, random), (values) => values.map((value) => value + random.uniform(-0.3, 0.3)));
}
