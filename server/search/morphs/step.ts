import type { Random } from '../../random.ts';
import { clamp } from '../sample.ts';
import type { Range } from '../space.ts';

/** Another count, from half to twice the present one; undefined where the range has no other. */
export function stepped(count: number, range: Range, random: Random): number | undefined {
  const scaled = Math.round(count * 2 ** random.uniform(-1, 1));
  const moved = scaled === count ? count + (random.next() < 0.5 ? -1 : 1) : scaled;
  const next = clamp(moved, range);
  return next === count ? undefined : next;
}
