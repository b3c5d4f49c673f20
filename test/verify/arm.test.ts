import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../server/codegen/generate.ts';
import { findChip } from '../../server/device/find.ts';
import { choosePlan } from '../../server/plan/choose.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { findArmCompiler } from '../../server/verify/arm.ts';
import { compare } from '../../server/verify/compare.ts';
import { type Subject, subjectOf } from '../../server/verify/harness.ts';
import { prove } from '../../server/verify/proof.ts';
import { findQemu } from '../../server/verify/qemu.ts';
import { simulatorOf } from '../../server/verify/simulator.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';
import { writtenNetwork } from './subject.ts';

const skipM0 = findArmCompiler() ? false : 'arm-none-eabi-gcc is not on the PATH';
const skipQemu = skipM0 || (findQemu() ? false : 'qemu-system-arm is not on the PATH');

const chips = [
  { chip: findChip('stm32l011f4')!, skip: skipM0 },
  { chip: findChip('stm32f103c8')!, skip: skipQemu },
  { chip: findChip('stm32f303k8')!, skip: skipQemu },
  { chip: findChip('stm32f746zg')!, skip: skipQemu },
];

for (const { chip, skip } of chips)
  test(`on a simulated ${chip.name}: the interpreter's answers, the planned static RAM to the byte, no more stack than planned`, {
    skip,
  }, async () => {
    const target = planTarget(chip);
    for (let seed = 0; seed < 8; seed++) {
      const random = createRandom(5000 + seed);
      const { quantized, network } = randomQuantized(random, { largest: 10 }, seed % 4 < 2 ? 0.8 : 0);
      const plan = choosePlan(quantized.input.shape, quantized.stages, target);
      const subject = subjectOf('net', quantized);
      const samples = randomBytes(random, 3 * subject.sampleBytes);
      const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
      const { costs, ...answers } = await (await simulatorOf(chip).load(subject, files))(samples);
      const what = `seed ${seed}, ${JSON.stringify(network)}`;
      assert.deepEqual(compare(quantized, samples, answers), { samples: 3, different: 0 }, what);
      assert.equal(costs.staticBytes, plan.stateBytes, what);
      assert.ok(costs.stackBytes <= plan.stackBytes, `${costs.stackBytes} B of stack, planned ${plan.stackBytes} B: ${what}`);
    }
  });

/** C with the interface of a network, whose work is known to the instruction: `rounds` rounds of subtract and branch, `stack` bytes of stack. */
function known(rounds: number, stack: number) {
  const subject: Subject = { name: 'net', sampleBytes: 4, logits: 1, logitBytes: 4 };
  const header = `#include <stdint.h>
#define NET_INPUT_HEIGHT 1
#define NET_INPUT_WIDTH 4
#define NET_INPUT_CHANNELS 1
typedef struct { uint8_t row[4]; int32_t sum; } net_state;
void net_init(net_state *state);
uint8_t *net_next_row(net_state *state);
void net_push_row(net_state *state);
uint8_t net_result(const net_state *state);
const int32_t *net_logits(const net_state *state);
`;
  const source = `#include "net.h"
static const int32_t initial[2] = { 5, 6 };
static volatile int32_t copied = 7;
void net_init(net_state *state) { state->sum = initial[state->row[0] & 1] + copied; }
uint8_t *net_next_row(net_state *state) { return state->row; }
void net_push_row(net_state *state)
{
    volatile uint8_t used[${stack}];
    uint32_t n = ${rounds};
    used[0] = 1;
    __asm__ volatile(".syntax unified\\n1: subs %0, %0, #1\\n\\tbne 1b\\n\\t.syntax divided" : "+l"(n) : : "cc");
    state->sum += state->row[0] + state->row[3] * used[0];
}
uint8_t net_result(const net_state *state) { return (uint8_t)state->sum; }
const int32_t *net_logits(const net_state *state) { return &state->sum; }
`;
  return {
    subject,
    files: [
      { path: 'net.h', content: header },
      {
        path: 'net.c',
        content: source.replaceAll('__asm__', '__extension__ __asm__').replaceAll('__extension__ __asm__ volatile', '__asm__ volatile'),
      },
    ],
  };
}

const measure = async (
  chip: (typeof chips)[number]['chip'],
  rounds: number,
  stack = 16,
  samples = Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 9),
) => {
  const { subject, files } = known(rounds, stack);
  return (await simulatorOf(chip).load(subject, files))(samples);
};

test('the cycles of a Cortex-M0+ are those of its manual: one for a subtraction, two for a branch', { skip: skipM0 }, async () => {
  const [few, many] = [await measure(chips[0].chip, 1000), await measure(chips[0].chip, 51_000)];
  assert.equal(many.costs.cycles! - few.costs.cycles!, 150_000);
});

test('instructions are counted one by one', { skip: skipQemu }, async () => {
  for (const { chip } of chips.slice(1)) {
    const [few, many] = [await measure(chip, 1000), await measure(chip, 51_000)];
    assert.ok(Math.abs(many.costs.instructions! - few.costs.instructions! - 100_000) <= 1, chip.name);
    assert.equal(few.costs.cycles, undefined);
  }
});

test('stack is what was painted over, data are where the linker puts them, and answers come back', { skip: skipQemu }, async () => {
  for (const { chip } of chips) {
    const [small, large] = [await measure(chip, 1, 64), await measure(chip, 1, 264)];
    assert.equal(large.costs.stackBytes - small.costs.stackBytes, 200, chip.name);
    assert.equal(small.costs.staticBytes, 8 + 4, chip.name);
    assert.equal(small.costs.ramBytes, small.costs.staticBytes + small.costs.stackBytes);
    // The first input finds row[0] cleared, the second what the first left there.
    assert.deepEqual([...small.logits], [5 + 7 + 1 + 4, 6 + 7 + 0 + 9], chip.name);
    assert.deepEqual([...small.classes], [17, 22], chip.name);
  }
});

test('what does not fit the chip is refused by the linker, in its words', { skip: skipM0 }, async () => {
  const { subject, files } = known(1, 16);
  await assert.rejects(simulatorOf({ ...chips[0].chip, ramBytes: 8 }).load(subject, files), /region `RAM' overflowed/);
  await assert.rejects(simulatorOf({ ...chips[0].chip, flashBytes: 256 }).load(subject, files), /region `FLASH' overflowed/);
});

test('a program that faults ends with too few answers', { skip: skipQemu }, async () => {
  const { subject, files } = known(1, 16);
  const [header, { path, content }] = files;
  const broken = [header, { path, content: content.replace('used[0] = 1;', '*(volatile uint32_t *)0xf0000001u = used[0] = 1;') }];
  for (const { chip } of chips.slice(1))
    await assert.rejects(
      simulatorOf(chip)
        .load(subject, broken)
        .then((run) => run(new Uint8Array(4))),
      /ended early/,
      chip.name,
    );
});

test('a proof takes the core of its chip, and says what it has no simulator for', { skip: skipM0 }, async () => {
  const { network, plan, files } = writtenNetwork();
  const proven = (chip: string) =>
    prove({ name: 'net', files, network, ramBytes: plan.ramBytes + 300, chip: findChip(chip), chipSamples: 5 });
  const { checks, passed } = await proven('lpc1114');
  assert.ok(passed);
  const [, { where, random, chip }] = checks;
  assert.equal(where, 'simulated Cortex-M0+ of LPC1114, in place of its Cortex-M0');
  assert.deepEqual(random, { samples: 5, different: 0 });
  assert.ok(chip!.cycles! > 1000 && chip!.instructions === undefined);
  const other = await proven('ch32v003');
  assert.deepEqual(other.checks[1], {
    where: 'simulated CH32V003',
    skipped: 'there is no simulator here for a core of the kind riscv32',
  });
});

test('without tools a check says which are missing', () => {
  const path = process.env.PATH;
  process.env.PATH = '';
  try {
    assert.match(simulatorOf(chips[0].chip).missing!, /^arm-none-eabi-gcc is not on the PATH/);
    assert.match(simulatorOf(chips[1].chip).missing!, /arm-none-eabi-gcc is not on the PATH.*; qemu-system-arm is not on the PATH/);
  } finally {
    process.env.PATH = path;
  }
});
