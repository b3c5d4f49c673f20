import type { RunStatus, RunSummary } from '../../protocol.ts';
import type { Holder } from '../../run/lock.ts';
import { type RunState, timeLeftMs } from '../../run/state.ts';
import type { Finished } from '../../search/trial.ts';

/** What lists show of a run, at a time. */
export function summarise(folder: string, spec: string, state: RunState, holder: Holder | undefined, nowMs: number): RunSummary {
  const status = statusOf(state, holder);
  const running = status === 'running';
  const best = mostAccurate(state.front);
  const leftMs = running ? timeLeftMs(state, nowMs) : undefined;
  return {
    folder,
    spec,
    name: state.header?.name ?? '',
    status,
    startedAt: state.header?.atMs ?? 0,
    elapsedMs: state.spentMs + (running ? Math.max(0, nowMs - state.updatedMs) : 0),
    trials: state.trials.length,
    feasible: state.feasible,
    ...(leftMs !== undefined && { leftMs }),
    ...(running && holder && { pid: holder.pid }),
    ...(best && { bestAccuracy: best.accuracy, bestRamBytes: best.price.ramBytes }),
    ...(status === 'failed' && state.reason && { error: state.reason }),
  };
}

/** A run that says it is running and that no process holds was killed. */
function statusOf(state: RunState, holder: Holder | undefined): RunStatus {
  if (state.status === 'running') return holder ? 'running' : 'interrupted';
  return state.status === 'interrupted' ? 'cancelled' : state.status;
}

export const mostAccurate = (trials: readonly Finished[]): Finished | undefined =>
  trials.reduce<Finished | undefined>((best, trial) => (best && best.accuracy >= trial.accuracy ? best : trial), undefined);
