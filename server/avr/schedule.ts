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

/** How often a condition was looked at and held. */
export type Outcomes = {
  seen: number;
  held: number;
  /** Of pixels: the row was passed, so the column was not asked for; it was reached; what is needed was cut short by the input's end. */
  passed: number;
  reached: number;
  rowCut: number;
  columnCut: number;
};

/** The outcomes of a stage's conditions, and how often it runs. */
export type Tally = { readonly outcomes: readonly Outcomes[]; runs: number };

export type Tallies = {
  readonly looks: ReadonlyMap<Task, Tally>;
  /** Before registers are saved, for each pixel of the input: of the stages that read it. */
  readonly glances: ReadonlyMap<Task, Tally>;
  /** How often registers are saved: for each row, and for each pixel that makes something possible. */
  readonly entered: number;
};

/** Plays the schedule through: after each unit of the input the most downstream stage that can run does so, until none can. */
export function tally(machine: Machine): Tallies {
  const { input, unit, tasks } = machine;
  const streamed = tasks.filter((task) => task.unit === unit);
  const scheduled = scheduledOf(machine);
  const conditions = new Map(scheduled.map((task) => [task, conditionsOf(machine, task)]));
  const none = () =>
    new Map(
      streamed.map((task): [Task, Tally] => [
        task,
        {
          outcomes: (conditions.get(task) ?? []).map(() => ({ seen: 0, held: 0, passed: 0, reached: 0, rowCut: 0, columnCut: 0 })),
          runs: 0,
        },
      ]),
    );
  const [looks, glances] = [none(), none()];
  const counters = new Map([...machine.counters.keys()].map((name) => [name, 0]));
  const backwards = [...scheduled].reverse();
  const isReady = (task: Task, { outcomes }: Tally) =>
    conditions.get(task)!.every((condition, i) => look(condition, counters, outcomes[i]));
  const made = (place: Place) => {
    for (const task of streamed) {
      if (!task.folds || task.inputs[0].name !== place.name) continue;
      looks.get(task)!.runs++;
      if (completes(task, counters)) made(task.output);
    }
    count(place, counters);
  };
  const fire = (): boolean => {
    const task = backwards.find((each) => isReady(each, looks.get(each)!));
    if (!task) return false;
    looks.get(task)!.runs++;
    if (unit === 'row') advance(task, counters);
    else made(task.output);
    return true;
  };
  const units = unitsOf(machine);
  const glanced = glancedAt(machine);
  const hasWhole = tasks.some((task) => task.unit === 'whole');
  let entered = 0;
  for (let i = 0; i < units; i++) {
    if (unit === 'row') counters.set('rows_input', i + 1);
    else made(input);
    const isQuiet = glanced && !glanced.some((task) => isReady(task, glances.get(task)!)) && !(hasWhole && i === units - 1);
    if (isQuiet) continue;
    entered++;
    while (fire());
  }
  return { looks, glances, entered };
}

/** The streamed stages that run when it is their turn: not those that take pixels as they are made. */
export function scheduledOf({ unit, tasks }: Machine): Task[] {
  const passed = new Set(tasks.map(({ passesTo }) => passesTo));
  return tasks.filter((task) => task.unit === unit && (unit === 'row' ? !passed.has(task.stage.name) : !task.folds));
}

/** The stages that a pixel of the input may let run; undefined where it is folded as it comes, or rows come. */
export function glancedAt({ input, unit, tasks }: Machine): Task[] | undefined {
  const readers = tasks.filter((task) => task.unit === 'pixel' && task.inputs.some(({ name }) => name === input.name));
  return unit === 'row' || readers.some(({ folds }) => folds) ? undefined : readers;
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

function look(condition: Condition, counters: ReadonlyMap<string, number>, outcomes: Outcomes): boolean {
  outcomes.seen++;
  const holds = isMet(condition, counters, outcomes);
  if (holds) outcomes.held++;
  return holds;
}

function isMet(condition: Condition, counters: ReadonlyMap<string, number>, outcomes: Outcomes): boolean {
  const at = (counter: string) => counters.get(counter) ?? 0;
  switch (condition.kind) {
    case 'below':
      return at(condition.counter) < condition.limit;
    case 'equal':
      return at(condition.counter) === condition.value;
    case 'behind':
      return at(condition.counter) < at(condition.other);
    case 'enough': {
      const { counter, other, factor, offset, all } = condition;
      const enough = at(other) >= at(counter) * factor + offset;
      if (enough) outcomes.passed++;
      return enough || at(other) === all;
    }
    case 'arrived': {
      const { input, output, row, column } = condition;
      const needed = (own: number, { factor, offset, most }: Reach) => own * factor + offset - Math.max(0, own * factor + offset - most);
      const isCut = (own: number, { factor, offset, most }: Reach) => Number(own * factor + offset >= most);
      const y = at(`y_${input}`) - needed(at(`y_${output}`), row);
      outcomes.rowCut += isCut(at(`y_${output}`), row);
      if (!column) return y > 0;
      if (y > 0) outcomes.passed++;
      if (y !== 0) return y > 0;
      outcomes.reached++;
      outcomes.columnCut += isCut(at(`x_${output}`), column);
      return at(`x_${input}`) > needed(at(`x_${output}`), column);
    }
  }
}

function advance(task: Task, counters: Map<string, number>): void {
  const name = counterOf(task);
  const count = counters.get(name)! + 1;
  counters.set(name, count);
  if (task.passesTo) counters.set(`taken_${task.passesTo}`, count);
  if (!task.folds || task.stage.op === 'dense') return;
  const { kernelY, strideY, padTop, rows } = task.stage.window!;
  const made = counters.get(`rows_${task.stage.name}`)!;
  const place = count - 1 + padTop - made * strideY;
  if (place >= 0 && place < kernelY && made < rows && (place === kernelY - 1 || count === task.inputs[0].height))
    counters.set(`rows_${task.stage.name}`, made + 1);
}
