import type { Machine, Task } from './machine.ts';
import { scheduledOf, unitsOf } from './schedule.ts';
import type { Tallies, Tally } from './tally.ts';
import type { Writer } from './writer.ts';

/** How a core looks at stages and counters. */
export type Looks = {
  /** Jumps to `ready` where a stage may run, which is `held` times. */
  readonly look: (task: Task, tally: Tally, ready: string, held: number) => void;
  /** Branches where the whole input is there, or where it `lacks` rows, in `share` of the cases. */
  readonly branch: (input: 'whole' | 'lacks', share: number, target: string) => void;
};

export type Makes = Looks & {
  readonly jump: (target: string) => void;
  /** A streamed stage makes a row or a pixel, or takes one. */
  readonly make: (task: Task) => void;
  readonly makeWhole: (task: Task) => void;
};

/** Goes to `enter` where the pixel that was just counted lets one of its `readers` run, or is the last and stages run over whole tensors. */
export function writeGlances<Mnemonic, Operand>(
  p: Writer<Mnemonic, Operand>,
  machine: Machine,
  readers: readonly Task[],
  { glances }: Tallies,
  core: Looks,
): void {
  const pixels = unitsOf(machine);
  const ready = new Map(readers.map((task) => [task, glances.get(task)!.outcomes.at(-1)!.held]));
  for (const task of readers) core.look(task, glances.get(task)!, 'enter', ready.get(task)!);
  const left = pixels - [...ready.values()].reduce((sum, each) => sum + each, 0);
  if (machine.tasks.some(({ unit }) => unit === 'whole')) p.times(left, () => core.branch('whole', 1 / pixels, 'enter'));
}

/** Lets the most downstream stage that can run do so, until none can; after the last of the input the rest runs over whole tensors. */
export function writeTurns<Mnemonic, Operand>(
  p: Writer<Mnemonic, Operand>,
  machine: Machine,
  { looks, entered }: Tallies,
  core: Makes,
): void {
  const scheduled = scheduledOf(machine);
  const whole = machine.tasks.filter((task) => task.unit === 'whole');
  const turnOf = ({ stage }: Task) => `run_${stage.name}`;
  p.label('look');
  for (const task of [...scheduled].reverse()) core.look(task, looks.get(task)!, turnOf(task), looks.get(task)!.runs);
  p.times(entered, () => {
    if (whole.length === 0) core.jump('end');
    else core.branch('lacks', 1 - 1 / entered, 'end');
  });
  for (const task of whole) p.of(task.stage.name, () => core.makeWhole(task));
  if (whole.length > 0 && scheduled.length > 0) core.jump('end');
  for (const task of scheduled) {
    p.label(turnOf(task));
    p.times(looks.get(task)!.runs, () => {
      p.of(task.stage.name, () => {
        core.make(task);
        core.jump('look');
      });
    });
  }
  p.label('end');
}
