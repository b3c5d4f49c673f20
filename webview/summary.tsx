import type { Budget, Candidate } from '../server/protocol.ts';
import { bytes, count, percent } from './format.ts';

type Props = { candidate: Candidate; budget: Budget; recommended: boolean };

/** The chosen candidate in figures. */
export function Summary({ candidate, budget, recommended }: Props) {
  const { validationAccuracy, testAccuracy, ramBytes, stateBytes, stackBytes, flashBytes, macs } = candidate;
  return (
    <dl class="summary" aria-label={`Candidate ${candidate.id}`}>
      <Figure name="Candidate" value={candidate.id} note={recommended ? 'recommended' : 'on the front'} />
      <Figure
        name="Accuracy"
        value={percent(testAccuracy ?? validationAccuracy)}
        note={testAccuracy === undefined ? 'validation' : `test; validation ${percent(validationAccuracy)}`}
      />
      <Meter name="RAM" used={ramBytes} of={budget.ramBytes} note={`${bytes(stateBytes)} state, ${bytes(stackBytes)} stack`} />
      <Meter name="Flash" used={flashBytes} of={budget.flashBytes} note="weights, tables and code" />
      <Figure name="Work" value={count(macs)} note="multiply-accumulates an inference" />
    </dl>
  );
}

const Figure = ({ name, value, note }: { name: string; value: string; note: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <strong>{value}</strong>
      <span class="quiet">{note}</span>
    </dd>
  </div>
);

function Meter({ name, used, of, note }: { name: string; used: number; of: number; note: string }) {
  const over = used > of;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong class={over ? 'over' : undefined}>{bytes(used)}</strong> <span class="quiet">of {bytes(of)}</span>
        <span class={`meter ${over ? 'over' : ''}`} role="img" aria-label={`${name}: ${percent(used / of)} of the budget`}>
          <span style={{ width: `${Math.min(100, (100 * used) / of)}%` }} />
        </span>
        <span class="quiet">{note}</span>
      </dd>
    </div>
  );
}
