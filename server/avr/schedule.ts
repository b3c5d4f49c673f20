import type { Machine, Place, Task } from './machine.ts';

/** A condition on counters: that one is at least, or less than, what is said. */
export type Condition =
  | { readonly kind: 'below'; readonly counter: string; readonly limit: number }
  | { readonly kind: 'equal'; readonly counter: string; readonly value: number }
  | { readonly kind: 'behind'; readonly counter: string; readonly other: string }
  /** `other` >= `counter` * factor + offset, or `other` = all. */
  | {
      readonly kind: 'enough';
      readonly counter: string;
      readonly other: string;
      readonly factor: number;
      readonly offset: number;
      readonly all?: number;
    };

/** When a row-streamed stage may make a row or take one. */
export function conditionsOf(machine: Machine, task: Task): Condition[] {
  const { stage, inputs } = task;
  const [input] = inputs;
  const own = counterOf(task);
  if (task.folds) {
    if (input.height > 1) return [{ kind: 'behind', counter: own, other: `rows_${input.name}` }];
    return [{ kind: 'equal', counter: own, value: 0 }, hasAll(machine, input)];
  }
  const arrived = inputs.map((each): Condition => {
    if (each.height === 1) return hasAll(machine, each);
    if (!stage.window) return { kind: 'behind', counter: own, other: `rows_${each.name}` };
    const { strideY, padTop, spanY, rows } = stage.window;
    const clipped = (rows - 1) * strideY - padTop + spanY > each.height;
    const enough = { kind: 'enough', counter: own, other: `rows_${each.name}`, factor: strideY, offset: spanY - padTop } as const;
    return clipped ? { ...enough, all: each.height } : enough;
  });
  return [{ kind: 'below', counter: own, limit: stage.shape.height }, ...arrived];
}

/** The counter that tells how far a stage is. */
export const counterOf = ({ stage, folds }: Task): string => `${folds ? 'taken' : 'rows'}_${stage.name}`;

function hasAll({ tasks }: Machine, { name, height }: Place): Condition {
  const producer = tasks.find(({ stage }) => stage.name === name);
  if (producer?.stage.op === 'dense' && producer.folds)
    return { kind: 'equal', counter: `taken_${name}`, value: producer.inputs[0].height };
  return { kind: 'equal', counter: `rows_${name}`, value: height };
}

/** How often each condition of each streamed stage is looked at and holds in one inference, and how often the stage runs. */
export type Tally = { readonly seen: number[]; readonly held: number[]; runs: number };

/** Plays the schedule through: after each input row the most downstream stage that can run does so, until none can. */
export function tally(machine: Machine): ReadonlyMap<Task, Tally> {
  const streamed = machine.tasks.filter(({ unit }) => unit === 'row');
  const conditions = new Map(streamed.map((task) => [task, conditionsOf(machine, task)]));
  const stages = new Map(
    streamed.map((task): [Task, Tally] => [
      task,
      { seen: conditions.get(task)!.map(() => 0), held: conditions.get(task)!.map(() => 0), runs: 0 },
    ]),
  );
  const counters = new Map([...machine.counters.keys()].map((name) => [name, 0]));
  const backwards = [...streamed].reverse();
  const fire = (): boolean => {
    for (const task of backwards) {
      const { seen, held } = stages.get(task)!;
      const ready = conditions.get(task)!.every((condition, i) => {
        seen[i]++;
        const holds = isMet(condition, counters);
        if (holds) held[i]++;
        return holds;
      });
      if (!ready) continue;
      stages.get(task)!.runs++;
      advance(task, counters);
      return true;
    }
    return false;
  };
  for (let row = 0; row < machine.input.height; row++) {
    counters.set('rows_input', row + 1);
    while (fire());
  }
  return stages;
}

function isMet(condition: Condition, counters: ReadonlyMap<string, number>): boolean {
  const own = counters.get(condition.counter)!;
  switch (condition.kind) {
    case 'below':
      return own < condition.limit;
    case 'equal':
      return own === condition.value;
    case 'behind':
      return own < counters.get(condition.other)!;
    case 'enough': {
      const other = counters.get(condition.other)!;
      return other >= own * condition.factor + condition.offset || other === condition.all;
    }
  }
}

function advance(task: Task, counters: Map<string, number>): void {
  const name = counterOf(task);
  const count = counters.get(name)! + 1;
  counters.set(name, count);
  if (!task.folds || task.stage.op === 'dense') return;
  const { kernelY, strideY, padTop, rows } = task.stage.window!;
  const made = counters.get(`rows_${task.stage.name}`)!;
  const place = count - 1 + padTop - made * strideY;
  if (place >= 0 && place < kernelY && made < rows && (place === kernelY - 1 || count === task.inputs[0].height))
    counters.set(`rows_${task.stage.name}`, made + 1);
}
