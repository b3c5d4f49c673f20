import { join } from 'node:path';
import { findChip } from '../../server/device/find.ts';
import { beginJournal, type JournalWriter } from '../../server/run/journal.ts';
import { isHolder } from '../../server/run/lock.ts';
import { priceOf } from '../../server/run/price.ts';
import { FORMAT_VERSION, type Header } from '../../server/run/record.ts';
import { decode } from '../../server/search/decode.ts';
import type { Genotype } from '../../server/search/genotype.ts';
import type { Proposal, Trial } from '../../server/search/trial.ts';

export const chip = findChip('atmega328p')!;

/** Begins a run beside a spec as a search does, with this process as its holder. */
export function beginRun(folder: string, name: string, header: Partial<Header> = {}): JournalWriter {
  const run = join(folder, '.sparse/runs', name);
  const writer = beginJournal(run, { ...plainHeader, ...header }, 'close');
  if (isHolder(writer)) throw new Error('the run is held');
  return writer;
}

const plainHeader: Header = {
  type: 'header',
  version: FORMAT_VERSION,
  atMs: Date.now() - 60_000,
  name: 'digits',
  specHash: '0'.repeat(64),
  seed: 1,
  strategy: 'evolution',
  objectives: ['error', 'ram', 'flash'],
  limits: { ram: 1792, flash: 28_672 },
  engine: 'fixture',
  versions: { sparse: '0.1.0' },
  workers: 2,
  trials: 40,
  timeMs: 120_000,
};

/** A candidate of two convolutions, priced by the plan that the Budget view shows. */
export function proposal(id: number, filters: number): Proposal {
  const layer = { type: 'conv2d', kernel: 3, stride: 1, padding: 'same', batchNorm: true } as const;
  const pool = { type: 'max', size: 2 } as const;
  const genotype: Genotype = {
    architecture: {
      downsample: pool,
      blocks: [
        { layers: [{ ...layer, filters }], residual: false, pool },
        { layers: [{ ...layer, filters: 2 * filters }], residual: false, pool },
      ],
      branches: [],
      head: 'flatten',
      dense: [],
    },
    training: { learningRate: 0.004, weightDecay: 0 },
    pruning: { structured: 0, unstructured: 0.5 },
  };
  const network = decode(genotype.architecture, { height: 28, width: 28, channels: 1 }, 10);
  if (typeof network === 'string') throw new Error(network);
  return { id, genotype, network, price: priceOf(chip, network), refused: 3, duplicates: 0 };
}

export function trial(of: Proposal, accuracy: number): Trial {
  const { refused: _, duplicates: __, ...configuration } = of;
  return { ...configuration, durationMs: 900, status: 'finished', accuracy };
}

/** Appends a proposal and its result. */
export function tell(writer: JournalWriter, id: number, filters: number, accuracy: number): Trial {
  const asked = proposal(id, filters);
  const told = trial(asked, accuracy);
  writer.append({ type: 'asked', atMs: Date.now() - 1000, proposal: asked });
  writer.append({ type: 'told', atMs: Date.now(), trial: told });
  return told;
}
