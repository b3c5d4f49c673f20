/** A sound spec that touches every section; the tests break it. */
export const example = `# digits on a small chip
name: digits
data:
  format: idx
  train: { samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }
  test: { samples: data/test-images-idx3-ubyte.gz, labels: data/test-labels-idx1-ubyte.gz }
  validation: 10 %
  shape: [28, 28, 1]
  classes: [zero, one, two, three, four, five, six, seven, eight, nine]
target:
  chip: atmega328p
  ram: 2 KB
  reserve: { ram: 256 B, flash: 4 KB }
network:
  - conv2d: { filters: 8, kernel: 3, stride: 2, padding: same }
  - relu
  - separable: { filters: 16, kernel: 3 }
  - maxPool: 2
  - dense: 10
search:
  strategy: evolution
  trials: 40
  time: 3 min
  seed: 7
  space: { blocks: [1, 3], ops: [conv2d, separable] }
training: { epochs: 6, learningRate: 0.004 }
pruning: { structured: [0, 0.5], unstructured: 0.8 }
objectives: [error, ram, flash]
limits: { error: 5 % }
output: { folder: firmware/lib/digits }
`;

/** The example with one stretch replaced; it must be there. */
export function changed(from: string, to: string): string {
  if (!example.includes(from)) throw new Error(`the example does not say ${from}`);
  return example.replace(from, () => to);
}
