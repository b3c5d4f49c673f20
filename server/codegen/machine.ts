import { functionsOf } from '../avr/functions.ts';
import type { Machine } from '../avr/machine.ts';
import type { Item } from '../avr/program.ts';
import { push } from '../avr/push.ts';
import { assembly } from '../avr/text.ts';
import { machineOf } from '../plan/machine.ts';
import type { Plan } from '../plan/plan.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import type { ModuleContext } from './context.ts';

/** Which compilers take the machine code; others, and all with SPARSE_PLAIN_C defined, take the plain C. Small chips have no long jump. */
const takesIt = (items: readonly Item[]): string =>
  `#if defined(__AVR_HAVE_MUL__)${items.some(isLongJump) ? ' && defined(__AVR_HAVE_JMP_CALL__)' : ''} && !defined(SPARSE_PLAIN_C)`;

const isLongJump = (item: Item): boolean => 'mnemonic' in item && item.mnemonic === 'jmp';

/** What the machine code beside the C is written from; undefined where there is none. `server/verify/machine.ts` runs it. */
export const machineFor = (network: QuantizedNetwork, plan: Plan): Machine | undefined =>
  plan.machine ? machineOf(network, plan) : undefined;

/** The C of what machine code does, and beside it for an AVR that code: both give the same bits. */
export function withMachine(module: ModuleContext, plain: readonly string[]): string[] {
  const { plan, network, name } = module;
  if (!plan.machine) return [...plain];
  const machine = machineOf(network, plan);
  const define = (signature: string, function_: string, items: readonly Item[]) => {
    const code = assembly(items, `${name}_${function_}`).map((line) => `        "${line}\\n"`);
    return `${NAKED} ${signature}\n{\n    (void)state;\n    __asm__ volatile(\n${code.join('\n')});\n}`;
  };
  const types: { readonly [name: string]: string } = { init: 'void ', result: 'uint8_t ', [`next_${plan.unit}`]: 'uint8_t *' };
  const functions = functionsOf(machine).map((each) =>
    define(`${types[each.name]}${name}_${each.name}(${each.name === 'result' ? 'const ' : ''}${name}_state *state)`, each.name, each.items),
  );
  const { items } = push(machine);
  const pushes = define(`void ${name}_push_${plan.unit}(${name}_state *state)`, 'push', items);
  return [`${takesIt(items)}\n\n${MACHINE}\n\n${[...functions, pushes].join('\n\n')}\n\n#else`, ...plain, '#endif'];
}

const NAKED = 'MACHINE_CODE';
const MACHINE = `/* Machine code, tables among it: all stages in one function, which so needs little stack. Its C twin follows. */
#if defined(__AVR_HAVE_ELPM__)
#define MACHINE_CODE __attribute__((naked, noinline, section(".progmem.code"))) /* tables lie where 16 bits reach */
#else
#define MACHINE_CODE __attribute__((naked, noinline))
#endif`;
