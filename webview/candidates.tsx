import type { Candidate } from '../server/protocol.ts';
import { bytes, percent } from './format.ts';

type Props = { candidates: readonly Candidate[]; chosen: string; recommended: string | undefined; choose(id: string): void };

/** The front as a table: the chart's figures, and another way to choose. */
export function Candidates({ candidates, chosen, recommended, choose }: Props) {
  return (
    <table>
      <caption class="hidden">Candidates on the front</caption>
      <thead>
        <tr>
          <th scope="col">Candidate</th>
          <th scope="col">Accuracy</th>
          <th scope="col">RAM</th>
          <th scope="col">Flash</th>
        </tr>
      </thead>
      <tbody>
        {candidates.map(({ id, validationAccuracy, ramBytes, flashBytes }) => (
          <tr key={id} class={id === chosen ? 'chosen' : undefined}>
            <th scope="row">
              <button type="button" class="row" aria-pressed={id === chosen} onClick={() => choose(id)}>
                {id}
                {id === recommended && <span class="badge">recommended</span>}
              </button>
            </th>
            <td>{percent(validationAccuracy)}</td>
            <td>{bytes(ramBytes)}</td>
            <td>{bytes(flashBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
