import { formatShape } from '../network/shape.ts';
import type { Export } from '../run/export.ts';
import type { RunState } from '../run/state.ts';
import { bytes, duration, percent, table } from './table.ts';

/** What a finished search found: the front, the chosen candidate, its RAM layer by layer. */
export function reportRun(state: RunState, { plan, flashBytes }: Export): string {
  const front = [...state.front].sort((a, b) => a.price.ramBytes - b.price.ramBytes);
  const rows = front.map(({ id, accuracy, price }) => [
    `${id}${id === state.chosen ? ' *' : ''}`,
    percent(accuracy),
    bytes(price.ramBytes),
    bytes(price.flashBytes),
    price.size.toLocaleString('en-US'),
    price.macs.toLocaleString('en-US'),
  ]);
  const layers = plan.stages.map(({ stage, form, bufferBytes, liveBytes }) => [
    stage.layers.join(' + '),
    formatShape(stage.shape),
    form,
    bytes(bufferBytes),
    bytes(liveBytes),
  ]);
  return [
    `${state.trials.length} trials in ${duration(state.spentMs)}, ${state.feasible} feasible, ${state.refused} refused untrained: ${state.reason}.`,
    '',
    'The front (int8, validation; * is chosen)',
    table(['trial', 'accuracy', 'RAM', 'flash', 'non-zeros', 'MACs'], rows),
    '',
    `Trial ${state.chosen}, layer by layer: state ${bytes(plan.stateBytes)} + stack ${bytes(plan.stackBytes)} = ${bytes(plan.ramBytes)} of RAM, ${bytes(flashBytes)} of flash (predicted)`,
    table(['layer', 'output', 'runs', 'adds', 'state in use'], layers),
    ...spread(state),
    '',
  ].join('\n');
}

/** How the chosen configuration does from other seeds: the candidate's own accuracy is the best of many. */
function spread({ measures: { repeats, repeatedAccuracy, repeatedDeviation } = {} }: RunState): string[] {
  if (!repeats || repeatedAccuracy === undefined) return [];
  const deviation = repeatedDeviation === undefined ? '' : ` ± ${percent(repeatedDeviation)}`;
  return ['', `Trained from ${repeats} other seeds: ${percent(repeatedAccuracy)}${deviation} (validation).`];
}
