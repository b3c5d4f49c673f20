import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chips } from '../../server/device/chips.ts';
import { priceLayers } from '../../server/language/price.ts';
import { createPricing } from '../../server/language/pricing.ts';
import { priceNetwork } from '../../server/run/price.ts';
import { examine } from '../../server/spec/features/examine.ts';
import { inlays } from '../../server/spec/features/inlays.ts';
import { layerLines } from '../../server/spec/features/layers.ts';
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

test('one network is priced once, a large one not before there is time for it', () => {
  let priced = 0;
  const pricing = createPricing((network, device) => {
    priced++;
    return priceLayers(network, device);
  });
  const { network, target } = examine(example).parsed.draft;
  const first = pricing.now(network!, target!.device);
  assert.equal(pricing.now(structuredClone(network!), target!.device), first);
  assert.equal(priced, 1);
  pricing.now(network!, { ...target!.device, ramBytes: 1000 });
  assert.equal(priced, 2);
  const relus = Array.from({ length: 60 }, (_, index) => ({
    op: 'relu' as const,
    name: `r${index}`,
    inputs: [index === 0 ? 'input' : `r${index - 1}`],
  }));
  const large = { input: { height: 4, width: 4, channels: 1 }, layers: relus };
  assert.equal(pricing.now(large), undefined);
  assert.equal(pricing.later(large), pricing.later(structuredClone(large)));
  assert.ok(pricing.now(large));
  assert.equal(priced, 3);
});
