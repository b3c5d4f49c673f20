import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withBits } from '../../server/network/bits.ts';
import type { Network } from '../../server/network/network.ts';
import { integerAccuracy } from '../../server/quantize/interpreter.ts';
import { quantize } from '../../server/quantize/quantize.ts';
import { fitsFloats, reachOf } from '../../server/quantize/reach.ts';
import { createRandom } from '../../server/random.ts';
import { accuracyOf } from '../../server/run/accuracy.ts';
import type { Engine } from '../../server/training/engine.ts';
import { createEngine, variants } from '../../server/training/wasm.ts';
import { anyParameters, encoding, network, operatorCases, randomNetwork, randomSamples, wholeNetworks } from '../training/networks.ts';
import { mapTensors } from '../training/tensors.ts';

const BITS = [8, 4, 2, 'ternary'] as const;

test('the engine tells the accuracy of the integer network as the interpreter does', () => {
  const networks = [
    ...Object.values(wholeNetworks).filter((each) => each !== wholeNetworks['no weights']),
    ...Object.values(operatorCases).flat(),
    ...Array.from({ length: 60 }, (_, seed) => randomNetwork(100 + seed)),
  ];
  let quick = 0;
  for (const [index, each] of networks.entries()) {
    const all = variants();
    const counting = counted(createEngine({ variant: all[index % all.length] }));
    const { integers, data } = deployed(withBits(each, BITS[index % 4], {}), index);
    const found = accuracyOf(counting.engine, data, each, integers);
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

test('channels that are all bias are told by the engine, too', () => {
  for (let seed = 0; seed < 20; seed++) {
    const each = randomNetwork(seed);
    const dead = mapTensors(anyParameters(each, seed), (tensor, name) =>
      name === 'weight' ? tensor.map((value) => 1e-9 * value) : tensor,
    );
    const { integers, data } = deployed(each, seed, dead);
    assert.ok(fitsFloats(integers), `seed ${seed}`);
    assert.equal(accuracyOf(createEngine(), data, each, integers), integerAccuracy(integers, data.validation));
  }
});

test('no sum on its way goes beyond what is foretold of it', () => {
  const random = createRandom(1);
  for (let seed = 0; seed < 200; seed++) {
    const signs = random.integer(3) - 1;
    const weight = Int8Array.from({ length: 12 }, () => (signs === 0 ? random.integer(255) - 127 : signs * random.integer(128)));
    const bias = Int32Array.of(random.integer(4001) - 2000);
    const [zeroPoint, scale] = [random.integer(256), 1];
    const stage = { ...denseStage, weights: { weight, bias } };
    const network = { input: { shape: denseStage.inputShapes[0], encoding: { scale, zeroPoint, unsigned: true } }, stages: [stage] };
    const reach = reachOf(network, stage);
    let [furthest, least, most] = [0, bias[0], bias[0]];
    // The worst order: all that go one way first.
    for (const value of weight) {
      const ends = [value * -zeroPoint, value * (255 - zeroPoint)];
      [least, most] = [least + Math.min(0, ...ends), most + Math.max(0, ...ends)];
      furthest = Math.max(Math.abs(least), Math.abs(most));
    }
    assert.ok(furthest <= reach, `${furthest} goes beyond ${reach}`);
    assert.ok(reach <= furthest + Math.abs(bias[0]), `${reach} is far beyond ${furthest}`);
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
  assert.equal(accuracyOf(refusing(false, new Error('asked')), data, each, integers), expected);
  assert.equal(accuracyOf(refusing(true, new RangeError('too large')), data, each, integers), expected);
  assert.throws(() => accuracyOf(refusing(true, new TypeError('a bug')), data, each, integers), /a bug/);
});

const denseStage = quantize(
  network([1, 1, 12], { op: 'dense', units: 1 }),
  anyParameters(network([1, 1, 12], { op: 'dense', units: 1 }), 1),
  encoding,
  new Map(),
).stages[0];

function deployed(each: Network, seed: number, parameters = anyParameters(each, seed)) {
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
