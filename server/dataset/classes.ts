import type { Labels } from './labels.ts';
import type { ClassGroup } from './source.ts';

/** The classes of a task, and the class of each label; a label without one is left out of the data. */
export type Classes = {
  readonly names: readonly string[];
  readonly classOf: ReadonlyMap<string, number>;
};

/** Labels are bytes. */
export const MOST_CLASSES = 256;

/** The class of a sample whose label belongs to none. */
export const LEFT_OUT = -1;

/** The classes that the spec groups the training data's labels into, or one per label, in order. */
export function classesOf(labels: Labels, groups?: readonly ClassGroup[]): Classes | string {
  const occurring = [...labels.names].sort(compareLabels);
  const grouped = groups ?? occurring.map((label) => ({ name: label, labels: [label] }));
  if (grouped.length < 2 || grouped.length > MOST_CLASSES)
    return `${grouped.length === 1 ? 'one class is' : `${grouped.length} classes are`} there; 2 to ${MOST_CLASSES} can be told apart`;
  const classOf = new Map<string, number>();
  for (const [place, group] of grouped.entries()) {
    const names = group.labels.map(String);
    const twice = names.find((label) => classOf.has(label));
    if (twice !== undefined) return `label ${twice} belongs to two classes, ${grouped[classOf.get(twice)!].name} and ${group.name}`;
    for (const label of names) classOf.set(label, place);
    if (!names.some((label) => labels.names.includes(label)))
      return `class ${group.name} has no training sample: none is labelled ${names.join(' or ') || 'so'}; the labels there are ${brief(occurring)}`;
  }
  return { names: grouped.map((group) => group.name), classOf };
}

/** The class of every sample, or LEFT_OUT. */
export function classPerSample({ names, index }: Labels, { classOf }: Classes): Int16Array {
  const classes = names.map((name) => classOf.get(name) ?? LEFT_OUT);
  return Int16Array.from(index, (place) => classes[place]);
}

export function brief(labels: readonly string[]): string {
  const shown = labels.slice(0, 12);
  return shown.join(', ') + (labels.length > shown.length ? `, ... (${labels.length})` : '');
}

/** Numbers by value and before words; words by code unit, alike on every machine. */
function compareLabels(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  if (!Number.isNaN(x) && x !== y) return x - y;
  return a < b ? -1 : 1;
}
