import { functionsOf } from '../avr/functions.ts';
import { MOST_SUM_REGISTERS } from '../avr/machine.ts';
import type { Item } from '../avr/program.ts';
import { push } from '../avr/push.ts';
import { assembly } from '../avr/text.ts';
import type { Machine } from '../machine/machine.ts';
import { planWith } from '../plan/choose.ts';
import { machineOf } from '../plan/machine.ts';
import type { Plan } from '../plan/plan.ts';
import { planTarget } from '../plan/target.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import type { ModuleContext } from './context.ts';

/** Which compilers take the machine code; others, and all with SPARSE_PLAIN_C defined, take the plain C. Small chips have no long jump. */
const takesIt = (items: readonly Item[]): string =>
  `#if defined(__AVR_HAVE_MUL__)${items.some(isLongJump) ? ' && defined(__AVR_HAVE_JMP_CALL__)' : ''} && !defined(SPARSE_PLAIN_C)`;

const isLongJump = (item: Item): boolean => 'mnemonic' in item && item.mnemonic === 'jmp';

/**
 * The machine code that stands in the C source of a network; undefined where there is none, or what stands there is not what the network's
 * integers give. `server/verify/machine.ts` runs it.
 */
export function machineWithin(source: string, name: string, network: QuantizedNetwork): Machine | undefined {
  const [, unit, streamed, mostInCode, sumRegisters] = MADE_BY.exec(source) ?? [];
  if (unit !== 'row' && unit !== 'pixel') return undefined;
  const { input, stages } = network;
  if (Number(streamed) > stages.length || Number(sumRegisters) > MOST_SUM_REGISTERS) return undefined;
  const cut = { unit, streamed: Number(streamed) } as const;
  const machine = { mostInCode: Number(mostInCode), sumRegisters: Number(sumRegisters) };
  const plan = { ...planWith(cut, input.shape, stages, planTarget({ architecture: 'avr' })), machine };
  return source.includes(functionsIn(name, network, plan).join('\n\n')) ? machineOf(network, plan) : undefined;
}

/** How the code was made, in so few words that it can be made again. */
const madeBy = ({ unit, streamed, machine }: Plan): string =>
  `${unit}s through ${streamed} stages, up to ${machine!.mostInCode} weights as code, ${machine!.sumRegisters} registers for sums`;
const MADE_BY = /\((row|pixel)s through (\d{1,4}) stages, up to (\d{1,6}) weights as code, (\d{1,2}) registers for sums\)/;

/** The C of what machine code does, and beside it for an AVR that code: both give the same bits. */
export function withMachine({ plan, network, name }: ModuleContext, plain: readonly string[]): string[] {
  if (!plan.machine) return [...plain];
  const about = `/* Machine code, tables among it (${madeBy(plan)}): all stages in one function, which so needs little stack. Its C twin follows. */`;
  const functions = functionsIn(name, network, plan);
  return [`${takesIt(push(machineOf(network, plan)))}\n\n${about}\n${MACHINE}\n\n${functions.join('\n\n')}\n\n#else`, ...plain, '#endif'];
}

/** C functions of nothing but machine code. */
function functionsIn(name: string, network: QuantizedNetwork, plan: Plan): string[] {
  const machine = machineOf(network, plan);
  const define = (signature: string, function_: string, items: readonly Item[]) => {
    const code = assembly(items, `${name}_${function_}`).map((line) => `        "${line}\\n"`);
    return `${NAKED} ${signature}\n{\n    (void)state;\n    __asm__ volatile(\n${code.join('\n')});\n}`;
  };
  const types: { readonly [name: string]: string } = { init: 'void ', result: 'uint8_t ', [`next_${plan.unit}`]: 'uint8_t *' };
  const functions = functionsOf(machine).map((each) =>
    define(`${types[each.name]}${name}_${each.name}(${each.name === 'result' ? 'const ' : ''}${name}_state *state)`, each.name, each.items),
  );
  return [...functions, define(`void ${name}_push_${plan.unit}(${name}_state *state)`, 'push', push(machine))];
}

const NAKED = 'MACHINE_CODE';
const MACHINE = `#if defined(__AVR_HAVE_ELPM__)
#define MACHINE_CODE __attribute__((naked, noinline, section(".progmem.code"))) /* tables lie where 16 bits reach */
#else
#define MACHINE_CODE __attribute__((naked, noinline))
#endif`;
