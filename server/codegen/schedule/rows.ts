import { rowsNeeded } from '../../plan/stream.ts';
import { type CTensor, type ModuleContext, PASSED, type StageContext } from '../context.ts';
import { takesRow } from '../kernels/window.ts';
import { lines } from '../text.ts';
import type { Schedule } from './schedule.ts';

/** Rows arrive: after each the most downstream stage that can make a row does so, until none can. */
export function rows(module: ModuleContext): Schedule {
  const { input, plan } = module;
  return {
    begin: plan.counters.map(({ name }) => `state->${name} = 0;`),
    next: `${input.base} + ${input.depth > 1 ? `state->rows_input % ${input.depth}u * ${input.row}` : '0'}`,
    isComplete: `state->rows_input == ${input.height}`,
    take: '++state->rows_input;',
    ...(plan.streamed > 0 && { step: step(module), run: 'while (step(state)) {\n}' }),
  };
}

const step = (module: ModuleContext): string =>
  lines(
    0,
    `/* The most downstream stage that can make a row does so; 0 when none can. */`,
    `static STAGE uint8_t step(${module.name}_state *state)`,
    `{`,
    lines(1, steps(module)),
    `    return 1;`,
    `}`,
  );

/** An if-else chain over the streamed stages, the last first. */
function steps({ stages, plan }: ModuleContext): string {
  const passed = new Set(plan.buffers.flatMap(({ tensor, isPassed }) => (isPassed ? [tensor] : [])));
  const stepOf = (context: StageContext): Step => {
    if (context.plan.intake === 'fold') return foldStep(context, stages);
    const made = windowStep(context, stages);
    const taker = passed.has(context.stage.name) && stages.find(({ stage }) => stage.inputs.includes(context.stage.name));
    if (!taker) return made;
    const { type, row } = context.output;
    return { when: made.when, body: lines(0, `${type} ${PASSED}[${row}];`, made.body, foldStep(taker, stages).body) };
  };
  const branches = stages
    .slice(0, plan.streamed)
    .filter(({ stage }) => !passed.has(stage.inputs[0]))
    .reverse()
    .map(stepOf);
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
    body: lines(0, callRow(context, slot(output, made), made), `++${made};`),
  };
}

function foldStep(context: StageContext, stages: readonly StageContext[]): Step {
  const { stage, inputs, output } = context;
  const [input] = inputs;
  const taken = `state->taken_${stage.name}`;
  const when = input.height === 1 ? `${taken} == 0 && ${hasAllRows(input, stages)}` : `${taken} < state->rows_${input.name}`;
  const row = slot(input, taken);
  if (stage.op === 'dense') {
    const close = !stage.raw && `${context.symbol}_close(${context.running}, ${output.base});`;
    const y = input.height > 1 ? `, ${taken}` : '';
    const body = lines(
      0,
      `${context.symbol}_fold(${row}, ${context.running}${y});`,
      `++${taken};`,
      close && (input.height > 1 ? lines(0, `if (${taken} == ${input.height})`, `    ${close}`) : close),
    );
    return { when, body };
  }
  const { kernelY, strideY, padTop } = stage.window!;
  const made = `state->rows_${stage.name}`;
  const target = slot(output, made);
  const into = stage.op === 'averagePool' ? context.running : target;
  const body = lines(
    0,
    `const unsigned row = ${taken}${padTop > 0 ? ` + ${padTop}u` : ''};`,
    `if (row % ${strideY} < ${kernelY} && ${made} < ${stage.shape.height}) {`,
    `    ${context.symbol}_fold(${row}, ${into}, row % ${strideY} == 0${padTop > 0 ? ` || ${taken} == 0` : ''});`,
    `    if (row % ${strideY} == ${kernelY - 1} || ${taken} == ${input.height - 1}) {`,
    stage.op === 'averagePool' && `        ${context.symbol}_close(${context.running}, ${target});`,
    `        ++${made};`,
    `    }`,
    `}`,
    `++${taken};`,
  );
  return { when, body };
}

/** C that computes a row of a stage. */
export const callRow = (context: StageContext, output: string, y: string): string =>
  `${context.symbol}_row(${[...context.inputs.map((input) => input.base), output, ...(takesRow(context) ? [y] : [])].join(', ')});`;

/** C of the place of a tensor's row `row` in its buffer. */
function slot(tensor: CTensor, row: string): string {
  if (tensor.height === 1 || tensor.depth === 1) return tensor.base;
  return `${tensor.base} + ${row}${tensor.depth < tensor.height ? ` % ${tensor.depth}u` : ''} * ${tensor.row}`;
}

/** C of the condition that the last row of a tensor has been made. */
function hasAllRows(tensor: CTensor, stages: readonly StageContext[]): string {
  const producer = stages.find(({ stage }) => stage.name === tensor.name);
  if (producer?.stage.op === 'dense' && producer.plan.intake === 'fold')
    return `state->taken_${tensor.name} == ${producer.inputs[0].height}`;
  return `state->rows_${tensor.name} == ${tensor.height}`;
}
