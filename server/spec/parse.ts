import type { DataFault } from '../dataset/source.ts';
import type { Shape } from '../network/shape.ts';
import { MOST_TOLD } from './issue.ts';
import { placeFault, placeProblem } from './place.ts';
import { catalogue, type Fault, type Path, type Problem, type Range } from './problem.ts';
import { writtenShape } from './resolve/data.ts';
import { resolve } from './resolve/resolve.ts';
import { readSource, type Source } from './source.ts';
import type { FirmwareUse, ProjectChip, Spec } from './spec.ts';
import { rangeIn, sectionAt } from './tree.ts';
import { validate } from './validate.ts';

export type ParseOptions = {
  /** The shape of the data's samples and the number of its classes, where the caller has looked and the spec may not say. */
  readonly input?: Shape;
  readonly classCount?: number;
  /** What the compiled firmware takes, where the caller has read it. */
  readonly firmware?: FirmwareUse;
  /** What the firmware project says of its chip, where the caller has found one. */
  readonly project?: ProjectChip;
};

export type Parsed = {
  /** The whole spec, if no problem is an error. */
  readonly spec?: Spec;
  readonly problems: readonly Problem[];
  /** What could be understood of a spec with errors; of its network the layers before the first fault. */
  readonly draft: Partial<Spec>;
  /** For each layer of the draft's network the index of the entry that it was written as. */
  readonly layerEntries: readonly number[];
  readonly source: Source;
};

/** Reads a spec. Whatever the text, there is an answer; nothing is thrown. */
export function parseSpec(text: string, options: ParseOptions = {}): Parsed {
  const source = readSource(text);
  if (source.value === undefined)
    return { problems: source.faults.map((fault) => placeProblem(fault, source)), draft: {}, layerEntries: [], source };
  const { written, faults: schemaFaults } = validate(source.value);
  const faults = [...schemaFaults];
  const { draft, layerEntries } = resolve(written, { ...options, input: writtenShape(source.value) ?? options.input }, faults);
  const problems = [
    ...[...source.faults.slice(0, MOST_TOLD), ...source.deprecated].map((fault) => placeProblem(fault, source)),
    ...told(faults, source)
      .slice(0, MOST_TOLD)
      .map((fault) => placeFault(fault, source)),
  ];
  const sound = problems.every(({ code }) => catalogue[code].severity !== 'error');
  return { ...(sound ? { spec: draft as Spec } : {}), problems, draft, layerEntries, source };
}

/** The range of what is written at a path, or of its key; where nothing is written there, of what is nearest around it. */
export const rangeOf = (parsed: Parsed, path: Path, at: 'key' | 'value' = 'value'): Range => rangeIn(parsed.source, path, at);

/** Where a layer of the draft's network is written. */
export const layerPath = (parsed: Parsed, layer: number): Path => ['network', parsed.layerEntries[layer] ?? 0];

/** What was found wrong with the data on disk, at the place that names it. */
export const dataProblem = (parsed: Parsed, { field, message, hint }: DataFault): Problem =>
  placeFault({ code: 'data', path: ['data', ...field.split('.')], message, hint }, parsed.source);

/** What cannot be read unsettles what stands around it: of the sections it touches nothing more is told. */
function told(faults: readonly Fault[], source: Source): readonly Fault[] {
  const breaks = source.faults.filter(({ code }) => code !== 'duplicateKey' && code !== 'documents');
  if (breaks.length === 0) return faults;
  const broken = new Set(breaks.flatMap(({ start }) => [sectionAt(source, start), sectionAt(source, start - 1)]));
  return faults.filter(
    ({ path, code }) =>
      path.length > 0 &&
      (path.length > 1 || code !== 'unknownKey') &&
      code !== 'missingKey' &&
      code !== 'inputShape' &&
      !broken.has(String(path[0])),
  );
}
