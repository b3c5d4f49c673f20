import { lastColumn, lastRow } from '../../plan/pixels.ts';
import type { CTensor, ModuleContext, StageContext } from '../context.ts';
import { place } from '../pixel/place.ts';
import { lines } from '../text.ts';
import type { Schedule } from './schedule.ts';

/** Pixels arrive, row after row: after each the most downstream stage that can make a pixel does so, until none can. */
export function pixels(module: ModuleContext): Schedule {
  const { input, plan } = module;
  const streamed = module.stages.slice(0, plan.streamed);
  const windowed = streamed.filter((context) => context.plan.intake === 'window');
  const counters = new Set(plan.counters.map(({ name }) => name));
  return {
    begin: plan.counters.map(({ name }) => `state->${name} = 0;`),
    next: place(input),
    isComplete: `state->y_input == ${input.height}`,
    take: made(input, streamed, counters),
    ...(windowed.length > 0 && { run: lines(0, 'for (;;) {', lines(1, steps(windowed, streamed, counters)), '}') }),
  };
}

/** An if-else chain over the stages that compute pixels from windows, the last first. */
function steps(windowed: readonly StageContext[], streamed: readonly StageContext[], counters: ReadonlySet<string>): string {
  const branches = [...windowed].reverse().map((context) => {
    const body = lines(1, `state = ${context.symbol}_pixel(state);`, made(context.output, streamed, counters));
    return `if (${isReady(context)}) {\n${body}\n}`;
  });
  return [...branches, '{\n    break;\n}'].join(' else ');
}

/** The next pixel of a stage is not its last, and all that it needs is there. */
function isReady({ stage, inputs, output }: StageContext): string {
  const y = `state->y_${output.name}`;
  const x = output.width > 1 ? `state->x_${output.name}` : '0';
  const arrived = inputs.map((input) => {
    const made = `state->y_${input.name}`;
    const row = needed(y, input.height, stage.shape.height, (at) => lastRow(stage, at));
    if (input.width === 1) return `${made} > ${row}`;
    const column = needed(x, input.width, stage.shape.width, (at) => lastColumn(stage, at));
    return `(${made} > ${row} || (${made} == ${row} && state->x_${input.name} > ${column}))`;
  });
  return [`${y} < ${output.height}`, ...new Set(arrived)].join(' && ');
}

/** C of the last row or column that output `at` needs: linear in it, but for those that the input's end cuts short. */
function needed(at: string, size: number, count: number, last: (at: number) => number): string {
  if (count === 1) return String(last(0));
  const free = Array.from({ length: count }, (_, i) => last(i)).filter((each) => each < size - 1);
  const stride = count > 1 ? last(1) - last(0) : 0;
  if (free.length === 0) return String(size - 1);
  if (free.length === 1) return `(${at} == 0 ? ${last(0)} : ${size - 1})`;
  const linear = [stride > 1 ? `${at} * ${stride}` : at, last(0) > 0 ? ` + ${last(0)}` : ''].join('');
  const lastIsLinear = last(count - 1) - last(0) === (count - 1) * stride;
  if (lastIsLinear) return stride > 1 || last(0) > 0 ? `(${linear})` : linear;
  return `(${at} < ${free.length} ? ${linear} : ${size - 1})`;
}

/** A tensor's next pixel is there: the stages that fold it take it, and it is counted. */
function made(tensor: CTensor, streamed: readonly StageContext[], counters: ReadonlySet<string>): string {
  const folding = streamed.filter(({ stage, plan }) => plan.intake === 'fold' && stage.inputs[0] === tensor.name);
  return lines(0, ...folding.map((context) => fold(context, tensor, streamed, counters)), advance(tensor, counters));
}

function fold(context: StageContext, tensor: CTensor, streamed: readonly StageContext[], counters: ReadonlySet<string>): string {
  const { stage, symbol, output } = context;
  const y = `state->y_${tensor.name}`;
  const x = tensor.width > 1 ? `state->x_${tensor.name}` : '0';
  if (stage.op !== 'dense') {
    const complete = made(output, streamed, counters);
    return lines(0, `if (${symbol}_fold(state)) {`, lines(1, complete), '}');
  }
  const count = tensor.height * tensor.width;
  const pixel = [...(tensor.height > 1 ? [tensor.width > 1 ? `${y} * ${tensor.width}u` : y] : []), ...(tensor.width > 1 ? [x] : [])];
  const call = `state = ${symbol}_fold(${['state', ...(count > 1 ? [pixel.join(' + ')] : [])].join(', ')});`;
  if (stage.raw) return call;
  const isLast = [
    ...(tensor.height > 1 ? [`${y} == ${tensor.height - 1}`] : []),
    ...(tensor.width > 1 ? [`${x} == ${tensor.width - 1}`] : []),
  ];
  const close = lines(0, `${symbol}_close(${context.running}, ${output.base});`, made(output, streamed, counters));
  return lines(0, call, isLast.length > 0 ? lines(0, `if (${isLast.join(' && ')}) {`, lines(1, close), '}') : close);
}

/** Counts a pixel of a tensor: its row and column, and its place in the ring. */
function advance(tensor: CTensor, counters: ReadonlySet<string>): string {
  const { name, width, pixels } = tensor;
  const has = (counter: string) => counters.has(`${counter}_${name}`);
  return lines(
    0,
    has('at') && `if (++state->at_${name} == ${pixels})\n    state->at_${name} = 0;`,
    has('x') && `if (++state->x_${name} == ${width}) {\n    state->x_${name} = 0;\n    ++state->y_${name};\n}`,
    has('y') && !has('x') && `++state->y_${name};`,
  );
}
