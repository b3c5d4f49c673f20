import { setImmediate as turn } from 'node:timers/promises';
import { createStrategy, type Exhausted, isExhausted, type Strategy } from '../search/strategy.ts';
import type { Proposal, Trial } from '../search/trial.ts';
import { ahead } from './ahead.ts';
import { writeCandidate } from './candidate.ts';
import { createGiven } from './given.ts';
import { priceBeforeTraining } from './price.ts';
import type { Ledger, SearchRun, Workers } from './search.ts';
import { finalRecipeOf, searchOptions } from './setting.ts';
import { measuresOf, prepare } from './task.ts';

/** Where finalists are trained on, this share of the run's time is kept for them. */
const FINAL_SHARE = 0.2;

/** After so many errors in a row, which trainings that diverge are not, the search gives up: more trials will not mend what is wrong. */
const MOST_ERRORS = 4;

/** Keeps the workers busy until trials or time are used up, or the signal aborts. Returns why it ended. */
export async function tryProposals(run: SearchRun, pool: Workers, ledger: Ledger): Promise<string> {
  const ending = watch(leftMs(run, ledger.state().spentMs), run.signal);
  try {
    const reason = await keepTrying(run, pool, ledger, ending);
    return ending.timeUp() ? 'the time is up' : reason;
  } finally {
    ending.close();
  }
}

async function keepTrying(run: SearchRun, pool: Workers, { state, record }: Ledger, ending: ReturnType<typeof watch>): Promise<string> {
  const { now, workers, trials } = run;
  const strategy = ahead(strategyOf(run));
  for (const trial of state().trials) strategy.tell(trial);
  const pending = [...state().pending];
  for (const proposal of pending) strategy.adopt(proposal);
  const flights = new Set<Promise<void>>();
  const errors: string[] = [];
  let reason = 'all trials are done';
  while (!ending.reached() && errors.length < MOST_ERRORS) {
    const isMore = state().trials.length + flights.size < trials;
    if (isMore && flights.size < workers) {
      const adopted = pending.shift();
      const proposal = adopted ?? strategy.ask();
      if (!isExhausted(proposal)) {
        reason = 'all trials are done';
        if (!adopted) record({ type: 'asked', atMs: now(), proposal });
        const flight = attempt(run, pool, proposal, state().trials, errors).then((trial) => {
          flights.delete(flight);
          if (!trial) return;
          strategy.tell(trial);
          record({ type: 'told', atMs: now(), trial });
        });
        flight.catch(() => {}); // told by whoever awaits it; another may have failed before
        flights.add(flight);
        continue;
      }
      record({ type: 'refused', atMs: now(), refused: proposal.refused, duplicates: proposal.duplicates });
      reason = exhaustion(proposal);
    }
    if (flights.size === 0) break;
    // A lone worker waits: each of its proposals knows every trial before it, and its search can be repeated.
    if (isMore && workers > 1 && flights.size === workers && pending.length === 0 && !strategy.isAhead) {
      await turn();
      if (flights.size === workers) strategy.askAhead();
    } else await Promise.race([...flights, ending.promise]);
  }
  // What is in training when the time is up is worth its wait; a stopped search has its tasks aborted.
  await Promise.all(flights);
  if (errors.length >= MOST_ERRORS)
    throw new Error(`${errors.length} trainings in a row ended in an error, the last because ${errors.at(-1)}`);
  return reason;
}

function strategyOf({ spec, data }: SearchRun): Strategy {
  const { network, pruning, target, search } = spec;
  if (!network) return createStrategy(search.strategy, searchOptions(spec, data).options);
  const share = { structured: pruning.structured[0], unstructured: pruning.unstructured[0] };
  return createGiven(network, priceBeforeTraining(target.device, network, share));
}

/** Trains one proposal and keeps its weights. Undefined when the search was stopped meanwhile. `told` are the trials before it, `errors` those in a row. */
async function attempt(
  run: SearchRun,
  pool: Workers,
  proposal: Proposal,
  told: readonly Trial[],
  errors: string[],
): Promise<Trial | undefined> {
  const { spec, signal, folder, data, now } = run;
  const { refused: _refused, duplicates: _duplicates, ...configuration } = proposal;
  const { id } = proposal;
  const begunMs = now();
  const failed = (reason: string): Trial => ({
    ...configuration,
    durationMs: now() - begunMs,
    status: 'failed',
    reason: reason.slice(0, 4000),
  });
  try {
    const { task, measures: given } = prepare(folder, spec, proposal, told);
    const trained = await pool.run(task, { signal });
    errors.length = 0;
    if ('unusable' in trained) return failed(trained.unusable);
    const { network, parameters, ranges, price, accuracy } = trained;
    writeCandidate(folder, { id, network, parameters, ranges, encoding: data.encoding, classes: data.classes, accuracy });
    const measures = { ...given, ...measuresOf(trained) };
    return { ...configuration, network, price, durationMs: now() - begunMs, status: 'finished', accuracy, measures };
  } catch (error) {
    if (signal.aborted) return undefined;
    errors.push((error as Error).message);
    return failed((error as Error).message);
  }
}

/** Milliseconds that are left for trials; `spentMs` is what earlier processes of the same run have used. */
function leftMs({ spec, timeMs }: SearchRun, spentMs: number): number {
  if (timeMs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, timeMs * (finalRecipeOf(spec, {}) ? 1 - FINAL_SHARE : 1) - spentMs);
}

/** One promise for both ways in which trying ends: the deadline and the signal. */
function watch(leftMs: number, signal: AbortSignal) {
  let expired = false;
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  const timer = Number.isFinite(leftMs) ? setTimeout(expire, Math.min(leftMs, 2 ** 31 - 1)) : undefined;
  function expire(): void {
    expired = true;
    resolve();
  }
  signal.addEventListener('abort', resolve, { once: true });
  return {
    promise,
    timeUp: () => expired,
    reached: () => expired || signal.aborted,
    close() {
      clearTimeout(timer);
      signal.removeEventListener('abort', resolve);
    },
  };
}

function exhaustion({ nearest, complete }: Exhausted): string {
  if (!nearest)
    return complete ? 'every network of this space that fits was tried' : 'no network of this space was found that fits and was not tried';
  const { objective, value, limit } = nearest;
  return `no network of this space is within the limits: the closest has ${objective} ${value}, ${Math.ceil(value - limit)} more than the ${limit} allowed`;
}
