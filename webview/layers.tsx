import { scaleLinear } from 'd3-scale';
import type { Candidate, LayerRow } from '../server/protocol.ts';
import { bytes } from './format.ts';

type Props = { candidate: Candidate; budgetBytes: number };

/** What is in RAM while each layer runs, against the budget: the state as it lies in memory, and the stack behind it. */
export function Layers({ candidate, budgetBytes }: Props) {
  const { layers, stateBytes, stackBytes, ramBytes } = candidate;
  const peak = Math.max(...layers.map((row) => row.liveBytes));
  const x = scaleLinear([0, Math.max(budgetBytes, ramBytes)], [0, 100]);
  return (
    <section aria-labelledby="layers-title">
      <h2 id="layers-title">RAM, layer by layer</h2>
      <ol class="layers">
        {layers.map((row) => (
          <Layer key={row.layer} row={row} x={x} candidate={candidate} isPeak={row.liveBytes === peak} budgetBytes={budgetBytes} />
        ))}
      </ol>
      <p class="legend quiet" aria-hidden="true">
        <i class="output" /> output <i class="input" /> input <i class="other" /> of other layers <i class="stack" /> stack{' '}
        <i class="limit" /> budget, {bytes(budgetBytes)}
      </p>
      <p class="quiet">
        The state is one block of {bytes(stateBytes)}, at most {bytes(peak)} of it in use at once; the stack goes {bytes(stackBytes)} deep.
      </p>
    </section>
  );
}

type LayerProps = { row: LayerRow; x: (bytes: number) => number; candidate: Candidate; isPeak: boolean; budgetBytes: number };

function Layer({ row, x, candidate: { stateBytes, stackBytes }, isPeak, budgetBytes }: LayerProps) {
  const total = row.liveBytes + stackBytes;
  const over = total > budgetBytes;
  const title = `${bytes(row.bufferBytes)} of its own, ${bytes(row.liveBytes - row.bufferBytes)} of other layers, ${bytes(stackBytes)} stack`;
  return (
    <li class={over ? 'over' : undefined} title={title}>
      <span class="layer">
        {row.layer} <span class="quiet">{[row.op === row.layer ? '' : row.op, row.shape, row.form].filter(Boolean).join(' · ')}</span>
      </span>
      <span class="figure">
        <span class="own">+{bytes(row.bufferBytes)}</span> {bytes(total)}
        <span class="hidden">{`${isPeak ? ', the peak' : ''}${over ? ', over the budget' : ''}`}</span>
      </span>
      <span class="bar" aria-hidden="true">
        {row.blocks.map(({ offset, bytes: size, role }) => (
          <span key={`${offset} ${role}`} class={role} style={{ left: `${x(offset)}%`, width: `${x(size)}%` }} />
        ))}
        <span class="stack" style={{ left: `${x(stateBytes)}%`, width: `${x(stackBytes)}%` }} />
        <span class="limit" style={{ left: `${x(budgetBytes)}%` }} />
      </span>
    </li>
  );
}
