import { formatExact } from '../format.ts';
import type { Parsed } from '../parse.ts';
import { rangeOf } from '../parse.ts';
import type { Range } from '../problem.ts';

/** A command shown above a line. */
export type Lens = { readonly range: Range; readonly title: string; readonly command: string };

/** What the newest run of the spec came to. */
export type LastRun = {
  readonly status: 'running' | 'finished' | 'cancelled' | 'interrupted' | 'failed';
  readonly bestAccuracy?: number;
  readonly bestRamBytes?: number;
};

/** Above the spec's first line: its search is started, taken up again, and its result shown. */
export function lenses(parsed: Parsed, last?: LastRun): Lens[] {
  if (parsed.source.value === null || parsed.source.value === undefined) return [];
  const range = rangeOf(parsed, []);
  const run = { range, title: 'Run SpArSe Search', command: 'sparse.runSearch' };
  if (!last) return [run];
  const resume = { range, title: 'Resume', command: 'sparse.resumeSearch' };
  const result = { range, title: resultOf(last), command: 'sparse.showBudget' };
  return [run, ...(last.status === 'cancelled' || last.status === 'interrupted' ? [resume] : []), result];
}

function resultOf({ status, bestAccuracy, bestRamBytes }: LastRun): string {
  if (bestAccuracy === undefined || bestRamBytes === undefined) return `Open Budget (${status})`;
  return `Open Budget: ${(bestAccuracy * 100).toFixed(1)} % with ${formatExact(bestRamBytes)} of RAM${status === 'running' ? ', running' : ''}`;
}
