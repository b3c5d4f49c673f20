import { once } from '../network/once.ts';
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

/** The streamed stages that take a tensor's pixels one by one, of a network that is streamed by pixels. */
export const foldersOf = ({ tasks }: Machine, { name }: Place): Task[] =>
  tasks.filter(({ unit, folds, inputs: [input] }) => unit === 'pixel' && folds && input.name === name);

/** The dense layer or pool that takes a stage's pixels as they are made. */
export const takerOf = ({ tasks }: Machine, { passesTo }: Task): Task | undefined => tasks.find(({ stage }) => stage.name === passesTo);

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

/** Where the counters begin in the state. */
export const firstCounter = once(({ counters }: Machine): number => Math.min(...[...counters.values()].map(({ offset }) => offset)));
