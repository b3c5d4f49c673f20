import type { RunSummary } from '../server/protocol.ts';

const whole = new Intl.NumberFormat('en');

export const bytes = (count: number): string => `${whole.format(count)} B`;

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The best of a run so far: "96.4 % in 1,890 B". */
export function best(run: RunSummary): string | undefined {
  if (run.bestAccuracy === undefined || run.bestRamBytes === undefined) return undefined;
  return `${percent(run.bestAccuracy)} in ${bytes(run.bestRamBytes)}`;
}

/** "2 min left", rounded up; nothing when unknown. */
export function left(run: RunSummary): string | undefined {
  if (run.leftMs === undefined) return undefined;
  const seconds = Math.ceil(run.leftMs / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}
