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
    }
  /** The pixel of `input` that the next of `output` needs is there. */
  | { readonly kind: 'arrived'; readonly output: string; readonly input: string; readonly row: Reach; readonly column?: Reach };

/** The last row or column of the input that an output's needs: `at * factor + offset`, but `most` at the most. */
export type Reach = { readonly factor: number; readonly offset: number; readonly most: number };

/** When a streamed stage may make a row or take one. */
export function conditionsOf(machine: Machine, task: Task): Condition[] {
  const { stage, inputs } = task;
  const [input] = inputs;
  if (task.unit === 'pixel') return pixelConditions(task);
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

function pixelConditions({ stage, inputs, output }: Task): Condition[] {
  const { strideY, strideX, padTop, padLeft, spanY, spanX } = stage.window ?? ONE;
  const arrived = inputs.map(
    (input): Condition => ({
      kind: 'arrived',
      output: output.name,
      input: input.name,
      row: { factor: strideY, offset: spanY - 1 - padTop, most: input.height - 1 },
      ...(input.width > 1 && { column: { factor: strideX, offset: spanX - 1 - padLeft, most: input.width - 1 } }),
    }),
  );
  return [{ kind: 'below', counter: `y_${output.name}`, limit: output.height }, ...arrived];
}

const ONE = { strideY: 1, strideX: 1, padTop: 0, padLeft: 0, spanY: 1, spanX: 1 };

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

/** Plays the schedule through: after each unit of the input the most downstream stage that can run does so, until none can. */
export function tally(machine: Machine): ReadonlyMap<Task, Tally> {
  const { input, unit } = machine;
  const streamed = machine.tasks.filter((task) => task.unit === unit);
  const scheduled = streamed.filter((task) => unit === 'row' || !task.folds);
  const conditions = new Map(scheduled.map((task) => [task, conditionsOf(machine, task)]));
  const stages = new Map(
    streamed.map((task): [Task, Tally] => {
      const none = (conditions.get(task) ?? []).map(() => 0);
      return [task, { seen: none, held: [...none], runs: 0 }];
    }),
  );
  const counters = new Map([...machine.counters.keys()].map((name) => [name, 0]));
  const backwards = [...scheduled].reverse();
  const run = (task: Task) => {
    stages.get(task)!.runs++;
    if (unit === 'row') advance(task, counters);
    else made(task.output);
  };
  const made = (place: Place) => {
    for (const task of streamed) {
      if (!task.folds || task.inputs[0].name !== place.name) continue;
      stages.get(task)!.runs++;
      if (completes(task, counters)) made(task.output);
    }
    count(place, counters);
  };
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
      run(task);
      return true;
    }
    return false;
  };
  for (let i = 0; i < unitsOf(machine); i++) {
    if (unit === 'row') counters.set('rows_input', i + 1);
    else made(input);
    while (fire());
  }
  return stages;
}

/** Units that the input is delivered in. */
export const unitsOf = ({ input, unit }: Machine): number => input.height * (unit === 'pixel' ? input.width : 1);

/** Whether the newest pixel is the last of a folding stage's window. */
function completes({ stage, inputs: [input] }: Task, counters: ReadonlyMap<string, number>): boolean {
  const y = counters.get(`y_${input.name}`) ?? 0;
  const x = counters.get(`x_${input.name}`) ?? 0;
  if (!stage.window) return y === input.height - 1 && x === input.width - 1;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window;
  const last = (at: number, kernel: number, stride: number, size: number, pad: number, count: number) =>
    (at + pad) % stride < kernel && Math.floor((at + pad) / stride) < count && ((at + pad) % stride === kernel - 1 || at === size - 1);
  return last(y, kernelY, strideY, input.height, padTop, rows) && last(x, kernelX, strideX, input.width, padLeft, columns);
}

function count({ name, width }: Place, counters: Map<string, number>): void {
  const y = counters.get(`y_${name}`);
  if (y === undefined) return;
  const x = counters.get(`x_${name}`);
  if (x === undefined || x === width - 1) counters.set(`y_${name}`, y + 1);
  if (x !== undefined) counters.set(`x_${name}`, (x + 1) % width);
}

function isMet(condition: Condition, counters: ReadonlyMap<string, number>): boolean {
  const own = counters.get(condition.kind === 'arrived' ? `y_${condition.output}` : condition.counter) ?? 0;
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
    case 'arrived': {
      const { input, output, row, column } = condition;
      const needed = (at: number, { factor, offset, most }: Reach) => Math.min(at * factor + offset, most);
      const y = counters.get(`y_${input}`)!;
      const last = needed(own, row);
      if (!column || y !== last) return y > last;
      return counters.get(`x_${input}`)! > needed(counters.get(`x_${output}`) ?? 0, column);
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
