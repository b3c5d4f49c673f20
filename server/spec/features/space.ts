import { formatCount, formatExact } from '../format.ts';
import type { Fault, Path } from '../problem.ts';
import { allowanceOf } from './allowance.ts';
import type { Examined } from './examine.ts';
import type { SpaceFacts } from './facts.ts';

/** Whether anything of the search space fits the target, before any training. */
export function spaceFaults({ parsed, space }: Examined): Fault[] {
  const { target, limits } = parsed.draft;
  if (!space || !target) return [];
  const place: Path = ['search', 'space'];
  if (space.faults.length > 0) return space.faults.map((message) => ({ code: 'space', path: place, at: 'key', message }));
  if (!space.excess) return [{ code: 'fit', path: ['search'], at: 'key', message: fitMessage(space) }];
  const { limit, value, allowed } = space.excess;
  const own = limit === 'ram' || limit === 'flash' ? allowanceOf({ target, limits })[limit] : { path: ['limits', limit], words: 'allowed' };
  const amount = (count: number) => (limit === 'macs' || limit === 'cycles' ? formatCount(count) : formatExact(count));
  const over = `${amount(value - allowed)} more than the ${amount(allowed)} ${own.words}`;
  const message = `no network of this search fits: the one that comes closest needs ${amount(value)}${UNITS[limit] ?? ''}, ${over}`;
  return [
    { code: 'noFit', path: own.path, message, hint: 'A larger input window (downsample), fewer blocks, layers or filters need less.' },
  ];
}

const UNITS: { readonly [limit: string]: string } = {
  ram: ' of RAM',
  flash: ' of flash',
  size: ' of parameters',
  macs: ' multiply-accumulates',
  cycles: ' cycles',
};

function fitMessage({ drawn, fitting, leastRamBytes, leastFlashBytes }: SpaceFacts): string {
  const share =
    fitting === 0 ? 'less than 1 % of' : fitting === drawn ? 'all' : `about ${Math.max(1, Math.round((fitting / drawn) * 100))} % of`;
  return `${share} the networks of this search fit (of ${drawn} drawn); the smallest need ${formatExact(leastRamBytes)} of RAM and ${formatExact(leastFlashBytes)} of flash`;
}
