import type { Header, JournalRecord } from '../../server/run/record.ts';
import { defaultSpace } from '../../server/search/space.ts';
import { createStrategy, isExhausted } from '../../server/search/strategy.ts';
import type { Proposal, Trial } from '../../server/search/trial.ts';
import { cost } from '../search/cost.ts';
import { hiddenError } from '../search/landscape.ts';

export const header: Header = {
  type: 'header',
  version: 1,
  atMs: 1_000_000,
  name: 'digits',
  specHash: 'ab'.repeat(32),
  seed: 7,
  strategy: 'evolution',
  objectives: ['error', 'ram', 'flash'],
  limits: { ram: 2048 },
  engine: 'wasm-relaxed',
  versions: { sparse: '0.1.0', node: '24.0.0' },
  workers: 2,
  trials: 20,
};

const search = {
  space: defaultSpace({ height: 16, width: 16, channels: 1 }, 4),
  price: cost,
  objectives: header.objectives,
  limits: header.limits,
  seed: header.seed,
};

/** The journal of a run with two proposals in flight at a time; each trial takes 1 s, every fifth fails. */
export function journalOf(trials: number): JournalRecord[] {
  const strategy = createStrategy('evolution', search);
  const records: JournalRecord[] = [header];
  const flying: Proposal[] = [];
  for (let step = 0; step < trials; step++) {
    const atMs = header.atMs + 1000 * (step + 1);
    while (flying.length < 2) {
      const answer = strategy.ask();
      if (isExhausted(answer)) throw new Error('exhausted');
      flying.push(answer);
      records.push({ type: 'asked', atMs: atMs - 1000, proposal: answer });
    }
    const trial = tried(flying.shift()!);
    strategy.tell(trial);
    records.push({ type: 'told', atMs, trial });
  }
  return records;
}

export function tried({ refused: _, duplicates: __, ...proposal }: Proposal): Trial {
  if (proposal.id % 5 === 4) return { ...proposal, durationMs: 900, status: 'failed', reason: 'the loss is not a number' };
  return { ...proposal, durationMs: 900, status: 'finished', accuracy: 1 - hiddenError(proposal.genotype!), measures: { loss: 0.5 } };
}
