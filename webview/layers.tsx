import { scaleLinear } from 'd3-scale';
import type { Candidate, LayerRow } from '../server/protocol.ts';
import { bytes } from './format.ts';

type Props = { candidate: Candidate; budgetBytes: number };

/** RAM in use while each layer runs, against the budget. Every bar begins with the stack, which is there throughout. */
export function Layers({ candidate, budgetBytes }: Props) {
  const { layers, stackBytes } = candidate;
  const peak = Math.max(...layers.map((row) => row.liveBytes + stackBytes));
  const x = scaleLinear([0, Math.max(budgetBytes, peak)], [0, 100]);
  return (
    <section aria-labelledby="layers-title">
      <h2 id="layers-title">RAM, layer by layer</h2>
      <ol class="layers">
        {layers.map((row) => (
          <Bar
            key={row.layer}
            row={row}
            x={x}
            stackBytes={stackBytes}
            isPeak={row.liveBytes + stackBytes === peak}
            budgetBytes={budgetBytes}
          />
        ))}
      </ol>
      <p class="legend quiet" aria-hidden="true">
        <i class="stack" /> stack <i class="live" /> state in use <i class="peak" /> at the peak <i class="limit" /> budget of{' '}
        {bytes(budgetBytes)}
      </p>
    </section>
  );
}

type BarProps = { row: LayerRow; x: (bytes: number) => number; stackBytes: number; isPeak: boolean; budgetBytes: number };

function Bar({ row, x, stackBytes, isPeak, budgetBytes }: BarProps) {
  const total = row.liveBytes + stackBytes;
  const over = total > budgetBytes;
  const title = `${bytes(row.liveBytes)} state (${bytes(row.bufferBytes)} of its own) + ${bytes(stackBytes)} stack`;
  return (
    <li class={over ? 'over' : isPeak ? 'peak' : undefined} title={title}>
      <span class="layer">
        {row.layer} <span class="quiet">{[row.op === row.layer ? '' : row.op, row.shape, row.form].filter(Boolean).join(' · ')}</span>
      </span>
      <span class="figure">
        {bytes(total)}
        <span class="hidden">{`${isPeak ? ', the peak' : ''}${over ? ', over the budget' : ''}`}</span>
      </span>
      <span class="bar" aria-hidden="true">
        <span class="stack" style={{ width: `${x(stackBytes)}%` }} />
        <span class="live" style={{ width: `${x(row.liveBytes)}%` }} />
        <span class="limit" style={{ left: `${x(budgetBytes)}%` }} />
      </span>
    </li>
  );
}
