import type { Machine, Place, Task } from '../machine/machine.ts';
import { isRing } from '../machine/walk.ts';
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
export function pointToPixel(p: Program, machine: Machine, input: Place, { stage, output }: Task): void {
  const { strideY, strideX, padTop, padLeft } = stage.window ?? { strideY: 1, strideX: 1, padTop: 0, padLeft: 0 };
  const { channels, width } = input;
  const before = (padTop * width + padLeft) * channels;
  const own = () => {
    addCounter(p, machine, FIRST, `y_${output.name}`, strideY * width * channels);
    addCounter(p, machine, FIRST, `x_${output.name}`, strideX * channels);
  };
  if (input.depth === 1 && input.height * width > 1) {
    pointTo(p, FIRST, input.offset);
    return;
  }
  if (!isRing(input)) {
    pointTo(p, FIRST, input.offset - before);
    own();
    return;
  }
  const round = input.depth * channels;
  // What lies beyond the border counts backwards around the ring.
  const rounds = Math.ceil((input.depth + padTop * width + padLeft) / input.depth);
  pointTo(p, LIMIT, input.offset + round);
  p.op('movw', FIRST, LIMIT);
  addTo(p, FIRST, (rounds - 1) * round - before);
  addCounter(p, machine, FIRST, `at_${input.name}`, channels);
  addCounter(p, machine, FIRST, `y_${input.name}`, -width * channels);
  addCounter(p, machine, FIRST, `x_${input.name}`, -channels);
  own();
  for (let i = 0; i < rounds; i++) {
    p.op('cp', FIRST, LIMIT);
    p.op('cpc', FIRST + 1, LIMIT + 1);
    p.unless('brcs', i === 0 ? 0.3 : 0.7, () => {
      p.op('subi', FIRST, round & 255);
      p.op('sbci', FIRST + 1, round >> 8);
    });
  }
}

/** `pair` = where a tensor's next pixel goes, or the newest if it is not yet counted. */
export function pointToNext(p: Program, machine: Machine, pair: number, place: Place): void {
  const { name, channels, width, bytes } = place;
  const to = pair === Y ? FIRST_OUT : pair;
  pointTo(p, to, place.offset);
  if (isRing(place)) addCounter(p, machine, to, `at_${name}`, channels * bytes);
  else if (place.depth > 1) {
    addCounter(p, machine, to, `y_${name}`, width * channels * bytes);
    addCounter(p, machine, to, `x_${name}`, channels * bytes);
  }
  if (to !== pair) p.op('movw', pair, to);
}

/** Y holds the counters until the output's place is known. */
const FIRST_OUT = 26;
