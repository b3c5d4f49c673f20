import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chips } from '../../server/device/chips.ts';
import { priceAtOnce, priceLayers } from '../../server/language/price.ts';
import { createPricing } from '../../server/language/pricing.ts';
import { priceNetwork } from '../../server/run/price.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { layerLines } from '../../server/spec/features/layers.ts';
import type { PriceNetwork } from '../../server/spec/features/price.ts';
import { handWritten } from '../editor/specs.ts';
import { example } from '../spec/example.ts';

const specs = [example, handWritten];

test('the flash of the layers is the flash of the network, but for what every program has', () => {
  for (const text of specs)
    for (const device of chips.filter(({ id }) => ['atmega328p', 'rp2040'].includes(id))) {
      const network = examine(text).parsed.draft.network!;
      const price = priceLayers(network, device);
      const { layers: _layers, ...whole } = priceNetwork(network, device);
      assert.deepEqual({ ...price, layers: undefined }, { ...whole, layers: undefined });
      const layers = price.layers.reduce((sum, { flashBytes }) => sum + flashBytes!, 0);
      const base = price.flashBytes - layers;
      assert.ok(base > 0 && base < 1000, `${device.id}: ${base} B beside the layers' ${layers} B`);
    }
});

test('behind each layer stand shape, RAM, flash, cycles and form; cycles are those of the multiply-accumulates', () => {
  const examined = examine(handWritten, { price: priceLayers });
  const shown = inlays(examined);
  const { cyclesPerMac } = examined.parsed.draft.target!.device;
  for (const [index, { macs }] of layerLines(examined).entries()) {
    const [, amount, unit] = /~([\d.]+)( [kM]|) cycles/.exec(shown[index].label) ?? [];
    if (macs === 0) {
      assert.equal(amount, undefined);
      continue;
    }
    const cycles = Number(amount) * ({ ' k': 1e3, ' M': 1e6 }[unit] ?? 1);
    assert.ok(Math.abs(cycles / (macs * cyclesPerMac) - 1) <= 0.05, shown[index].label);
    assert.match(shown[index].label, /^\d+x\d+x\d+ · [\d,]+ B · [\d,]+ B flash · ~[\d.]+( [kM])? cycles · /);
    assert.ok(shown[index].tooltip);
  }
});

test('what is told at once is part of the whole price', () => {
  for (const text of specs) {
    const { network, target } = examine(text).parsed.draft;
    const { flashBytes: _, layers, ...whole } = priceLayers(network!, target!.device);
    const rows = layers.map(({ flashBytes: _bytes, ...row }) => row);
    assert.deepEqual(priceAtOnce(network!, target!.device), { ...whole, layers: rows });
  }
});

test('a keystroke elsewhere leaves the network, and what is known of it, as they are', () => {
  const network = (text: string) => examine(text).parsed.draft.network;
  assert.equal(network(example.replace('seed: 7', 'seed: 8')), network(example));
  assert.notEqual(network(example.replace('filters: 8', 'filters: 9')), network(example));
});

test('one network is priced once at once, and once in whole, on each device', () => {
  const [atOnce, whole] = [counted(priceAtOnce), counted(priceLayers)];
  const pricing = createPricing(atOnce.give, whole.give);
  const { network, target } = examine(example).parsed.draft;
  const { device } = target!;
  const first = pricing.now(network!, device);
  assert.equal(pricing.now(structuredClone(network!), device), first);
  assert.equal(first?.flashBytes, undefined);
  pricing.now(network!, { ...device, ramBytes: 1000 });
  assert.deepEqual([atOnce.count(), whole.count()], [2, 0]);
  assert.equal(pricing.later(network!, device), pricing.later(structuredClone(network!), device));
  assert.deepEqual([atOnce.count(), whole.count()], [2, 1]);
  assert.deepEqual(pricing.now(network!, device), priceLayers(network!, device));
  assert.notEqual(pricing.later(network!), pricing.later(network!, device));
  assert.equal(whole.count(), 2);
  const relus = Array.from({ length: 150 }, (_, index) => ({
    op: 'relu' as const,
    name: `r${index}`,
    inputs: [index === 0 ? 'input' : `r${index - 1}`],
  }));
  const huge = { input: { height: 4, width: 4, channels: 1 }, layers: relus };
  pricing.later(huge, device);
  assert.ok(pricing.now(huge, device)!.ramBytes > 0);
  assert.equal(whole.count(), 2);
});

function counted(price: PriceNetwork): { give: PriceNetwork; count: () => number } {
  let calls = 0;
  return {
    give(network, device) {
      calls++;
      return price(network, device);
    },
    count: () => calls,
  };
}
