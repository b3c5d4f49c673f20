import { counted } from '../avr/count.ts';
import { writersOf } from '../avr/functions.ts';
import { push, writePush } from '../avr/push.ts';
import { sizeOf } from '../avr/relax.ts';
import type { Machine } from '../machine/machine.ts';
import { costOf, endOf } from '../thumb/assemble.ts';
import { functionsOf as thumbFunctions } from '../thumb/functions.ts';
import { push as pushOnThumb } from '../thumb/push.ts';
import { machineOf } from './machine.ts';
import type { Plan, Weights } from './plan.ts';
import { standIn } from './standin.ts';

/** What the machine code of a plan takes. */
export type Emission = {
  readonly bytes: number;
  /** Of one inference, the code of the caller left out. */
  readonly cycles: number;
  /** Registers that the push function saves, and its return address. */
  readonly stackBytes: number;
  /** Bytes by stage; the rest belongs to all of them. */
  readonly byStage: () => ReadonlyMap<string, number>;
};

/** Writes the machine code of a plan: with the network's weights, or with others where it is not trained yet. */
export function emission(plan: Plan, weights: Weights): Emission {
  const known = emissions.get(plan);
  if (known?.weights === weights) return known.made;
  const made = emit(plan, weights);
  emissions.set(plan, { weights, made });
  return made;
}

/** Flash and cycles are asked for one after the other, and plans compared. */
const emissions = new WeakMap<Plan, { readonly weights: Weights; readonly made: Emission }>();

function emit(plan: Plan, weights: Weights): Emission {
  const network = typeof weights === 'function' ? standIn(plan, weights) : weights;
  const machine = machineOf(network, plan);
  return machine.core === 'thumb' ? onThumb(machine) : onAvr(machine);
}

function onThumb(machine: Machine): Emission {
  const { items, stackBytes } = pushOnThumb(machine);
  const costs = [items, ...thumbFunctions(machine).map((each) => each.items)].map(costOf);
  return { ...total(costs), stackBytes, byStage: () => bytesByStage(items, (item) => endOf(item, 0)) };
}

function onAvr(machine: Machine): Emission {
  let stackBytes = 0;
  const costs = [
    counted((p) => {
      stackBytes = writePush(p, machine);
    }),
    ...writersOf(machine).map(([, write]) => counted((p) => write(p, machine))),
  ];
  return { ...total(costs), stackBytes, byStage: () => bytesByStage(push(machine), sizeOf) };
}

type Cost = Pick<Emission, 'bytes' | 'cycles'>;

const total = (costs: readonly Cost[]): Cost => ({
  bytes: costs.reduce((sum, each) => sum + each.bytes, 0),
  cycles: costs.reduce((sum, each) => sum + each.cycles, 0),
});

function bytesByStage<Item extends { readonly owner?: string } | { readonly label: string }>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
): ReadonlyMap<string, number> {
  const byStage = new Map<string, number>();
  for (const item of items)
    if (!('label' in item) && item.owner !== undefined) byStage.set(item.owner, (byStage.get(item.owner) ?? 0) + sizeOf(item));
  return byStage;
}
