import { formatExtents, type NumberArray } from './array.ts';

/** The label of every sample. */
export type Labels = {
  /** The different labels, as they are written in the data. */
  readonly names: readonly string[];
  /** For each sample the place of its label in `names`. */
  readonly index: Uint16Array;
};

/** More different labels than this are not labels. */
export const MOST_LABELS = 1024;

/** The labels of an array [samples] or [samples, 1] of whole numbers. */
export function labelsOf({ extents, values }: NumberArray): Labels | string {
  if (extents.slice(1).some((extent) => extent !== 1))
    return `has the shape ${formatExtents(extents)}; labels are one whole number per sample, [samples]`;
  const fraction = values.findIndex((value: number) => !Number.isSafeInteger(value));
  if (fraction >= 0) return `holds ${values[fraction]} at sample ${fraction}; labels are whole numbers`;
  return collectLabels(values);
}

/** Numbers the labels in the order of their first use. */
export function collectLabels(labels: ArrayLike<number | string>): Labels | string {
  const places = new Map<number | string, number>();
  const index = new Uint16Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    let place = places.get(labels[i]);
    if (place === undefined) {
      if (places.size === MOST_LABELS) return `holds more than ${MOST_LABELS} different labels`;
      place = places.size;
      places.set(labels[i], place);
    }
    index[i] = place;
  }
  return { names: Array.from(places.keys(), String), index };
}
