import { formatShape } from '../../network/shape.ts';
import { formatCount, formatExact } from '../format.ts';
import { valueAt } from '../issue.ts';
import { offsetAt, rangeBetween } from '../lines.ts';
import type { Path, Position, Range } from '../problem.ts';
import type { JsonSchema } from '../schema/json.ts';
import { allowed, schemasAt } from '../schema/walk.ts';
import { budgetOf, type Target } from '../spec.ts';
import { pathAt } from '../tree.ts';
import { resolved } from '../units.ts';
import type { Examined } from './examine.ts';
import { type LayerLine, layerLines } from './layers.ts';
import type { LayerPrice, NetworkPrice } from './price.ts';

export type Hover = { readonly range: Range; readonly markdown: string };

/** What is known of the word at a position: of a key its meaning, of a size or a layer the sum behind it. */
export function hover(examined: Examined, position: Position): Hover | undefined {
  const { source, draft } = examined.parsed;
  const found = pathAt(source.root, offsetAt(source.lines, position));
  if (!found) return undefined;
  const { path, place } = found;
  const blocks = [...layerBlocks(examined, path), ...meaning(path, valueAt(source.value, path))];
  if (path[0] === 'target' && draft.target) blocks.push(budgetTable(draft.target));
  if (blocks.length === 0) return undefined;
  return { range: rangeBetween(source.lines, place.start, place.end), markdown: blocks.join('\n\n') };
}

function meaning(path: Path, value: unknown): string[] {
  const schemas = schemasAt(isOperation(path, value) ? [...path, String(value)] : path);
  if (schemas.length === 0) return [];
  const [node] = schemas;
  const description = node.description ?? (typeof path.at(-1) === 'number' ? schemasAt(path.slice(0, -1))[0]?.description : undefined);
  const expected = [...new Set(schemas.map(allowed))].join(', or ');
  const base = typeof value === 'string' || typeof value === 'number' ? resolved(node.title ?? '', value) : undefined;
  return [
    ...(description ? [description] : []),
    [`Allowed: ${expected}.`, ...standard(node), ...(base === undefined ? [] : [`Here: ${base}.`])].join(' '),
  ];
}

/** A layer that is written as its operation alone. */
const isOperation = (path: Path, value: unknown): boolean => path[0] === 'network' && path.length === 2 && typeof value === 'string';

const standard = (node: JsonSchema): string[] => {
  const value = node.default;
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return [];
  return [`Default: ${Array.isArray(value) ? `[${value.join(', ')}]` : value}.`];
};

/** What the target has, less what is reserved. */
function budgetTable(target: Target): string {
  const { device, firmware, project, reserve } = target;
  const left = budgetOf({ target });
  return [
    '| | RAM | flash |',
    '|---|---:|---:|',
    `| ${device.name}${project === undefined ? '' : `, from ${project}`} | ${formatExact(device.ramBytes)} | ${formatExact(device.flashBytes)} |`,
    ...(firmware
      ? [`| your firmware, ${firmware.file} | −${formatExact(firmware.ramBytes)} | −${formatExact(firmware.flashBytes)} |`]
      : []),
    `| reserve | −${formatExact(reserve.ramBytes)} | −${formatExact(reserve.flashBytes)} |`,
    `| left for the network | **${formatExact(left.ramBytes)}** | **${formatExact(left.flashBytes)}** |`,
  ].join('\n');
}

/** On a layer's own line, not on its settings. */
function layerBlocks(examined: Examined, path: Path): string[] {
  if (path[0] !== 'network') return [];
  if (path.length === 1) return examined.price ? [networkTable(examined.price, examined.parsed.draft.target)] : [];
  const line = path.length <= 3 ? layerLines(examined).find((each) => each.path[1] === path[1]) : undefined;
  if (!line || (path.length === 3 && (path[2] === 'name' || path[2] === 'inputs'))) return [];
  const { price, parsed } = examined;
  const tables = price ? line.prices.map((row) => layerTable(row, price, parsed.draft.target)) : [];
  return [heading(line), ...tables];
}

const heading = ({ layers, shape, parameters, macs, prices }: LayerLine): string =>
  [
    `**${layers[layers.length - 1].name}** gives ${formatShape(shape)}`,
    ...(parameters > 0 ? [`${formatCount(parameters)} parameters`] : []),
    ...(macs > 0 ? [`${formatCount(macs)} multiply-accumulates`] : []),
    ...(prices.some(({ flashBytes }) => flashBytes !== undefined)
      ? [`${formatExact(prices.reduce((sum, { flashBytes }) => sum + (flashBytes ?? 0), 0))} of flash`]
      : []),
  ].join(', ');

function layerTable(row: LayerPrice, price: NetworkPrice, target: Target | undefined): string {
  return [
    `| ${row.layer}, ${row.form} | RAM |`,
    '|---|---:|',
    `| its own buffer | ${formatExact(row.bufferBytes)} |`,
    `| what else is in use while it runs, stack included | ${formatExact(row.liveBytes - row.bufferBytes)} |`,
    `| sum${row.layer === price.peak ? ', the peak of the network' : ''} | **${formatExact(row.liveBytes)}** |`,
    ...(target ? [`| left on the ${target.device.name} | ${formatExact(budgetOf({ target }).ramBytes)} |`] : []),
  ].join('\n');
}

function networkTable(price: NetworkPrice, target: Target | undefined): string {
  const left = target && budgetOf({ target });
  return [
    '| layer | shape | its own buffer | in use while it runs |',
    '|---|---|---:|---:|',
    ...price.layers.map(
      (row) =>
        `| ${row.layer}, ${row.form} | ${row.shape} | ${formatExact(row.bufferBytes)} | ${inBold(row.liveBytes, row.layer === price.peak)} |`,
    ),
    '',
    `RAM: **${formatExact(price.ramBytes)}**${left ? ` of ${formatExact(left.ramBytes)}` : ''}, while ${price.peak} runs.${flashOf(price, left?.flashBytes)}`,
  ].join('\n');
}

const flashOf = ({ flashBytes }: NetworkPrice, left: number | undefined): string =>
  flashBytes === undefined ? '' : ` Flash: **${formatExact(flashBytes)}**${left === undefined ? '' : ` of ${formatExact(left)}`}.`;

const inBold = (bytes: number, bold: boolean): string => (bold ? `**${formatExact(bytes)}**` : formatExact(bytes));
