import { counted } from '../avr/count.ts';
import { writersOf } from '../avr/functions.ts';
import type { Item } from '../avr/program.ts';
import { push, writePush } from '../avr/push.ts';
import { sizeOf } from '../avr/relax.ts';
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
  if (last?.plan === plan && last.weights === weights) return last.emission;
  const made = emit(plan, weights);
  last = { plan, weights, emission: made };
  return made;
}

/** Flash and cycles are asked for one after the other. */
let last: { plan: Plan; weights: Weights; emission: Emission } | undefined;

function emit(plan: Plan, weights: Weights): Emission {
  const network = typeof weights === 'function' ? standIn(plan, weights) : weights;
  const machine = machineOf(network, plan);
  let stackBytes = 0;
  const costs = [
    counted((p) => {
      stackBytes = writePush(p, machine);
    }),
    ...writersOf(machine).map(([, write]) => counted((p) => write(p, machine))),
  ];
  const bytes = costs.reduce((sum, each) => sum + each.bytes, 0);
  const cycles = costs.reduce((sum, each) => sum + each.cycles, 0);
  return { bytes, cycles, stackBytes, byStage: () => bytesByStage(push(machine)) };
}

function bytesByStage(items: readonly Item[]): ReadonlyMap<string, number> {
  const byStage = new Map<string, number>();
  for (const item of items)
    if (!('label' in item) && item.owner !== undefined) byStage.set(item.owner, (byStage.get(item.owner) ?? 0) + sizeOf(item));
  return byStage;
}
