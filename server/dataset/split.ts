import type { Random } from '../random.ts';
import { LEFT_OUT } from './classes.ts';

export type Shares = { readonly validation: number; readonly test: number };

/** Indices of samples, ascending. */
export type Partition = { readonly train: Uint32Array; readonly validation: Uint32Array; readonly test: Uint32Array };

/**
 * Sets shares of the samples aside by seeded choice: each class gives its share to within one item, and always keeps one item to train on;
 * the whole is the share of all samples, rounded, wherever that allows it. What is set aside for the test does not depend on the validation share.
 */
export function stratify(classes: Int16Array, count: number, shares: Shares, random: Random): Partition {
  const members: number[][] = Array.from({ length: count }, () => []);
  classes.forEach((each, sample) => {
    if (each !== LEFT_OUT) members[each].push(sample);
  });
  members.forEach((samples, each) => {
    random.fork(each).shuffle(samples);
  });
  const sizes = members.map((samples) => samples.length);
  const tests = apportion(sizes, shares.test, sizes.map(keepOne));
  const validations = apportion(
    sizes,
    shares.validation,
    sizes.map((size, each) => keepOne(size) - tests[each]),
  );
  const pick = (from: (each: number) => number, to: (each: number) => number) =>
    Uint32Array.from(members.flatMap((samples, each) => samples.slice(from(each), to(each)))).sort();
  return {
    test: pick(
      () => 0,
      (each) => tests[each],
    ),
    validation: pick(
      (each) => tests[each],
      (each) => tests[each] + validations[each],
    ),
    train: pick(
      (each) => tests[each] + validations[each],
      (each) => sizes[each],
    ),
  };
}

const keepOne = (size: number): number => Math.max(size - 1, 0);

/** Largest remainders: every class gets the whole part of its share, the rest goes one by one to those that miss most; none gets more than its limit. */
function apportion(sizes: readonly number[], share: number, limits: readonly number[]): number[] {
  const exact = sizes.map((size) => size * share);
  const counts = exact.map((value, each) => Math.min(Math.floor(value), limits[each]));
  const missing = Math.round(exact.reduce((sum, value) => sum + value, 0)) - counts.reduce((sum, value) => sum + value, 0);
  const neediest = sizes
    .map((_, each) => each)
    .filter((each) => counts[each] < limits[each] && exact[each] > counts[each])
    .sort((a, b) => exact[b] - counts[b] - (exact[a] - counts[a]) || a - b);
  for (const each of neediest.slice(0, Math.max(missing, 0))) counts[each]++;
  return counts;
}
