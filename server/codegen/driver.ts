import type { ModuleContext, StageContext } from './context.ts';
import { takesRow } from './kernels/window.ts';
import { pixels } from './schedule/pixels.ts';
import { callRow, rows } from './schedule/rows.ts';
import type { Schedule } from './schedule/schedule.ts';
import { lines } from './text.ts';

/** The functions that begin an input, move it through the network in the schedule that the plan was made from, and tell what came of it. */
export function driver(module: ModuleContext): string[] {
  const schedule = module.plan.unit === 'row' ? rows(module) : pixels(module);
  const parts = [init(module, schedule), next(module, schedule), schedule.step, runWhole(module), push(module, schedule), result(module)];
  return parts.filter((part) => part !== undefined);
}

/** Those that only call others or tell where something lies. */
export const callers = (module: ModuleContext): string[] => [run(module), logits(module)];

function init({ name, stages }: ModuleContext, { begin }: Schedule): string {
  const folding = stages.filter(({ stage, plan: { intake } }) => stage.op === 'dense' && intake === 'fold');
  return lines(
    0,
    `void ${name}_init(${name}_state *state)`,
    `{`,
    lines(1, ...begin),
    ...folding.map(({ stage, symbol, sums }) =>
      lines(
        1,
        `for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit)`,
        `    state->sum_${stage.name}[unit] = ${sums.startsWith('int') ? '' : `(${sums})`}READ_32(${symbol}_bias + unit);`,
      ),
    ),
    `}`,
  );
}

const next = ({ name, plan: { unit } }: ModuleContext, schedule: Schedule): string =>
  lines(0, `uint8_t *${name}_next_${unit}(${name}_state *state)`, `{`, `    return ${schedule.next};`, `}`);

function push({ name, plan, stages }: ModuleContext, schedule: Schedule): string {
  return lines(
    0,
    `void ${name}_push_${plan.unit}(${name}_state *state)`,
    `{`,
    `    if (${schedule.isComplete})`,
    `        return;`,
    lines(1, schedule.take),
    schedule.run && lines(1, schedule.run),
    stages.length > plan.streamed && lines(1, `if (${schedule.isComplete})`, `    run_whole(state);`),
    `}`,
  );
}

function runWhole({ name, stages, plan }: ModuleContext): string | undefined {
  if (stages.length === plan.streamed) return undefined;
  return lines(
    0,
    `/* The whole input is there: the other stages run over whole tensors. */`,
    `static STAGE void run_whole(${name}_state *state)`,
    `{`,
    lines(1, ...stages.slice(plan.streamed).map(runRows)),
    `}`,
  );
}

/** Runs a stage over its whole inputs. */
function runRows(context: StageContext): string {
  const { stage, output } = context;
  if (!takesRow(context)) return callRow(context, output.base, '');
  const at = `${output.base} + y * ${output.row}`;
  return lines(
    0,
    `for (unsigned y = 0; y < ${stage.shape.height}; ++y)`,
    `    ${callRow(context, stage.shape.height > 1 ? at : output.base, 'y')}`,
  );
}

function run({ name, plan: { unit }, input: { height, width } }: ModuleContext): string {
  const upper = `${name}_${unit}`.toUpperCase();
  return lines(
    0,
    `uint8_t ${name}_run(${name}_state *state, const uint8_t *input)`,
    `{`,
    `    ${name}_init(state);`,
    `    for (${height * width > 65535 ? 'uint32_t' : 'unsigned'} n = ${upper}S; n > 0; --n) {`,
    `        uint8_t *to = ${name}_next_${unit}(state);`,
    `        for (unsigned i = 0; i < ${upper}_BYTES; ++i)`,
    `            to[i] = *input++;`,
    `        ${name}_push_${unit}(state);`,
    `    }`,
    `    return ${name}_result(state);`,
    `}`,
  );
}

function logits({ name, stages }: ModuleContext): string {
  const { output } = stages[stages.length - 1];
  const place = output.base.replace('(int8_t *)', '(const int8_t *)');
  return lines(0, `const ${output.type} *${name}_logits(const ${name}_state *state)`, `{`, `    return ${place};`, `}`);
}

function result({ name, stages }: ModuleContext): string {
  const { output } = stages[stages.length - 1];
  return lines(
    0,
    `uint8_t ${name}_result(const ${name}_state *state)`,
    `{`,
    `    const ${output.type} *logits = ${name}_logits(state);`,
    `    uint8_t best = 0;`,
    `    for (uint8_t i = 1; i < ${output.height * output.row}; ++i)`,
    `        if (logits[i] > logits[best])`,
    `            best = i;`,
    `    return best;`,
    `}`,
  );
}
