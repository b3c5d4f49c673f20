import type { Machine, Place, Task } from './machine.ts';
import { type Condition, conditionsOf, counterOf, glancedAt, type Reach, scheduledOf, takerOf, unitsOf } from './schedule.ts';

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
  const cell = cells();
  const conditions = new Map(scheduled.map((task) => [task, conditionsOf(machine, task)]));
  const untold = () => new Map(streamed.map((task) => [task, { outcomes: (conditions.get(task) ?? []).map(none), runs: 0 }]));
  const [looks, glances] = [untold(), untold()];
  const ready = (task: Task, { outcomes }: Tally): Step<boolean> => {
    const tests = conditions.get(task)!.map((condition, i) => looking(bound(condition, cell, outcomes[i]), outcomes[i]));
    return () => tests.every((holds) => holds());
  };

  const made = new Map<string, Step>();
  const makes = ({ name }: Place): Step => made.get(name)!;
  for (const place of [...streamed.map(({ output }) => output).reverse(), input])
    if (!made.has(place.name)) made.set(place.name, pixelMade(place, machine, streamed, looks, cell, makes));
  const turns = [...scheduled].reverse().map((task) => {
    const own = looks.get(task)!;
    return { isReady: ready(task, own), own, fire: unit === 'row' ? rowTurn(task, machine, cell) : makes(task.output) };
  });
  const arrive = unit === 'row' ? counting(cell(`rows_${input.name}`)) : makes(input);
  const glanced = glancedAt(machine)?.map((task) => ready(task, glances.get(task)!));
  const units = unitsOf(machine);
  const hasWhole = tasks.some((task) => task.unit === 'whole');
  let entered = 0;
  for (let i = 0; i < units; i++) {
    arrive();
    if (glanced && !glanced.some((isReady) => isReady()) && !(hasWhole && i === units - 1)) continue;
    entered++;
    for (let turn = turns.find(({ isReady }) => isReady()); turn; turn = turns.find(({ isReady }) => isReady())) {
      turn.own.runs++;
      turn.fire();
    }
  }
  return { looks, glances, entered };
}

const none = (): Outcomes => ({ seen: 0, held: 0, passed: 0, reached: 0, rowCut: 0, columnCut: 0 });

type Step<Result = void> = () => Result;

/** A counter of the state while the schedule is played. */
type Cell = { at: number };
type CellOf = (name: string) => Cell;

/** Counters by name, at 0 in the beginning: looked up once, for they are asked for at every step. */
function cells(): CellOf {
  const known = new Map<string, Cell>();
  return (name) => {
    const cell = known.get(name) ?? { at: 0 };
    known.set(name, cell);
    return cell;
  };
}

const counting = (cell: Cell) => () => {
  cell.at++;
};

/** A pixel of a tensor appears: stages that fold it take it, and may complete one of their own. */
function pixelMade(
  { name, width }: Place,
  { counters }: Machine,
  streamed: readonly Task[],
  looks: ReadonlyMap<Task, Tally>,
  cell: CellOf,
  makes: (place: Place) => Step,
): Step {
  const folding = streamed
    .filter((task) => task.folds && task.inputs[0].name === name)
    .map((task) => ({ own: looks.get(task)!, completes: completing(task, cell), output: task.output }));
  const y = counters.has(`y_${name}`) ? cell(`y_${name}`) : undefined;
  const x = counters.has(`x_${name}`) ? cell(`x_${name}`) : undefined;
  return () => {
    for (const { own, completes, output } of folding) {
      own.runs++;
      if (completes()) makes(output)();
    }
    if (!y) return;
    if (!x || x.at === width - 1) y.at++;
    if (x) x.at = (x.at + 1) % width;
  };
}

/** Whether the newest pixel is the last of a folding stage's window. */
function completing({ stage, inputs: [input] }: Task, cell: CellOf): Step<boolean> {
  const y = cell(`y_${input.name}`);
  const x = cell(`x_${input.name}`);
  if (!stage.window) return () => y.at === input.height - 1 && x.at === input.width - 1;
  const { kernelY, kernelX, strideY, strideX, padTop, padLeft, rows, columns } = stage.window;
  const last = (at: number, kernel: number, stride: number, size: number, pad: number, count: number) =>
    (at + pad) % stride < kernel && Math.floor((at + pad) / stride) < count && ((at + pad) % stride === kernel - 1 || at === size - 1);
  return () => last(y.at, kernelY, strideY, input.height, padTop, rows) && last(x.at, kernelX, strideX, input.width, padLeft, columns);
}

/** A streamed stage makes a row or takes one. */
function rowTurn(task: Task, machine: Machine, cell: CellOf): Step {
  const own = cell(counterOf(task));
  const taker = takerOf(machine, task);
  const taken = taker ? rowTurn(taker, machine, cell) : undefined;
  const advance = () => {
    own.at++;
    taken?.();
  };
  if (!task.folds || task.stage.op === 'dense') return advance;
  const { kernelY, strideY, padTop, rows } = task.stage.window!;
  const made = cell(`rows_${task.stage.name}`);
  return () => {
    advance();
    const place = own.at - 1 + padTop - made.at * strideY;
    if (place >= 0 && place < kernelY && made.at < rows && (place === kernelY - 1 || own.at === task.inputs[0].height)) made.at++;
  };
}

const looking = (holds: Step<boolean>, outcomes: Outcomes) => () => {
  outcomes.seen++;
  if (!holds()) return false;
  outcomes.held++;
  return true;
};

function bound(condition: Condition, cell: CellOf, outcomes: Outcomes): Step<boolean> {
  switch (condition.kind) {
    case 'below': {
      const counter = cell(condition.counter);
      return () => counter.at < condition.limit;
    }
    case 'equal': {
      const counter = cell(condition.counter);
      return () => counter.at === condition.value;
    }
    case 'behind': {
      const [counter, other] = [cell(condition.counter), cell(condition.other)];
      return () => counter.at < other.at;
    }
    case 'enough': {
      const { factor, offset, all } = condition;
      const [counter, other] = [cell(condition.counter), cell(condition.other)];
      return () => {
        const enough = other.at >= counter.at * factor + offset;
        if (enough) outcomes.passed++;
        return enough || other.at === all;
      };
    }
    case 'arrived':
      return arrived(condition, cell, outcomes);
  }
}

function arrived({ input, output, row, column }: Condition & { kind: 'arrived' }, cell: CellOf, outcomes: Outcomes): Step<boolean> {
  const [inputY, inputX] = [cell(`y_${input}`), cell(`x_${input}`)];
  const [outputY, outputX] = [cell(`y_${output}`), cell(`x_${output}`)];
  return () => {
    const y = inputY.at - needed(outputY.at, row);
    outcomes.rowCut += isCut(outputY.at, row);
    if (!column) return y > 0;
    if (y > 0) outcomes.passed++;
    if (y !== 0) return y > 0;
    outcomes.reached++;
    outcomes.columnCut += isCut(outputX.at, column);
    return inputX.at > needed(outputX.at, column);
  };
}

const needed = (own: number, { factor, offset, most }: Reach): number => Math.min(own * factor + offset, most);

const isCut = (own: number, { factor, offset, most }: Reach): number => Number(own * factor + offset >= most);
