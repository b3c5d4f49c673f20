import type { RunView, ViewCommand } from '../server/protocol.ts';
import { Candidates } from './candidates.tsx';
import { Front } from './front.tsx';
import { Header } from './header.tsx';
import { Layers } from './layers.tsx';
import { Summary } from './summary.tsx';

type Props = {
  view: RunView;
  /** The id of the candidate whose layers are shown. */
  chosen: string | undefined;
  choose(id: string): void;
  send(command: ViewCommand): void;
};

/** The whole view of one run: what the chosen candidate takes of the chip, and what there is to choose from. */
export function Budget({ view, chosen, choose, send }: Props) {
  const candidate = view.candidates.find((each) => each.id === chosen);
  return (
    <main>
      <Header run={view.run} chip={view.chip} canWrite={candidate !== undefined} send={send} />
      {candidate ? (
        <>
          <Summary candidate={candidate} budget={view.budget} recommended={candidate.id === view.chosen} />
          <div class="columns">
            <Layers candidate={candidate} budgetBytes={view.budget.ramBytes} />
            <section aria-labelledby="front-title">
              <h2 id="front-title">Front</h2>
              <Front trials={view.trials} budgetBytes={view.budget.ramBytes} chosen={candidate.id} choose={choose} />
              <Candidates candidates={view.candidates} chosen={candidate.id} recommended={view.chosen} choose={choose} />
            </section>
          </div>
        </>
      ) : (
        <p role="status">
          {view.run.status === 'running'
            ? 'No candidate has been trained yet.'
            : 'No candidate fits the budget. Give the search more time or bytes, or allow smaller networks.'}
        </p>
      )}
    </main>
  );
}
