import { formatExact } from '../format.ts';
import { placeFault } from '../place.ts';
import type { Fault, Problem } from '../problem.ts';
import { type Budget, budgetOf } from '../spec.ts';
import type { Examined } from './examine.ts';
import { isWhole, layerLines } from './layers.ts';
import type { LayerPrice, NetworkPrice } from './price.ts';

/** Every problem of a spec: those of its text, then those of a hand-written network on its target. */
export function diagnose(examined: Examined): Problem[] {
  const { problems, source } = examined.parsed;
  return [...problems, ...priceFaults(examined).map((fault) => placeFault(fault, source))];
}

function priceFaults(examined: Examined): Fault[] {
  const { price } = examined;
  const { target } = examined.parsed.draft;
  if (!price || !target || !isWhole(examined)) return [];
  const budget = budgetOf({ target });
  const left = `left on the ${target.device.name}`;
  const faults: Fault[] = [];
  for (const { path, prices } of layerLines(examined)) {
    const worst = prices.toSorted((a, b) => b.liveBytes - a.liveBytes)[0];
    if (!worst) continue;
    const isPeak = prices.some(({ layer }) => layer === price.peak);
    if (worst.liveBytes > budget.ramBytes)
      faults.push({ code: 'overRam', path, message: overMessage(worst, budget, left), hint: overHint(worst, isPeak) });
    else if (isPeak) faults.push({ code: 'peak', path, message: peakMessage(price, budget, left) });
  }
  if (price.flashBytes > budget.flashBytes) {
    const over = `${formatExact(price.flashBytes - budget.flashBytes)} more than the ${formatExact(budget.flashBytes)} ${left}`;
    const message = `the network needs ${formatExact(price.flashBytes)} of flash, ${over}`;
    faults.push({ code: 'overFlash', path: ['network'], at: 'key', message });
  }
  return faults;
}

function overMessage(row: LayerPrice, budget: Budget, left: string): string {
  const over = formatExact(row.liveBytes - budget.ramBytes);
  return `${row.layer} needs ${formatExact(row.liveBytes)} of RAM while it runs, ${over} more than the ${formatExact(budget.ramBytes)} ${left}`;
}

const overHint = (row: LayerPrice, isPeak: boolean): string =>
  `${isPeak ? 'It is the peak of the network. ' : ''}Its own buffer is ${formatExact(row.bufferBytes)} (${row.form}). A stride of 2, fewer filters, or pooling before it need less.`;

const peakMessage = (price: NetworkPrice, budget: Budget, left: string): string =>
  `${price.peak} is the peak: the network needs ${formatExact(price.ramBytes)} of RAM of the ${formatExact(budget.ramBytes)} ${left}`;
