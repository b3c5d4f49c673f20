import { push } from '../avr/push.ts';
import { assembly } from '../avr/text.ts';
import { machineOf } from '../plan/machine.ts';
import type { ModuleContext } from './context.ts';
import { foldedBias } from './kernels/weights.ts';
import { lines, table } from './text.ts';

/** Which compilers take the machine code; others, and all with SPARSE_PLAIN_C defined, take the plain C. */
const TAKES_IT = '#if defined(__AVR_HAVE_MUL__) && !defined(SPARSE_PLAIN_C)';

/** The C of what machine code does, and beside it for an AVR that code: both give the same bits. */
export function withMachine(module: ModuleContext, plain: readonly string[]): string[] {
  const { plan, network, name } = module;
  if (!plan.machine) return [...plain];
  const { items } = push(machineOf(network, plan));
  const code = assembly(items, name).map((line) => `        "${line}\\n"`);
  const function_ = lines(
    0,
    `/* Takes a ${plan.unit} and computes all that it makes possible: all stages in one function, which so needs little stack. */`,
    `__attribute__((naked, noinline)) void ${name}_push_${plan.unit}(${name}_state *state)`,
    `{`,
    `    (void)state;`,
    `    __asm__ volatile(\n${code.join('\n')});`,
    `}`,
  );
  return [`${TAKES_IT}\n\n${[...biases(module), function_].join('\n\n')}\n\n#else`, ...plain, '#endif'];
}

/** What a dense layer's sums begin with. */
const biases = ({ stages }: ModuleContext): string[] =>
  stages
    .filter(({ stage, plan: { intake } }) => stage.op === 'dense' && intake === 'fold')
    .map((context) => table('int32_t', `${context.symbol}_bias`, foldedBias(context)));
