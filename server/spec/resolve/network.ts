import { checkNetwork } from '../../network/check.ts';
import { INPUT, type Layer, type Network } from '../../network/network.ts';
import { elements, formatShape, type Shape } from '../../network/shape.ts';
import { suggestion } from '../issue.ts';
import { nearest } from '../nearest.ts';
import type { Fault, Path } from '../problem.ts';
import { remembering } from '../remember.ts';
import { type Entry, OPERATIONS, type Operation } from '../schema/network.ts';

/** What a network is read with. */
export type Known = {
  readonly input?: Shape;
  /** The shape is written, but not soundly. */
  readonly inputIsFaulty: boolean;
  readonly classCount?: number;
  /** What is wrong with the network was told before. */
  readonly isFaulty: boolean;
};

export type ResolvedNetwork = {
  readonly network?: Network;
  /** For each layer the index of its entry. */
  readonly entries: readonly number[];
  readonly faults: readonly Fault[];
};

/** The network that the entries describe, up to the first that is not a layer or cannot stand where it is. */
export const resolveNetwork = remembering((written: readonly Entry[] | undefined, known: Known): ResolvedNetwork => {
  if (!written || written.length === 0) return { entries: [], faults: [] };
  const faults: Fault[] = [];
  const { layers, entries } = resolveLayers(written, faults);
  if (!known.input) {
    if (known.inputIsFaulty) return { entries, faults };
    faults.push({
      code: 'inputShape',
      path: ['network'],
      at: 'key',
      message: 'a network written by hand needs data.shape',
      hint: 'Add shape: [height, width, channels] to data.',
    });
    return { entries, faults };
  }
  const network = { input: known.input, layers };
  const { shapes, faults: layerFaults } = checkNetwork(network);
  for (const { layer, message } of layerFaults)
    faults.push({ code: 'layer', path: entryPath(entries, layer), message, ...hintFor(message, known.input) });
  const whole = !known.isFaulty && faults.length === 0;
  const last = layers.at(-1) && shapes.get(layers[layers.length - 1].name);
  if (whole && last && known.classCount !== undefined && elements(last) !== known.classCount) {
    const message = `the last layer gives ${elements(last)} values (${formatShape(last)}) for ${known.classCount} classes`;
    faults.push({ code: 'outputs', path: entryPath(entries, layers.length - 1), message, hint: `End with dense: ${known.classCount}.` });
  }
  const sound = layerFaults.length > 0 ? layerFaults[0].layer : layers.length;
  return { network: { ...network, layers: layers.slice(0, sound) }, entries: entries.slice(0, sound), faults };
});

const entryPath = (entries: readonly number[], layer: number): Path => ['network', entries[layer] ?? 0];

const hintFor = (message: string, input: Shape): { hint?: string } =>
  input.width === 1 && message.includes('kernel is larger') ? { hint: 'A series is one wide: write kernel: [5, 1].' } : {};

/** The entries as layers with names and inputs, up to the first that is not a layer. */
function resolveLayers(written: readonly Entry[], faults: Fault[]): { layers: readonly Layer[]; entries: readonly number[] } {
  const layers: Layer[] = [];
  const entries: number[] = [];
  const nextName = defaultNames(written);
  for (const [index, entry] of written.entries()) {
    const operation = operationOf(entry, index, faults);
    if (!operation) break;
    const before = layers.at(-1)?.name ?? INPUT;
    const inputs = inputsOf(entry, index, before, layers, faults);
    if (!inputs) break;
    const name = typeof entry === 'object' ? entry.name : undefined;
    for (const layer of layersOf(entry, operation, name, inputs, nextName)) {
      layers.push(layer);
      entries.push(index);
    }
  }
  return { layers, entries };
}

function operationOf(entry: Entry, index: number, faults: Fault[]): Operation | undefined {
  if (typeof entry === 'string') return entry;
  const named = OPERATIONS.filter((operation) => entry[operation] !== undefined);
  if (named.length === 1) return named[0];
  const message =
    named.length === 0
      ? `a layer needs an operation: one of ${OPERATIONS.join(', ')}`
      : `a layer has one operation, not ${named.join(' and ')}`;
  const path = named.length === 0 ? ['network', index] : ['network', index, named[1]];
  faults.push({ code: 'operation', path, at: named.length === 0 ? 'value' : 'key', message });
  return undefined;
}

function inputsOf(entry: Entry, index: number, before: string, layers: readonly Layer[], faults: Fault[]): readonly string[] | undefined {
  const written = typeof entry === 'object' ? entry.inputs : undefined;
  if (!written) return [before];
  const known = [INPUT, ...layers.map((layer) => layer.name)];
  const unknown = written.findIndex((name) => !known.includes(name));
  if (unknown < 0) return written;
  const message = `no layer before this one is named ${written[unknown].slice(0, 40)}; there are ${known.slice(-12).join(', ')}`;
  faults.push({
    code: 'unknownLayer',
    path: ['network', index, 'inputs', unknown],
    message,
    ...suggestion(nearest(written[unknown], known)),
  });
  return undefined;
}

function layersOf(
  entry: Entry,
  operation: Operation,
  given: string | undefined,
  inputs: readonly string[],
  nextName: (stem: string) => string,
): Layer[] {
  const fields = typeof entry === 'object' ? (entry[operation] ?? {}) : {};
  if (operation !== 'separable') return [{ ...fields, op: operation, name: given ?? nextName(stems[operation]), inputs } as Layer];
  const { filters, ...window } = fields as NonNullable<Exclude<Entry, string>['separable']>;
  const depthwise: Layer = { ...window, op: 'depthwise', name: given ? nextName(`${given}_depthwise`) : nextName(stems.depthwise), inputs };
  const pointwise: Layer = {
    op: 'conv2d',
    name: given ?? nextName(stems.conv2d),
    inputs: [depthwise.name],
    filters,
    kernel: [1, 1],
    stride: [1, 1],
    padding: 'valid',
    ...(window.bits !== undefined && { bits: window.bits }),
  };
  return [depthwise, pointwise];
}

const stems = {
  conv2d: 'conv',
  depthwise: 'depthwise',
  dense: 'dense',
  maxPool: 'pool',
  averagePool: 'pool',
  globalMaxPool: 'pool',
  globalAveragePool: 'pool',
  relu: 'relu',
  batchNorm: 'norm',
  add: 'add',
  concat: 'concat',
  flatten: 'flatten',
} satisfies { [name in Exclude<Operation, 'separable'>]: string };

/** conv1, conv2, ...: the first number that the author has not used. */
function defaultNames(written: readonly Entry[]): (stem: string) => string {
  const taken = new Set<string>([INPUT]);
  for (const entry of written) if (typeof entry === 'object' && entry.name !== undefined) taken.add(entry.name);
  const counts = new Map<string, number>();
  return (stem) => {
    let count = counts.get(stem) ?? 0;
    do count++;
    while (taken.has(`${stem}${count}`));
    counts.set(stem, count);
    return `${stem}${count}`;
  };
}
