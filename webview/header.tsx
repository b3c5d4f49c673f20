import type { RunStatus, RunSummary, ViewCommand } from '../server/protocol.ts';
import { count, duration } from './format.ts';

type Props = { run: RunSummary; chip: string; canWrite: boolean; send(command: ViewCommand): void };

const words: { [status in RunStatus]: string } = {
  running: 'searching',
  finished: 'finished',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  failed: 'failed',
};

export function Header({ run, chip, canWrite, send }: Props) {
  return (
    <header>
      <div>
        <h1>{run.name}</h1>
        <p class="quiet" role="status">
          <span class={`status ${run.status}`}>{words[run.status]}</span> for {chip} · {count(run.trials)} trials, {count(run.feasible)} fit
          · {duration(run.elapsedMs)}
          {run.leftMs !== undefined && run.status === 'running' ? `, ${duration(run.leftMs)} left` : ''}
          {run.error ? ` · ${run.error}` : ''}
        </p>
      </div>
      <div class="actions">
        {run.status === 'running' && <Action label="Cancel Search" act={() => send('cancelSearch')} />}
        {(run.status === 'interrupted' || run.status === 'cancelled') && <Action label="Resume Search" act={() => send('resumeSearch')} />}
        <Action label="Open Spec" act={() => send('openSpec')} />
        {canWrite && <Action label="Write C to Firmware Project" primary act={() => send('writeFirmware')} />}
      </div>
    </header>
  );
}

const Action = ({ label, act, primary }: { label: string; act(): void; primary?: boolean }) => (
  <button type="button" class={primary ? 'primary' : undefined} onClick={act}>
    {label}
  </button>
);
