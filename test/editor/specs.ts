/** A spec with a network written by hand, whose first layer is too large for the chip. */
export const handWritten = `name: hand
data:
  train: { samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }
  shape: [28, 28, 1]
target:
  chip: atmega328p
  ram: 1 KB
  reserve: { ram: 512 B }
network:
  - conv2d: { filters: 16, kernel: 5, padding: same }
  - relu
  - maxPool: 2
  - conv2d: { filters: 24, kernel: 3 }
  - relu
  - globalAveragePool
  - dense: 10
`;
