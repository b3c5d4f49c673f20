import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user's folder: a spec and a YAML file that is none of our business. */
export function makeWorkspace(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'digits.sparse.yaml'), spec);
  writeFileSync(join(folder, 'other.yaml'), 'name: other\n');
  return folder;
}

const spec = `# Ten digits on an ATmega328P.
name: digits
data:
  train: { samples: train-images.idx.gz, labels: train-labels.idx.gz }
  validation: 10 %
  classes: ["0", "1", "2", 3]
target:
  chip: ATmega328P
  ram: 2 KB
  flash: 30.5 KB
  clock: 16 MHz
  reserve: { ram: 128 B }
search:
  trials: 12
  time: 3 min
  space:
    filters: [2, 24]
    batchNorm: true
`;
