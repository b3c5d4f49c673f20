import { formatExact } from '../format.ts';
import { placeFault } from '../place.ts';
import type { Fault, Problem } from '../problem.ts';
import { type Allowance, allowanceOf } from './allowance.ts';
import { dataFaults } from './data.ts';
import type { Examined } from './examine.ts';
import { isWhole, layerLines } from './layers.ts';
import type { LayerPrice, NetworkPrice } from './price.ts';
import { spaceFaults } from './space.ts';

/** Every problem of a spec: those of its text, of its data, of its search space, and of a hand-written network on its target. */
export function diagnose(examined: Examined): Problem[] {
  const { problems, source } = examined.parsed;
  const faults = [...dataFaults(examined), ...spaceFaults(examined), ...priceFaults(examined)];
  return [...problems, ...faults.map((fault) => placeFault(fault, source))];
}

function priceFaults(examined: Examined): Fault[] {
  const { price } = examined;
  const { target, limits } = examined.parsed.draft;
  if (!price || !target || !isWhole(examined)) return [];
  const { ram, flash } = allowanceOf({ target, limits });
  const faults: Fault[] = [];
  for (const { path, prices } of layerLines(examined)) {
    const worst = prices.toSorted((a, b) => b.liveBytes - a.liveBytes)[0];
    if (!worst) continue;
    const isPeak = prices.some(({ layer }) => layer === price.peak);
    if (worst.liveBytes > ram.bytes)
      faults.push({ code: 'overRam', path, message: overMessage(worst, ram), hint: overHint(worst, isPeak) });
    else if (isPeak) faults.push({ code: 'peak', path, message: peakMessage(price, ram) });
  }
  if (price.flashBytes !== undefined && price.flashBytes > flash.bytes) {
    const over = `${formatExact(price.flashBytes - flash.bytes)} more than the ${formatExact(flash.bytes)} ${flash.words}`;
    const message = `the network needs ${formatExact(price.flashBytes)} of flash, ${over}`;
    const hint = 'Fewer filters or units, smaller kernels, or pruning need less.';
    faults.push({ code: 'overFlash', path: ['network'], at: 'key', message, hint });
  }
  return faults;
}

function overMessage(row: LayerPrice, { bytes, words }: Allowance): string {
  const over = formatExact(row.liveBytes - bytes);
  return `${row.layer} needs ${formatExact(row.liveBytes)} of RAM while it runs, ${over} more than the ${formatExact(bytes)} ${words}`;
}

const overHint = (row: LayerPrice, isPeak: boolean): string =>
  `${isPeak ? 'It is the peak of the network. ' : ''}Its own buffer is ${formatExact(row.bufferBytes)} (${row.form}). A stride of 2, fewer filters, or pooling before it need less.`;

const peakMessage = (price: NetworkPrice, { bytes, words }: Allowance): string =>
  `${price.peak} is the peak: the network needs ${formatExact(price.ramBytes)} of RAM of the ${formatExact(bytes)} ${words}`;
