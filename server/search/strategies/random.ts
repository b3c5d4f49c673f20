import { createProposer } from '../propose.ts';
import { randomGenotype } from '../sample.ts';
import type { SearchOptions, Strategy } from '../strategy.ts';

/** Independent draws from the space, within the limits: the baseline. */
export function createRandomSearch(options: SearchOptions): Strategy {
  const proposer = createProposer(options);
  return {
    ask: () => proposer.propose((random) => ({ genotype: randomGenotype(options.space, random) })),
    tell: (trial) => proposer.note(trial),
    adopt: (proposal) => proposer.note(proposal),
  };
}
