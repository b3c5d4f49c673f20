import type { GeneratedFile } from '../codegen/generate.ts';
import { elements } from '../network/shape.ts';
import { createInterpreter } from '../quantize/interpreter.ts';
import { encodingOf, type QuantizedNetwork } from '../quantize/network.ts';
import type { Answers, runProbed } from './host.ts';

/** Where code first goes another way than the interpreter: of all layers the first, and of its elements the first. */
export type Divergence = {
  /** Of those that were run. */
  readonly sample: number;
  readonly layer: string;
  readonly y: number;
  readonly x: number;
  readonly channel: number;
  readonly expected: number;
  readonly actual: number;
};

/**
 * Finds what differs in one sample. Each call of a layer's function in the C as it stands is followed by a probe, which hands out what was just
 * made; where the layers themselves are right, it is the logits that differ.
 */
export async function locate(
  network: QuantizedNetwork,
  name: string,
  files: readonly GeneratedFile[],
  sample: Uint8Array,
  run: typeof runProbed,
): Promise<Omit<Divergence, 'sample'> | undefined> {
  const interpreter = createInterpreter(network);
  interpreter.run(sample);
  const probedFiles = files.map((file) => (file.path === `${name}.c` ? { path: file.path, content: probed(file.content, network) } : file));
  const records = await run(name, probedFiles, sample).catch(() => undefined);
  const filled = network.stages.map(() => 0);
  const found = new Map<number, Omit<Divergence, 'sample'>>();
  for (const { stage: index, bytes } of records ?? []) {
    const stage = network.stages[index];
    if (!stage) continue;
    const expected = interpreter.tensors.get(stage.name)!;
    const { unsigned } = encodingOf(network, stage.name);
    bytes.forEach((byte, i) => {
      const at = filled[index] + i;
      const actual = unsigned ? byte : (byte << 24) >> 24;
      if (!found.has(index) && at < expected.length && actual !== expected[at])
        found.set(index, { layer: stage.name, ...placeOf(network, index, at), expected: expected[at], actual });
    });
    filled[index] += bytes.length;
  }
  return found.get(Math.min(...found.keys()));
}

/** The first logit that differs. */
export function differingLogit(
  network: QuantizedNetwork,
  sample: Uint8Array,
  logits: Answers['logits'],
): Omit<Divergence, 'sample'> | undefined {
  const expected = createInterpreter(network).run(sample);
  const at = expected.findIndex((logit, i) => logits[i] !== logit);
  const last = network.stages.length - 1;
  if (at < 0) return undefined;
  return { layer: network.stages[last].name, ...placeOf(network, last, at), expected: expected[at], actual: logits[at] };
}

function placeOf(network: QuantizedNetwork, stage: number, at: number): { y: number; x: number; channel: number } {
  const { width, channels } = network.stages[stage].shape;
  return { y: Math.floor(at / (width * channels)), x: Math.floor(at / channels) % width, channel: at % channels };
}

/** The C with `sparse_probe(stage, place, bytes)` behind all that makes a row or a pixel of a layer. */
export function probed(source: string, network: QuantizedNetwork): string {
  const targets = new Map<string, string>();
  const lines = source.split('\n').map((line) => {
    const call = /^(\s*)(?:state = )?L_(\w+)_(row|fold|close|pixel)\((.*)\);$/.exec(line);
    const counted = /^\s*\+\+state->rows_(\w+);$/.exec(line);
    const folded = /^\s*if \(L_(\w+)_fold\(state\)\) \{$/.exec(line);
    if (counted && targets.has(counted[1])) return `${probe(network, counted[1], targets.get(counted[1])!, 'row')} ${line}`;
    if (folded) return `${line} ${probe(network, folded[1], madeIn(source, folded[1], 'fold'), 'pixel')}`;
    if (!call) return line;
    const [, indent, layer, kind, args] = call;
    const stage = network.stages.find((each) => each.name === layer);
    const given = topLevel(args);
    if (kind === 'fold' && stage?.op === 'maxPool' && given.length > 1) targets.set(layer, given[1]);
    if (kind === 'fold' || !stage || stage.raw) return line;
    const pixel = kind === 'pixel';
    const target = pixel ? madeIn(source, layer, 'pixel') : given[kind === 'close' ? 1 : stage.inputs.length];
    return `${indent}{ ${line.trim()} ${probe(network, layer, target, pixel ? 'pixel' : 'row')} }`;
  });
  return `void sparse_probe(unsigned stage, const void *from, unsigned bytes);\n${lines.join('\n')}`;
}

function probe(network: QuantizedNetwork, layer: string, target: string | undefined, unit: 'row' | 'pixel'): string {
  const index = network.stages.findIndex((stage) => stage.name === layer);
  if (index < 0 || target === undefined) return '';
  const { width, channels } = network.stages[index].shape;
  return `sparse_probe(${index}, ${target}, ${unit === 'row' ? width * channels : channels});`;
}

/** C of where a function that takes the state writes the first channel of its pixel. */
function madeIn(source: string, layer: string, kind: 'pixel' | 'fold'): string | undefined {
  const at = source.indexOf(`L_${layer}_${kind}(`);
  const [, target] = /\*output = (.*);$/m.exec(source.slice(Math.max(0, at))) ?? [];
  return target?.replace(/ \+ (filter|channel)$/, '');
}

/** Arguments of a call, split at the commas outside of brackets. */
function topLevel(args: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of args) {
    if (letter === '(' || letter === '[') depth++;
    if (letter === ')' || letter === ']') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

/** The input of one sample, [sampleBytes]. */
export const sampleAt = (network: QuantizedNetwork, samples: Uint8Array, index: number): Uint8Array => {
  const size = elements(network.input.shape);
  return samples.subarray(index * size, (index + 1) * size);
};
