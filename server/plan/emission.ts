import * as avrCount from '../avr/count.ts';
import * as avrFunctions from '../avr/functions.ts';
import * as avrPush from '../avr/push.ts';
import { sizeOf as sizeOnAvr } from '../avr/relax.ts';
import type { Machine } from '../machine/machine.ts';
import * as thumbCount from '../thumb/count.ts';
import * as thumbFunctions from '../thumb/functions.ts';
import { sizeOf as sizeOnThumb } from '../thumb/layout.ts';
import * as thumbPush from '../thumb/push.ts';
import { machineOf } from './machine.ts';
import type { Plan, Weights } from './plan.ts';
import { standIn } from './standin.ts';

/** What the machine code of a plan takes. */
export type Emission = {
  readonly bytes: number;
  /** Of one inference, the code of the caller left out. */
  readonly cycles: number;
  /** What the push function keeps on the stack, its return address among it. */
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
  return machine.core === 'thumb' ? emissionOn(machine, THUMB) : emissionOn(machine, AVR);
}

/** How a core's code is written by a `Program` and made of items. */
type Core<Program, Item> = {
  readonly counted: (write: (p: Program) => void) => Cost;
  /** Returns the stack. */
  readonly writePush: (p: Program, machine: Machine) => number;
  readonly writersOf: (machine: Machine) => [name: string, write: (p: Program, machine: Machine) => void][];
  readonly push: (machine: Machine) => readonly Item[];
  readonly sizeOf: (item: Item) => number;
};
const AVR = { ...avrCount, ...avrFunctions, ...avrPush, sizeOf: sizeOnAvr };
const THUMB = { ...thumbCount, ...thumbFunctions, ...thumbPush, sizeOf: sizeOnThumb };

function emissionOn<Program, Item extends Owned>(machine: Machine, core: Core<Program, Item>): Emission {
  let stackBytes = 0;
  const costs = [
    core.counted((p) => {
      stackBytes = core.writePush(p, machine);
    }),
    ...core.writersOf(machine).map(([, write]) => core.counted((p) => write(p, machine))),
  ];
  return { ...total(costs), stackBytes, byStage: () => bytesByStage(core.push(machine), core.sizeOf) };
}

type Cost = Pick<Emission, 'bytes' | 'cycles'>;

const total = (costs: readonly Cost[]): Cost => ({
  bytes: costs.reduce((sum, each) => sum + each.bytes, 0),
  cycles: costs.reduce((sum, each) => sum + each.cycles, 0),
});

type Owned = { readonly owner?: string } | { readonly label: string };

function bytesByStage<Item extends Owned>(items: readonly Item[], sizeOf: (item: Item) => number): ReadonlyMap<string, number> {
  const byStage = new Map<string, number>();
  for (const item of items)
    if (!('label' in item) && item.owner !== undefined) byStage.set(item.owner, (byStage.get(item.owner) ?? 0) + sizeOf(item));
  return byStage;
}
