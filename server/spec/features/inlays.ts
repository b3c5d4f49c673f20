import { formatShape } from '../../network/shape.ts';
import { formatExact } from '../format.ts';
import { rangeOf } from '../parse.ts';
import type { Position } from '../problem.ts';
import type { Examined } from './examine.ts';
import { type LayerLine, layerLines } from './layers.ts';

/** Text shown behind a line that is not part of the file. */
export type Inlay = { readonly position: Position; readonly label: string; readonly tooltip?: string };

/** Behind each layer of a hand-written network: its shape, the RAM that it adds, its flash and cycles, and how it is executed. */
export const inlays = (examined: Examined): Inlay[] =>
  layerLines(examined).map((line) => ({
    position: rangeOf(examined.parsed, line.path).end,
    label: [formatShape(line.shape), ...costs(line, examined)].join(' · '),
    ...(cyclesOf(line, examined) > 0 ? { tooltip: TOOLTIP } : {}),
  }));

const TOOLTIP =
  'Shape of the output, RAM that the layer adds, flash of its tables and code, cycles of its multiply-accumulates by the rough figure of the chip, and how it is executed. All predicted; the simulated chip tells what holds.';

function costs(line: LayerLine, examined: Examined): string[] {
  const { prices } = line;
  if (!examined.price) return [];
  if (prices.length === 0) return ['no RAM of its own'];
  const total = (of: (row: (typeof prices)[number]) => number) => prices.reduce((sum, row) => sum + of(row), 0);
  const flash = prices.every(({ flashBytes }) => flashBytes === undefined)
    ? []
    : [`${formatExact(total((row) => row.flashBytes ?? 0))} flash`];
  const cycles = cyclesOf(line, examined);
  return [
    formatExact(total(({ bufferBytes }) => bufferBytes)),
    ...flash,
    ...(flash.length > 0 && cycles > 0 ? [`~${brief(cycles)} cycles`] : []),
    prices[prices.length - 1].form,
  ];
}

const cyclesOf = ({ macs }: LayerLine, { parsed }: Examined): number => macs * (parsed.draft.target?.device.cyclesPerMac ?? 0);

/** Two digits are more than a rough figure can carry. */
function brief(count: number): string {
  const [divisor, unit] = count >= 1e6 ? [1e6, ' M'] : count >= 1e3 ? [1e3, ' k'] : [1, ''];
  return `${Number((count / divisor).toPrecision(2))}${unit}`;
}
