import type { Path } from '../problem.ts';
import { budgetOf, type Spec } from '../spec.ts';

/** How much a network may take, and what says so. */
export type Allowance = {
  readonly bytes: number;
  readonly path: Path;
  /** Behind the number of bytes: `left on the ATmega328P`, `allowed by limits.ram`. */
  readonly words: string;
};

/** Of RAM and of flash the tighter: what the target has left, or the spec's own limit. */
export function allowanceOf({ target, limits }: Pick<Spec, 'target'> & Partial<Pick<Spec, 'limits'>>): {
  readonly [name in 'ram' | 'flash']: Allowance;
} {
  const left = budgetOf({ target });
  const tighter = (name: 'ram' | 'flash'): Allowance => {
    const bytes = left[`${name}Bytes`];
    const limit = limits?.[name];
    if (limit !== undefined && limit < bytes) return { bytes: limit, path: ['limits', name], words: `allowed by limits.${name}` };
    return { bytes, path: ['target', name], words: `left on the ${target.device.name}` };
  };
  return { ram: tighter('ram'), flash: tighter('flash') };
}
