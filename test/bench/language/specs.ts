import { readFileSync } from 'node:fs';

const digits = readFileSync(new URL('../../../media/examples/digits/digits.sparse.yaml', import.meta.url), 'utf8');

const layers = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => {
    const name = `layer${from + index}`;
    if (index % 3 === 1) return `  - relu\n`;
    return `  - conv2d:\n      filters: ${4 + (index % 5)}\n      kernel: 3\n      padding: same\n    name: ${name}\n`;
  }).join('');

const withNetwork = (text: string): string =>
  digits
    .replace('  validation:', '  shape: [28, 28, 1]\n  validation:')
    .replace('search:', `network:\n${text}  - maxPool: 4\n  - dense: 10\nsearch:`);

const padded = (text: string, lines: number): string =>
  text + '# what was tried before, and what came of it\n'.repeat(Math.max(0, lines - text.split('\n').length + 1));

/** The digits example with a network by hand of thirty layers. */
export const spec200 = padded(withNetwork(layers(28)), 200);

/** Two kinds of long files: a network between comments, and far more layers than a network may have. */
export const longSpec: { readonly [name: string]: string } = {
  comments: padded(withNetwork(layers(28)), 10_000),
  layers: padded(withNetwork(layers(2700)), 10_000),
};
