import { rungMeasure, STOPPED } from './halving.ts';
import { median } from './scalarise.ts';
import type { Finished } from './trial.ts';

/** With fewer to go by, what a stopped trial would have come to is not known. */
const LEAST_COMPLETE = 5;

/**
 * The error that a trial has or, where it was stopped at a rung, would have come to: what it was there, less the share that complete trials have lost since that rung (their median).
 * Undefined where too few complete trials tell. Taken as it is, a stopped trial would count as bad for its genes where it was only short of training.
 */
export function foreseenError({ accuracy, measures }: Finished, others: readonly Finished[]): number | undefined {
  const rung = measures?.[STOPPED];
  if (rung === undefined) return 1 - accuracy;
  const ratios = others.flatMap((other) => {
    const before = other.measures?.[rungMeasure(rung - 1)];
    return before === undefined || before >= 1 || other.measures?.[STOPPED] !== undefined ? [] : [(1 - other.accuracy) / (1 - before)];
  });
  return ratios.length < LEAST_COMPLETE ? undefined : Math.min(1, (1 - accuracy) * median(ratios));
}
