/** Channels are removed in this many steps. */
export const STRUCTURED_STEPS = 3;

/** Of the channels that are left after `done` steps, the share to remove so that those of `due` steps are gone. */
export function furtherShare(total: number, done: number, due: number): number {
  const left = (steps: number) => 1 - (total * steps) / STRUCTURED_STEPS;
  return 1 - left(due) / left(done);
}

/** The shares that the steps remove, one after the other, of what each finds. */
export const structuredSteps = (total: number): number[] =>
  Array.from({ length: STRUCTURED_STEPS }, (_, done) => furtherShare(total, done, done + 1));
