import { rangeBetween } from './lines.ts';
import { catalogue, type Fault, type Problem, type Range } from './problem.ts';
import type { Source } from './source.ts';
import type { PlacedFault } from './syntax.ts';
import { placeOf } from './tree.ts';

/** A fault at the place in the text where its path is written. */
export const placeFault = (fault: Fault, source: Source): Problem =>
  placeProblem({ ...fault, ...placeOf(source, fault.path, fault.at ?? 'value') }, source);

export function placeProblem({ code, start, end, message, hint, instead }: PlacedFault, source: Source): Problem {
  const range = rangeBetween(source.lines, start, end);
  return {
    code,
    severity: catalogue[code].severity,
    range,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(instead === undefined ? {} : { fixes: [replacement(range, instead)] }),
  };
}

const replacement = (range: Range, text: string) => ({
  title: text.trim() === '' ? 'Use spaces' : `Change to ${text}`,
  edits: [{ range, text }],
});
