import type { Outcomes } from './tally.ts';

/** How the branches of a condition go, each as a share of the times that it is come to. */
export type Odds = {
  /** It does not hold. */
  readonly fails: number;
  /** More is there than is needed: rows enough, or a row beyond that of the pixel. */
  readonly passed: number;
  /** Not enough, and not all either. */
  readonly lacks: number;
  /** Of pixels whose row was not passed: it has not begun; of all, that it is at hand, and then that the column has not come. */
  readonly before: number;
  readonly reached: number;
  readonly columnFails: number;
  /** What is needed is cut short by the input's end. */
  readonly rowCut: number;
  readonly columnCut: number;
};

export function oddsOf({ seen, held, passed, reached, rowCut, columnCut }: Outcomes): Odds {
  const all = Math.max(1, seen);
  const atHand = Math.max(1, reached);
  const fails = (seen - held) / all;
  const short = 1 - passed / all;
  return {
    fails,
    passed: passed / all,
    lacks: short > 0 ? fails / short : 0,
    before: 1 - reached / Math.max(1, all - passed),
    reached: reached / all,
    columnFails: 1 - (held - passed) / atHand,
    rowCut: rowCut / all,
    columnCut: columnCut / atHand,
  };
}
