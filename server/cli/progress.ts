import { type RunState, timeLeftMs } from '../run/state.ts';
import type { Console } from './command.ts';
import { bytes, duration, percent } from './table.ts';

export type Progress = { note(text: string): void; show(state: RunState): void; close(): void };

/** Between lines on a terminal that cannot rewrite them. */
const QUIET_MS = 5000;

/** One line that tells where a search stands: rewritten in place on a terminal, else repeated now and then. */
export function createProgress(console: Console, enabled: boolean): Progress {
  let lastMs = 0;
  let open = false;
  const endLine = () => {
    if (open) console.err('\n');
    open = false;
  };
  return {
    note(text) {
      endLine();
      if (enabled) console.err(`${text}\n`);
    },
    show(state) {
      if (!enabled) return;
      if (console.interactive) {
        console.err(`\r\u001b[K${progressLine(state, Date.now())}`);
        open = true;
      } else if (Date.now() - lastMs >= QUIET_MS) {
        lastMs = Date.now();
        console.err(`${progressLine(state, lastMs)}\n`);
      }
    },
    close: endLine,
  };
}

export function progressLine(state: RunState, nowMs: number): string {
  const { trials, header, feasible, failed, refused, bestAccuracy, leastRamBytes } = state;
  const left = timeLeftMs(state, nowMs);
  return [
    `${trials.length}${header?.trials ? ` of ${header.trials}` : ''} trials`,
    `${feasible} feasible`,
    failed > 0 && `${failed} failed`,
    `${refused} refused untrained`,
    bestAccuracy !== undefined && `best ${percent(bestAccuracy)}`,
    leastRamBytes !== undefined && `least RAM ${bytes(leastRamBytes)}`,
    left !== undefined && `${duration(left)} left`,
  ]
    .filter(Boolean)
    .join(', ');
}
