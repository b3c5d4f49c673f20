import { functionsOf as functionsOnAvr } from '../avr/functions.ts';
import type { Item } from '../avr/program.ts';
import { assembly as avrAssembly } from '../avr/text.ts';
import type { Machine } from '../machine/machine.ts';
import { functionsOf as functionsOnThumb } from '../thumb/functions.ts';
import { assembly as thumbAssembly } from '../thumb/text.ts';

/** The machine code of a network as it stands in C. */
export type Code = {
  /** Which compilers take it, as the preprocessor tests it; others, and all with SPARSE_PLAIN_C defined, take the plain C. */
  readonly takers: string;
  /** The definition of what such a function is declared with. */
  readonly attributes: string;
  /** Lines for the assembler by the C function that they are. */
  readonly functions: readonly { readonly name: string; readonly lines: readonly string[] }[];
};

/** `name` keeps the labels of several networks apart. */
export const codeOf = (machine: Machine, name: string): Code => (machine.core === 'thumb' ? onThumb : onAvr)(machine, name);

const label = (name: string, function_: string): string => `${name}_${function_}`;

/** Small chips have no long jump. */
function onAvr(machine: Machine, name: string): Code {
  const all = functionsOnAvr(machine);
  const isLong = all.at(-1)!.items.some((item: Item) => 'mnemonic' in item && item.mnemonic === 'jmp');
  return {
    takers: `defined(__AVR_HAVE_MUL__)${isLong ? ' && defined(__AVR_HAVE_JMP_CALL__)' : ''}`,
    attributes: `#if defined(__AVR_HAVE_ELPM__)
#define MACHINE_CODE __attribute__((naked, noinline, section(".progmem.code"))) /* tables lie where 16 bits reach */
#else
#define MACHINE_CODE __attribute__((naked, noinline))
#endif`,
    functions: all.map(({ name: function_, items }) => ({ name: function_, lines: avrAssembly(items, label(name, function_)) })),
  };
}

/** Cores with more instructions have products of pairs, which the C makes use of. gcc (since 6) names its own syntax again behind assembly. */
function onThumb(machine: Machine, name: string): Code {
  const all = functionsOnThumb(machine);
  return {
    takers: 'defined(__GNUC__) && defined(__thumb__) && defined(__ARM_ARCH_6M__)',
    attributes: '#define MACHINE_CODE __attribute__((naked, noinline, aligned(4)))',
    functions: all.map(({ name: function_, items }) => ({
      name: function_,
      lines: ['.syntax unified', ...thumbAssembly(items, label(name, function_)), '.balign 4, 0'],
    })),
  };
}
