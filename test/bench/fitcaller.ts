/**
 * Fits what arm-none-eabi-gcc makes of all that is not Cortex-M0+ machine code to random networks:
 *
 *     node test/bench/fitcaller.ts
 *
 * prints the coefficients of `server/plan/thumbcaller.ts`, how far off they are, and the stack of main.
 */
import { deliveredBy } from '../../server/plan/caller.ts';
import { emission } from '../../server/plan/emission.ts';
import { thumbSizeFeatures, thumbWorkFeatures } from '../../server/plan/thumbcaller.ts';
import { measureOnCore } from './armnetworks.ts';
import { dot, leastSquares } from './regression.ts';

const measured = [
  ...(await measureOnCore('cortex-m0plus', 50000, 90)),
  ...(await measureOnCore('cortex-m0plus', 51000, 40, { unit: 'pixel' })),
].filter(({ plan }) => plan.machine);

for (const [figure, features, rest] of [
  ['flash', thumbSizeFeatures, (each) => each.flash - emission(each.plan, each.network).bytes],
  ['cycles', thumbWorkFeatures, (each) => each.cycles - emission(each.plan, each.network).cycles],
] as const satisfies readonly [string, typeof thumbSizeFeatures, (each: (typeof measured)[number]) => number][]) {
  const rows = measured.map(({ plan }) => features(deliveredBy(plan)));
  const values = measured.map(rest);
  const fitted = leastSquares(rows, values);
  const off = rows.map((row, i) => Math.abs(dot(row, fitted) - values[i]));
  console.log(figure, JSON.stringify(fitted.map((each) => Math.round(each * 10) / 10)), `off by ${Math.max(...off).toFixed(1)} at most`);
}
const stacks = measured.map((each) => each.stack - emission(each.plan, each.network).stackBytes);
console.log(`stack of main: ${Math.min(...stacks)} .. ${Math.max(...stacks)} B`);
