import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import { useRef } from 'preact/hooks';
import type { TrialPoint } from '../server/protocol.ts';
import { Axes, type Frame } from './axes.tsx';
import { bytes, percent } from './format.ts';
import { useWidth } from './width.ts';

type Props = { trials: readonly TrialPoint[]; budgetBytes: number; chosen: string; choose(id: string): void };
type Trained = TrialPoint & { readonly error: number };

const HEIGHT = 300;

/**
 * Every trained trial by RAM and error. The points of the front are radio buttons laid over the chart: arrow keys walk along it.
 */
export function Front({ trials, budgetBytes, chosen, choose }: Props) {
  const box = useRef<HTMLFieldSetElement>(null);
  const width = useWidth(box, 560);
  const trained = trials.filter((trial): trial is Trained => trial.error !== undefined);
  const front = trained.filter((trial) => trial.onFront).sort((a, b) => a.ramBytes - b.ramBytes);
  const frame: Frame = { left: 52, right: width - 10, top: 14, bottom: HEIGHT - 40 };
  const most = Math.max(budgetBytes, ...trained.map((trial) => trial.ramBytes));
  const errors = trained.map((trial) => trial.error);
  const x = scaleLinear([0, most * 1.05], [frame.left, frame.right]);
  const y = scaleLinear([0, Math.min(1, Math.max(0.05, ...errors) * 1.05)], [frame.bottom, frame.top]);
  const path = line<Trained>(
    (trial) => x(trial.ramBytes),
    (trial) => y(trial.error),
  ).curve(curveStepAfter)(lowest(front));
  return (
    <fieldset class="front" ref={box}>
      <legend class="hidden">Candidates on the front, by RAM. Arrow keys choose one.</legend>
      <svg width={width} height={HEIGHT} role="img" aria-label={`${trained.length} trained candidates, RAM against validation error`}>
        <Axes frame={frame} x={x} y={y} />
        <g class="limit">
          <line x1={x(budgetBytes)} x2={x(budgetBytes)} y1={frame.top} y2={frame.bottom} />
          <text x={x(budgetBytes) - 6} y={frame.top + 10} text-anchor="end">
            budget
          </text>
        </g>
        <path class="line" d={path ?? ''} />
        {trained
          .filter((trial) => !trial.onFront)
          .map((trial) => (
            <Dominated key={trial.id} trial={trial} x={x(trial.ramBytes)} y={y(trial.error)} />
          ))}
      </svg>
      {front.map((trial) => (
        <input
          key={trial.id}
          type="radio"
          name="front"
          aria-label={describe(trial)}
          title={describe(trial)}
          checked={trial.id === chosen}
          onChange={() => choose(trial.id)}
          style={{ left: `${x(trial.ramBytes)}px`, top: `${y(trial.error)}px` }}
        />
      ))}
    </fieldset>
  );
}

/** The front has flash as a third axis; its edge in this chart are the points that no smaller one betters. */
const lowest = (front: readonly Trained[]): Trained[] =>
  front.filter((trial, index) => front.slice(0, index).every(({ error }) => error > trial.error));

const describe = (trial: Trained): string =>
  `Candidate ${trial.id}: ${percent(trial.error)} error, ${bytes(trial.ramBytes)} RAM, ${bytes(trial.flashBytes)} flash`;

function Dominated({ trial, x, y }: { trial: Trained; x: number; y: number }) {
  return (
    <g class={trial.feasible ? 'dominated' : 'unfit'}>
      <title>{`${describe(trial)}${trial.feasible ? '' : ', does not fit'}`}</title>
      {trial.feasible ? <circle cx={x} cy={y} r="3" /> : <path d={`M${x - 3} ${y - 3}l6 6m0 -6l-6 6`} />}
    </g>
  );
}
