import type { Device } from '../device/device.ts';
import type { WeightBits } from '../network/network.ts';
import { planTarget } from '../plan/target.ts';
import { decode } from '../search/decode.ts';
import { drain } from '../search/drain.ts';
import { everyGenotype } from '../search/enumerate.ts';
import { leastSteps } from '../search/least.ts';
import { crowding, type Excess, excessOf, type Limits } from '../search/objective.ts';
import { smallest } from '../search/smallest.ts';
import type { SearchOptions } from '../search/strategy.ts';
import { type Floor, floorOf } from './floor/floor.ts';

/** What the smallest networks of a space take, and whether any keeps to the limits. */
export type Feasibility = {
  readonly leastRamBytes: number;
  readonly leastFlashBytes: number;
  /** By how much the network that keeps to the limits best misses the one that binds. */
  readonly excess?: Excess;
  /** Nothing of the space can keep to the limits, whatever was not looked at. */
  readonly impossible: boolean;
};

type Looked = Pick<SearchOptions, 'space' | 'price' | 'limits'>;

/** Looks before any training. Yields now and then, so that others can have their turn. `weightBits` are those of layers that the space does not give theirs. */
export function* examineFeasibility(options: Looked, device?: Device, weightBits?: WeightBits): Generator<void, Feasibility, void> {
  const { space, price } = options;
  const { error: _, ...limits } = options.limits;
  const ram = yield* leastSteps(space, price, ({ ramBytes }) => ramBytes);
  const flash = yield* leastSteps(space, price, ({ flashBytes }) => flashBytes);
  const best = yield* leastSteps(space, price, (found) => crowding(found, limits));
  const leastRamBytes = ram?.price.ramBytes ?? Number.POSITIVE_INFINITY;
  const leastFlashBytes = flash?.price.flashBytes ?? Number.POSITIVE_INFINITY;
  const excess =
    best && excessOf(best.price, limits) && bindingOf({ leastRamBytes, leastFlashBytes }, limits, excessOf(best.price, limits)!);
  const fits = best !== undefined && excess === undefined;
  const found = fits ? undefined : yield* lookThrough({ space, price, limits });
  if (found) return { leastRamBytes, leastFlashBytes, impossible: false };
  const impossible = !fits && (found === false || isBeyond(limits, floorOf(space, device && planTarget(device), weightBits)));
  return { leastRamBytes, leastFlashBytes, ...(excess && { excess }), impossible };
}

/** Whether any network of a small space keeps to the limits; undefined of a large one. */
function* lookThrough({ space, price, limits }: Looked): Generator<void, boolean | undefined, void> {
  const all = everyGenotype(space);
  if (!all) return undefined;
  for (const { architecture, pruning } of all) {
    const network = decode(architecture, space.input, space.classes);
    const found = typeof network === 'string' ? undefined : price(network, pruning, limits);
    if (found && !excessOf(found, limits)) return true;
    yield;
  }
  return false;
}

const isBeyond = ({ ram = Number.POSITIVE_INFINITY, flash = Number.POSITIVE_INFINITY }: Limits, { ramBytes, flashBytes }: Floor): boolean =>
  ramBytes > ram || flashBytes > flash;

/** A limit that even the least of its own misses; else what is missed where all are kept to as well as can be. */
function bindingOf(least: Pick<Feasibility, 'leastRamBytes' | 'leastFlashBytes'>, limits: Limits, together: Excess): Excess {
  const alone = [
    { objective: 'ram', limit: limits.ram, value: least.leastRamBytes },
    { objective: 'flash', limit: limits.flash, value: least.leastFlashBytes },
  ].filter((each) => each.limit !== undefined && each.value > each.limit) as Excess[];
  return alone.find(({ objective }) => objective === together.objective) ?? alone[0] ?? together;
}

/** Whether the smallest network keeps to the limits: then there is nothing more to look for. */
export function isEasy({ space, price, limits }: Parameters<typeof examineFeasibility>[0]): boolean {
  const { error: _, ...costs } = limits;
  const { architecture, pruning } = smallest(space);
  const network = decode(architecture, space.input, space.classes);
  return typeof network !== 'string' && excessOf(price(network, pruning), costs) === undefined;
}

export const feasibilityOf = (...given: Parameters<typeof examineFeasibility>): Feasibility => drain(examineFeasibility(...given));
