import { dirname } from 'node:path';
import type { Budget, Candidate, RunSummary, RunView, TrialPoint } from '../../protocol.ts';
import { planOn } from '../../run/price.ts';
import type { RunState } from '../../run/state.ts';
import { isFeasible } from '../../search/objective.ts';
import { type Finished, isFinished, type Trial } from '../../search/trial.ts';
import { parseSpec } from '../../spec/parse.ts';
import { budgetOf, type ProjectChip, resolvePath, type Target } from '../../spec/spec.ts';
import { layerRows } from './layers.ts';
import { mostAccurate } from './summary.ts';

/** What the Budget view shows of a run. `projectAt` finds what the firmware project of a folder says of its chip. */
export function viewOf(
  run: RunSummary,
  state: RunState,
  specText: string,
  projectAt: (folder: string) => ProjectChip | undefined = () => undefined,
): RunView {
  const { output } = parseSpec(specText).draft;
  const project = output && projectAt(resolvePath(dirname(run.spec), output.folder));
  const { draft } = parseSpec(specText, { project });
  const chosen = state.chosen ?? mostAccurate(state.front)?.id;
  const front = [...state.front].sort((a, b) => a.price.ramBytes - b.price.ramBytes);
  return {
    run,
    budget: budget(state, draft.target),
    chip: draft.target?.device.name ?? 'its chip',
    ...(draft.output && { outputFolder: resolvePath(dirname(run.spec), draft.output.folder) }),
    trials: state.trials.map((trial) => point(trial, state)),
    candidates: front.map((trial) => candidate(trial, state, draft.target)),
    ...(chosen !== undefined && { chosen: String(chosen) }),
  };
}

/** The limits that the run was made with; the spec may have been changed since. */
function budget(state: RunState, target: Target | undefined): Budget {
  const { ram, flash } = state.header?.limits ?? {};
  const now = target && budgetOf({ target });
  return { ramBytes: ram ?? now?.ramBytes ?? 0, flashBytes: flash ?? now?.flashBytes ?? 0 };
}

const point = (trial: Trial, state: RunState): TrialPoint => ({
  id: String(trial.id),
  ...(isFinished(trial) && { error: 1 - trial.accuracy }),
  ramBytes: trial.price.ramBytes,
  flashBytes: trial.price.flashBytes,
  feasible: isFinished(trial) && isFeasible(trial, state.header?.limits ?? {}),
  onFront: state.front.some((other) => other.id === trial.id),
});

function candidate(trial: Finished, state: RunState, target: Target | undefined): Candidate {
  const { network, price, accuracy } = trial;
  const plan = target && planOn(target.device, network);
  const test = trial.id === state.chosen ? state.measures?.testAccuracy : undefined;
  return {
    id: String(trial.id),
    ramBytes: price.ramBytes,
    stateBytes: plan?.stateBytes ?? price.ramBytes,
    stackBytes: plan?.stackBytes ?? 0,
    flashBytes: price.flashBytes,
    macs: price.macs,
    validationAccuracy: accuracy,
    ...(test !== undefined && { testAccuracy: test }),
    layers: plan ? layerRows(plan) : [],
  };
}
