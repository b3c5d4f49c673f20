import type { Plan } from '../plan/plan.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { moduleContext } from './context.ts';
import { type Facts, header } from './header.ts';
import { source } from './source.ts';

export type GeneratedFile = { readonly path: string; readonly content: string };

/** C99 for a network under a plan: `NAME.h` and `NAME.c`. `name` is a C identifier in lower case. */
export function generate(name: string, network: QuantizedNetwork, plan: Plan, facts: Facts): GeneratedFile[] {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) throw new RangeError(`${name} is not a lower-case C identifier`);
  const module = moduleContext(name, network, plan);
  return [
    { path: `${name}.h`, content: header(module, facts) },
    { path: `${name}.c`, content: source(module, facts) },
  ];
}
