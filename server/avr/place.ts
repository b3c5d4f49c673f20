import type { Place } from '../machine/machine.ts';
import { pointTo } from './arithmetic.ts';
import type { Program } from './program.ts';
import { COUNT, WEIGHT } from './registers.ts';
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
