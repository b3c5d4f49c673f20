import { MOST_SUM_REGISTERS } from '../avr/registers.ts';
import type { Machine } from '../machine/machine.ts';
import { planWith } from '../plan/choose.ts';
import { machineOf } from '../plan/machine.ts';
import type { Plan, Unit } from '../plan/plan.ts';
import { planTarget } from '../plan/target.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import type { ModuleContext } from './context.ts';
import { type Code, codeOf } from './cores.ts';

/**
 * The machine code that stands in the C source of a network; undefined where there is none, or what stands there is not what the network's
 * integers give. `server/verify` runs it.
 */
export function machineWithin(source: string, name: string, network: QuantizedNetwork): Machine | undefined {
  const [, unit, streamed, mostInCode, sumRegisters, leastFlash] = MADE_BY.exec(source) ?? [];
  if (unit !== 'row' && unit !== 'pixel') return undefined;
  const { input, stages } = network;
  if (Number(streamed) > stages.length || Number(sumRegisters) > MOST_SUM_REGISTERS) return undefined;
  const cut = { unit, streamed: Number(streamed) } as const;
  const isThumb = source.includes(OF_THUMB);
  const machine = { ...(isThumb && { core: 'thumb' as const }), mostInCode: Number(mostInCode), sumRegisters: Number(sumRegisters) };
  const plan = {
    ...planWith(cut, input.shape, stages, planTarget({ architecture: isThumb ? 'cortex-m0plus' : 'avr' })),
    machine,
    ...(leastFlash && { leastFlash: true as const }),
  };
  const made = machineOf(network, plan);
  return source.includes(functionsIn(name, unit, codeOf(made, name))) ? made : undefined;
}

/** Tells which core the code is for. */
const OF_THUMB = 'Machine code of a Cortex-M0+, ';

/** How the code was made, in so few words that it can be made again. */
const madeBy = ({ unit, streamed, machine, leastFlash }: Plan): string =>
  `${unit}s through ${streamed} stages, up to ${machine!.mostInCode} weights as code, ${machine!.sumRegisters} registers for sums${leastFlash ? LEAST_FLASH : ''}`;
const LEAST_FLASH = ', tables in few bytes';
const MADE_BY =
  /\((row|pixel)s through (\d{1,4}) stages, up to (\d{1,6}) weights as code, (\d{1,2}) registers for sums(, tables in few bytes)?\)/;

/** The C of what machine code does, and beside it that code for its core: both give the same bits. */
export function withMachine({ plan, network, name }: ModuleContext, plain: readonly string[]): string[] {
  if (!plan.machine) return [...plain];
  const of = plan.machine.core === 'thumb' ? OF_THUMB : 'Machine code, ';
  const about = `/* ${of}tables among it (${madeBy(plan)}): all stages in one function, which so needs little stack. Its C twin follows. */`;
  const code = codeOf(machineOf(network, plan), name);
  const written = `${about}\n${code.attributes}\n\n${functionsIn(name, plan.unit, code)}`;
  return [`#if ${code.takers} && !defined(SPARSE_PLAIN_C)\n\n${written}\n\n#else`, ...plain, '#endif'];
}

/** C functions of nothing but machine code. */
function functionsIn(name: string, unit: Unit, { functions }: Code): string {
  const types: { readonly [name: string]: string } = { result: 'uint8_t ', [`next_${unit}`]: 'uint8_t *' };
  const defined = functions.map((each) => {
    const called = each.name === 'push' ? `push_${unit}` : each.name;
    const signature = `${types[called] ?? 'void '}${name}_${called}(${called === 'result' ? 'const ' : ''}${name}_state *state)`;
    const code = each.lines.map((line) => `        "${line}\\n"`);
    return `MACHINE_CODE ${signature}\n{\n    (void)state;\n    __asm__ volatile(\n${code.join('\n')});\n}`;
  });
  return defined.join('\n\n');
}
