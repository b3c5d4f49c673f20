import { formatShape } from '../../network/shape.ts';
import { formatExact } from '../format.ts';
import { rangeOf } from '../parse.ts';
import type { Position } from '../problem.ts';
import type { Examined } from './examine.ts';
import { type LayerLine, layerLines } from './layers.ts';

/** Text shown behind a line that is not part of the file. */
export type Inlay = { readonly position: Position; readonly label: string };

/** Behind each layer of a hand-written network: its shape, the RAM that it adds, and how it is executed. */
export const inlays = (examined: Examined): Inlay[] =>
  layerLines(examined).map((line) => ({
    position: rangeOf(examined.parsed, line.path).end,
    label: [formatShape(line.shape), ...ram(line, examined)].join(' · '),
  }));

function ram({ prices }: LayerLine, { price }: Examined): string[] {
  if (!price) return [];
  if (prices.length === 0) return ['no RAM of its own'];
  const bytes = prices.reduce((sum, { bufferBytes }) => sum + bufferBytes, 0);
  return [formatExact(bytes), prices[prices.length - 1].form];
}
