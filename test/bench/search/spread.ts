/** How curves of one strategy, a seed each, lie. */

/** Between two values, in proportion. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * (sorted[Math.ceil(at)] - sorted[below]);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over a curve from its second quarter on: the median over seeds. */
export const later = (curves: readonly (readonly number[])[]): number =>
  median(curves.map((volumes) => mean(volumes.slice(Math.floor(volumes.length / 4)))));

/** Median and the quartiles after so many trials. */
export function cell(curves: readonly (readonly number[])[], trials: number): string {
  const values = curves.map((volumes) => volumes[trials - 1]);
  return `${median(values).toFixed(3)} (${quantile(values, 0.25).toFixed(3)}..${quantile(values, 0.75).toFixed(3)})`;
}

/** The median over paired seeds of how much further the first is, at each mark; and on how many seeds it is ahead at the last. */
export function lead(first: readonly (readonly number[])[], second: readonly (readonly number[])[], marks: readonly number[]): string {
  const gaps = (mark: number) => first.map((volumes, seed) => volumes[mark - 1] - second[seed][mark - 1]);
  const ahead = gaps(marks[marks.length - 1]).filter((gap) => gap > 0).length;
  return `${marks.map((mark) => signed(median(gaps(mark)))).join(' ')}; ahead on ${ahead} of ${first.length} seeds`;
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
