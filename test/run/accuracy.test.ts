import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBits } from '../../server/network/bits.ts';
import type { Network } from '../../server/network/network.ts';
import { createInterpreter, integerAccuracy } from '../../server/quantize/interpreter.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { fitsFloats } from '../../server/quantize/reach.ts';
import { accuracyOf } from '../../server/run/accuracy.ts';
import type { Engine } from '../../server/training/engine.ts';
import { withoutBatchNorm } from '../../server/training/quantized/fold.ts';
import { createEngine, variants } from '../../server/training/wasm.ts';
import { anyParameters, encoding, network, operatorCases, randomNetwork, randomSamples, wholeNetworks } from '../training/networks.ts';

const BITS = [8, 4, 2, 'ternary'] as const;

test('the engine tells the accuracy of the integer network as the interpreter does', () => {
  const networks = [
    ...Object.values(wholeNetworks).filter((each) => each !== wholeNetworks['no weights']),
    ...Object.values(operatorCases).flatMap((cases) => cases.filter((_, i) => i % 3 === 0)),
    ...Array.from({ length: 60 }, (_, seed) => randomNetwork(100 + seed)),
  ];
  let quick = 0;
  for (const [index, each] of networks.entries()) {
    const all = variants();
    const counting = counted(createEngine({ variant: all[index % all.length] }));
    const { integers, data } = deployed(withBits(each, BITS[index % 4], {}), index);
    const found = accuracyOf(counting.engine, data, withoutBatchNorm(each), integers);
    assert.equal(found, integerAccuracy(integers, data.validation), JSON.stringify(each));
    quick += counting.opened();
  }
  assert.ok(quick > 0.9 * networks.length, `only ${quick} of ${networks.length} were told by the engine`);
});

test('sums that floats may not hold are left to the interpreter', () => {
  const wide = network([40, 40, 8], { op: 'flatten' }, { op: 'dense', units: 3 });
  const { integers, data } = deployed(wide, 1);
  for (const stage of integers.stages) stage.weights!.weight.fill(127);
  assert.equal(fitsFloats(integers), false);
  const { engine, opened } = counted(createEngine());
  assert.equal(accuracyOf(engine, data, wide, integers), integerAccuracy(integers, data.validation));
  assert.equal(opened(), 0);
});

test('no sum of a random network goes beyond what is foretold of it', () => {
  for (let seed = 0; seed < 40; seed++) {
    const { integers, data } = deployed(randomNetwork(seed), seed);
    if (!fitsFloats(integers)) continue;
    const { run } = createInterpreter(integers);
    const extreme = new Uint8Array(data.validation.x.length / data.validation.count);
    for (const value of [0, 255]) for (const sum of run(extreme.fill(value))) assert.ok(Math.abs(sum) < 2 ** 23);
  }
});

test('an engine that cannot compute in integers leaves it to the interpreter, and so does one without the memory', () => {
  const each = wholeNetworks['a series'];
  const { integers, data } = deployed(each, 3);
  const refusing = (quantizes: boolean, error: Error): Engine => ({
    variant: 'none',
    quantizes,
    open() {
      throw error;
    },
  });
  const expected = integerAccuracy(integers, data.validation);
  assert.equal(accuracyOf(refusing(false, new Error('asked')), data, withoutBatchNorm(each), integers), expected);
  assert.equal(accuracyOf(refusing(true, new RangeError('too large')), data, withoutBatchNorm(each), integers), expected);
  assert.throws(() => accuracyOf(refusing(true, new TypeError('a bug')), data, withoutBatchNorm(each), integers), /a bug/);
});

function deployed(each: Network, seed: number) {
  const parameters = anyParameters(each, seed);
  const validation = randomSamples(each.input, 53, seed);
  const session = createEngine().open({ network: each, encoding, batch: 16, seed: 1, parameters });
  const integers = quantize(each, parameters, encoding, session.ranges(validation));
  return { integers, data: { validation, encoding } };
}

function counted(engine: Engine): { engine: Engine; opened: () => number } {
  let count = 0;
  const open: Engine['open'] = (options) => {
    count++;
    return engine.open(options);
  };
  return { engine: { ...engine, open }, opened: () => count };
}
