import type { Range } from '../problem.ts';
import type { Completion } from './completion.ts';

const device = (chip: string) => `target:
  chip: ${chip}
  reserve: { ram: 256 B, flash: 4 KB }`;

/** Whole specs to begin with; the stops are what has to be filled in. */
const TEMPLATES: readonly { readonly label: string; readonly detail: string; readonly text: string }[] = [
  {
    label: 'spec for MNIST-like files',
    detail: 'images and labels in IDX files, a search for an ATmega328P',
    text: `name: $1
data:
  train: { samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }
  test: { samples: data/t10k-images-idx3-ubyte.gz, labels: data/t10k-labels-idx1-ubyte.gz }
${device('atmega328p')}
search: { trials: 120, time: 30 min }
training: { epochs: 8 }
`,
  },
  {
    label: 'spec for a folder of images',
    detail: 'PNG files, one folder per class',
    text: `name: $1
data:
  format: images
  train: { samples: data/train }
  validation: 10 %
  testShare: 20 %
${device('rp2040')}
search: { trials: 120, time: 30 min }
`,
  },
  {
    label: 'spec for a series in CSV',
    detail: 'sensor readings, one sample and its label per line',
    text: `name: $1
data:
  train: { samples: data/train.csv }
  shape: [$2, 1]
  testShare: 20 %
${device('atmega328p')}
search:
  trials: 120
  time: 30 min
`,
  },
  {
    label: 'spec with a network by hand',
    detail: 'layers whose RAM is shown as you type',
    text: `name: $1
data:
  train: { samples: data/train-images-idx3-ubyte.gz, labels: data/train-labels-idx1-ubyte.gz }
  shape: [28, 28, 1]
  testShare: 20 %
${device('atmega328p')}
network:
  - conv2d: { filters: 8, kernel: 3, stride: 2 }
  - relu
  - maxPool: 2
  - dense: 10
`,
  },
];

export const templates = (range: Range): Completion[] =>
  TEMPLATES.map(({ label, detail, text }) => ({
    label,
    kind: 'snippet',
    detail,
    documentation: `\`\`\`yaml\n${text}\`\`\``,
    snippet: text,
    range,
  }));
