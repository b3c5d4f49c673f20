import { rowsNeeded } from '../plan/stream.ts';
import type { CTensor, ModuleContext, StageContext } from './context.ts';
import { takesRow } from './kernels/window.ts';
import { lines } from './text.ts';

/** The functions that move rows through the network, in the schedule that the plan was made from. */
export function driver(module: ModuleContext): string {
  const { name, plan, input } = module;
  const whole = module.stages.slice(plan.streamed);
  const streams = plan.streamed > 0;
  const step =
    streams &&
    lines(
      0,
      `/* The most downstream stage that can make a row does so; 0 when none can. */`,
      `static STAGE uint8_t step(${name}_state *state)`,
      `{`,
      lines(1, steps(module)),
      `    return 1;`,
      `}`,
    );
  const runAll =
    whole.length > 0 &&
    lines(
      0,
      `/* All rows are there: the other stages run over whole tensors. */`,
      `static STAGE void run_whole(${name}_state *state)`,
      `{`,
      lines(1, ...whole.map(runWhole)),
      `}`,
    );
  const push = lines(
    0,
    `void ${name}_push_row(${name}_state *state)`,
    `{`,
    `    if (state->rows_input == ${input.height})`,
    `        return;`,
    `    ++state->rows_input;`,
    streams && lines(1, 'while (step(state)) {', '}'),
    whole.length > 0 && lines(1, `if (state->rows_input == ${input.height})`, `    run_whole(state);`),
    `}`,
  );
  const next = lines(
    0,
    `uint8_t *${name}_next_row(${name}_state *state)`,
    `{`,
    `    return ${input.base} + ${input.depth > 1 ? `state->rows_input % ${input.depth} * ${input.row}` : '0'};`,
    `}`,
  );
  return [init(module), next, step, runAll, push, run(module), result(module)].filter(Boolean).join('\n\n');
}

function init({ name, plan, stages }: ModuleContext): string {
  const folding = stages.filter(({ stage, plan: { intake } }) => stage.op === 'dense' && intake === 'fold');
  return lines(
    0,
    `void ${name}_init(${name}_state *state)`,
    `{`,
    ...plan.counters.map((counter) => `    state->${counter} = 0;`),
    ...folding.map(({ stage }) =>
      lines(
        1,
        `for (unsigned unit = 0; unit < ${stage.shape.channels}; ++unit)`,
        `    state->sum_${stage.name}[unit] = READ_32(${stage.name}_bias + unit);`,
      ),
    ),
    `}`,
  );
}

function run({ name, input }: ModuleContext): string {
  return lines(
    0,
    `uint8_t ${name}_run(${name}_state *state, const uint8_t *input)`,
    `{`,
    `    ${name}_init(state);`,
    `    for (unsigned y = 0; y < ${input.height}; ++y) {`,
    `        uint8_t *row = ${name}_next_row(state);`,
    `        for (unsigned i = 0; i < ${input.row}; ++i)`,
    `            row[i] = *input++;`,
    `        ${name}_push_row(state);`,
    `    }`,
    `    return ${name}_result(state);`,
    `}`,
  );
}

function result({ name, stages }: ModuleContext): string {
  const { output } = stages[stages.length - 1];
  const classes = output.height * output.row;
  return lines(
    0,
    `const ${output.type} *${name}_logits(const ${name}_state *state)`,
    `{`,
    `    return ${output.base.replace('(int8_t *)', '(const int8_t *)')};`,
    `}`,
    ``,
    `uint8_t ${name}_result(const ${name}_state *state)`,
    `{`,
    `    const ${output.type} *logits = ${name}_logits(state);`,
    `    uint8_t best = 0;`,
    `    for (uint8_t i = 1; i < ${classes}; ++i)`,
    `        if (logits[i] > logits[best])`,
    `            best = i;`,
    `    return best;`,
    `}`,
  );
}

/** An if-else chain over the streamed stages, the last first. */
function steps({ stages, plan }: ModuleContext): string {
  const branches = stages
    .slice(0, plan.streamed)
    .reverse()
    .map((context) => (context.plan.intake === 'fold' ? foldStep(context, stages) : windowStep(context, stages)));
  return [...branches.map(({ when, body }) => `if (${when}) {\n${lines(1, body)}\n}`), '{\n    return 0;\n}'].join(' else ');
}

type Step = { readonly when: string; readonly body: string };

function windowStep(context: StageContext, stages: readonly StageContext[]): Step {
  const { stage, inputs, output } = context;
  const made = `state->rows_${stage.name}`;
  const arrived = inputs.map((input) => {
    const all = hasAllRows(input, stages);
    if (input.height === 1) return all;
    if (!stage.window) return `state->rows_${input.name} > ${made}`;
    const { strideY, spanY, padTop } = stage.window;
    const enough = `state->rows_${input.name} >= ${made} * ${strideY} + ${spanY - padTop}`;
    const clipped = rowsNeeded(stage, stage.shape.height - 1) < (stage.shape.height - 1) * strideY + spanY - padTop;
    return clipped ? `(${enough} || ${all})` : enough;
  });
  return {
    when: [`${made} < ${stage.shape.height}`, ...arrived].join(' && '),
    body: lines(0, call(context, slot(output, made), made), `++${made};`),
  };
}

function foldStep(context: StageContext, stages: readonly StageContext[]): Step {
  const { stage, inputs, output } = context;
  const [input] = inputs;
  const taken = `state->taken_${stage.name}`;
  const when = input.height === 1 ? `${taken} == 0 && ${hasAllRows(input, stages)}` : `${taken} < state->rows_${input.name}`;
  const row = slot(input, taken);
  if (stage.op === 'dense') {
    const close = !stage.raw && `${stage.name}_close(state->sum_${stage.name}, ${output.base});`;
    const y = input.height > 1 ? `, ${taken}` : '';
    const body = lines(
      0,
      `${stage.name}_fold(${row}, state->sum_${stage.name}${y});`,
      `++${taken};`,
      close && (input.height > 1 ? lines(0, `if (${taken} == ${input.height})`, `    ${close}`) : close),
    );
    return { when, body };
  }
  const { kernelY, strideY, padTop } = stage.window!;
  const made = `state->rows_${stage.name}`;
  const target = slot(output, made);
  const into = stage.op === 'averagePool' ? `state->sum_${stage.name}` : target;
  const body = lines(
    0,
    `const unsigned row = ${taken}${padTop > 0 ? ` + ${padTop}u` : ''};`,
    `if (row % ${strideY} < ${kernelY} && ${made} < ${stage.shape.height}) {`,
    `    ${stage.name}_fold(${row}, ${into}, row % ${strideY} == 0${padTop > 0 ? ` || ${taken} == 0` : ''});`,
    `    if (row % ${strideY} == ${kernelY - 1} || ${taken} == ${input.height - 1}) {`,
    stage.op === 'averagePool' && `        ${stage.name}_close(state->sum_${stage.name}, ${target});`,
    `        ++${made};`,
    `    }`,
    `}`,
    `++${taken};`,
  );
  return { when, body };
}

/** Runs a stage over its whole inputs. */
function runWhole(context: StageContext): string {
  const { stage, output } = context;
  if (!takesRow(context)) return call(context, output.base, '');
  const at = `${output.base} + y * ${output.row}`;
  return lines(
    0,
    `for (unsigned y = 0; y < ${stage.shape.height}; ++y)`,
    `    ${call(context, stage.shape.height > 1 ? at : output.base, 'y')}`,
  );
}

const call = (context: StageContext, output: string, y: string): string =>
  `${context.stage.name}_row(${[...context.inputs.map((input) => input.base), output, ...(takesRow(context) ? [y] : [])].join(', ')});`;

/** C of the place of a tensor's row `row` in its buffer. */
function slot(tensor: CTensor, row: string): string {
  if (tensor.height === 1 || tensor.depth === 1) return tensor.base;
  return `${tensor.base} + ${row}${tensor.depth < tensor.height ? ` % ${tensor.depth}` : ''} * ${tensor.row}`;
}

/** C of the condition that the last row of a tensor has been made. */
function hasAllRows(tensor: CTensor, stages: readonly StageContext[]): string {
  const producer = stages.find(({ stage }) => stage.name === tensor.name);
  if (producer?.stage.op === 'dense' && producer.plan.intake === 'fold')
    return `state->taken_${tensor.name} == ${producer.inputs[0].height}`;
  return `state->rows_${tensor.name} == ${tensor.height}`;
}
