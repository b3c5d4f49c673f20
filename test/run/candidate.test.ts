import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { shapesOf } from '../../server/network/check.ts';
import { elements } from '../../server/network/shape.ts';
import { modelToJson } from '../../server/quantize/file.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { type Candidate, candidatePath, quantizedOf, readCandidate, writeCandidate } from '../../server/run/candidate.ts';
import { calibrate, randomQuantized } from '../support/networks.ts';

const run = mkdtempSync(join(tmpdir(), 'sparse-candidate-'));
process.on('exit', () => rmSync(run, { recursive: true, force: true }));

function randomCandidate(random: Random, id: number): Candidate {
  const { network, parameters, encoding } = randomQuantized(random);
  const last = network.layers[network.layers.length - 1].name;
  const classes = Array.from({ length: elements(shapesOf(network).get(last)!) }, (_, index) => `class ${index}`);
  const ranges = calibrate(network, parameters, encoding, random);
  const channels = Array.from({ length: network.input.channels }, () => random.normal());
  return {
    ...{ id, network, parameters, ranges, classes, accuracy: random.next() },
    encoding: random.integer(2) ? encoding : { ...encoding, channels: { offset: channels, scale: channels } },
    ...(random.integer(2) && { testAccuracy: random.next() }),
  };
}

test('a candidate that was written is read as it was, to the bit, and gives the same integers', () => {
  const random = createRandom(1);
  for (let id = 0; id < 60; id++) {
    const candidate = randomCandidate(random, id);
    writeCandidate(run, candidate);
    const { ranges, ...read } = readCandidate(run, id);
    const { ranges: written, ...rest } = candidate;
    assert.deepEqual(read, rest);
    for (const layer of candidate.network.layers) assert.deepEqual(ranges.get(layer.name), written.get(layer.name));
    const model = (each: Candidate) => modelToJson(each.network, quantizedOf(each));
    assert.deepEqual(model({ ...read, ranges }), model(candidate));
  }
  assert.ok(
    readdirSync(join(run, 'candidates')).every((name) => /^\d+\.json$/.test(name)),
    'nothing else is left behind',
  );
});

/** The file of a candidate, changed; undefined where what is left is not JSON, which is refused as such. */
function readChanged(text: string): Candidate | undefined {
  writeFileSync(candidatePath(run, 7), text);
  try {
    return readCandidate(run, 7);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    assert.ok(error.message.startsWith(`${candidatePath(run, 7)} cannot be used: `), error.message);
    assert.ok(error.message.length < 1000);
    return undefined;
  }
}

/** What was read can be worked with: its arithmetic may be out of range, and nothing else. */
function assertUsable(candidate: Candidate): void {
  try {
    quantizedOf(candidate);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
  }
}

test('a damaged file is refused with a RangeError that names it, or what is left of it is sound', () => {
  const random = createRandom(2);
  let refused = 0;
  for (let round = 0; round < 400; round++) {
    if (round % 50 === 0) writeCandidate(run, randomCandidate(random, 8));
    const text = readFileSync(candidatePath(run, 8), 'utf8').replace('"id":8', '"id":7');
    const at = random.integer(text.length);
    const damaged = [
      text.slice(0, at),
      `${text.slice(0, at)}${String.fromCharCode(32 + random.integer(95))}${text.slice(at + 1)}`,
      `${text.slice(0, at)}${random.integer(1000)}${text.slice(at + random.integer(9))}`,
    ][round % 3];
    const read = readChanged(damaged);
    if (read) assertUsable(read);
    else refused++;
  }
  assert.ok(refused > 150 && refused < 400, `${refused} of 400 were refused`);
});

const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 31,
  '',
  'A',
  '*/ int x; /*',
  [],
  {},
  [[]],
  { __proto__: null, constructor: 1 },
];

test('a file with any one value replaced, taken away or doubled is refused with a RangeError, or sound', () => {
  const random = createRandom(3);
  writeCandidate(run, randomCandidate(random, 7));
  const text = readFileSync(candidatePath(run, 7), 'utf8');
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    const json = JSON.parse(text);
    const [holder, key] = randomPlace(json, random);
    if (round % 3 === 0) holder[key] = STRANGE[random.integer(STRANGE.length)];
    else if (round % 3 === 1) Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key];
    else if (Array.isArray(holder)) holder.push(holder[Number(key)]);
    else holder[`${key}2`] = holder[key];
    const read = readChanged(JSON.stringify(json));
    if (read) assertUsable(read);
    else refused++;
  }
  assert.ok(refused > 300 && refused < 600, `${refused} of 600 were refused`);
});

type Holder = { [key: string]: unknown };

/** A value somewhere in a tree, by what holds it. */
function randomPlace(root: Holder, random: Random): [Holder, string] {
  let holder = root;
  for (;;) {
    const keys = Object.keys(holder);
    const key = keys[random.integer(keys.length)];
    const inner = holder[key];
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0 || random.integer(4) === 0) return [holder, key];
    holder = inner as Holder;
  }
}

type Json = { id: number; version: number; classes: string[]; ranges: Holder; encoding: Holder };

test('what does not fit together is refused by its name', () => {
  const random = createRandom(4);
  writeCandidate(run, randomCandidate(random, 7));
  const text = readFileSync(candidatePath(run, 7), 'utf8');
  const refused = (change: (json: Json) => void, reason: RegExp) => {
    const json = JSON.parse(text);
    change(json);
    writeFileSync(candidatePath(run, 7), JSON.stringify(json));
    assert.throws(() => readCandidate(run, 7), { name: 'RangeError', message: reason });
  };
  const [{ name }] = JSON.parse(text).network.layers;
  const rename = (to: string) => (json: Json) => {
    const renamed = JSON.stringify(json).replaceAll(JSON.stringify(name), JSON.stringify(to));
    Object.assign(json, JSON.parse(renamed));
  };
  refused((json) => (json.id = 8), /it is candidate 8/);
  refused((json) => json.classes.push('one more'), /it tells \d+ classes apart, and names \d+/);
  refused((json) => delete json.ranges[name], new RegExp(`there is no range of ${name}`));
  refused((json) => (json.encoding.channels = { offset: [1, 2, 3, 4, 5], scale: [1] }), /5 channels are encoded of/);
  refused(rename('x; */ int y = system("rm")'), /cannot be named so in C/);
  refused(rename('__proto__'), /cannot be used/);
  refused((json) => (json.version = 2), /version/);
  assert.throws(() => readCandidate(run, 12345), { name: 'RangeError', message: /12345\.json cannot be used: ENOENT/ });
});
