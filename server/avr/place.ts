import type { Machine, Place, Task } from '../machine/machine.ts';
import { wayToNext, wayToWindow } from '../machine/way.ts';
import { addTo, pointTo } from './arithmetic.ts';
import { addCounter } from './counters.ts';
import type { Program } from './program.ts';
import { COUNT, FIRST, LIMIT, WEIGHT, Y } from './registers.ts';
import { addRows, reduce, type Wide } from './wide.ts';

/** `pair` = where row `row` of a tensor lies; KERNEL_ROWS is kept, r16, r19 and, where rows are long, `spare` are lost. */
export function pointToRow(p: Program, pair: number, place: Place, row: Wide, spare = WEIGHT): void {
  pointTo(p, pair, place.offset);
  if (place.height === 1 || place.depth === 1) return;
  const bytes = place.width * place.channels * place.bytes;
  if (place.depth >= place.height) {
    addRows(p, pair, row, bytes);
    return;
  }
  const within = [COUNT, spare].slice(0, row.length);
  within.forEach((register, i) => {
    if (register !== row[i]) p.op('mov', register, row[i]);
  });
  reduce(p, within, place.depth, place.height - 1);
  addRows(p, pair, [COUNT], bytes);
}

/** FIRST = the pixel under the first tap of a stage's next window (of a join: at the same place); LIMIT = the end of its ring. */
export function pointToPixel(p: Program, machine: Machine, input: Place, task: Task): void {
  const { from, counters, ring } = wayToWindow(input, task);
  pointTo(p, ring ? LIMIT : FIRST, from);
  if (ring) {
    p.op('movw', FIRST, LIMIT);
    addTo(p, FIRST, ring.past);
  }
  for (const [name, bytes] of counters) addCounter(p, machine, FIRST, name, bytes);
  if (!ring) return;
  for (let i = 0; i < ring.rounds; i++) {
    p.op('cp', FIRST, LIMIT);
    p.op('cpc', FIRST + 1, LIMIT + 1);
    p.unless('brcs', i === 0 ? 0.3 : 0.7, () => {
      p.op('subi', FIRST, ring.bytes & 255);
      p.op('sbci', FIRST + 1, ring.bytes >> 8);
    });
  }
}

/** `pair` = where a tensor's next pixel goes, or the newest if it is not yet counted. */
export function pointToNext(p: Program, machine: Machine, pair: number, place: Place): void {
  const { from, counters } = wayToNext(place);
  const to = pair === Y ? FIRST_OUT : pair;
  pointTo(p, to, from);
  for (const [name, bytes] of counters) addCounter(p, machine, to, name, bytes);
  if (to !== pair) p.op('movw', pair, to);
}

/** Y holds the counters until the output's place is known. */
const FIRST_OUT = 26;
