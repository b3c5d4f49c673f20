import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../server/codegen/generate.ts';
import { compiled } from '../../server/plan/avr.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import type { Plan } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import type { QuantizedNetwork } from '../../server/quantize/network.ts';
import { createRandom, type Random } from '../../server/random.ts';
import { AVR_FLAGS, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { readElf } from '../../server/verify/elf.ts';
import { avrHarness, subjectOf } from '../../server/verify/harness.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

/** What avr-gcc and the simulator made of a random network. */
export type Measured = {
  readonly seed: number;
  readonly plan: Plan;
  readonly network: QuantizedNetwork;
  readonly stack: number;
  readonly flash: number;
  readonly cycles: number;
  /** Stack of each function, bytes, its return address included; of plain C. */
  readonly su: { readonly [name: string]: number };
  /** Bytes of each function and table. */
  readonly sizes: { readonly [name: string]: number };
};

/** Random networks of every operator, some pruned, under plans chosen for each goal and random ones; as plain C, then streamed by rows, or as machine code. */
export function measureNetworks(from: number, count: number, { plain = false } = {}): Measured[] {
  const measured: Measured[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const random = createRandom(seed);
    const { quantized } = randomQuantized(random, { largest: 10 + (seed % 12) }, [0, 0.5, 0.8, 0][seed % 4]);
    const plan = randomPlan(quantized, random, seed, plain);
    if (plan.stateBytes > 1800) continue;
    const subject = subjectOf('net', quantized);
    const files = generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] });
    const { elf, su, sizes } = compile(files, avrHarness(subject), plain);
    const run = runOnAvr(subject, elf, randomBytes(random, subject.sampleBytes), ATMEGA328P);
    measured.push({ seed, plan, network: quantized, stack: run.stackBytes, flash: run.flashBytes, cycles: run.cycles, su, sizes });
  }
  return measured;
}

function randomPlan({ input: { shape }, stages }: QuantizedNetwork, random: Random, seed: number, plain: boolean): Plan {
  const target = plain ? compiled : planTarget({ architecture: 'avr' });
  const streamed = random.integer(stages.length + 1);
  if (plain || seed % 4 === 0) {
    const unit = plain || streamed === 0 || shape.width === 1 || seed % 8 ? 'row' : 'pixel';
    return planWith({ unit, streamed }, shape, stages, target);
  }
  return choosePlan(shape, stages, target, { objective: (['cycles', 'ram', 'flash'] as const)[seed % 3] });
}

/** How many weights of each stage are not zero. */
export const nonZerosOf = ({ network }: Pick<Measured, 'network'>): { readonly [stage: string]: number } =>
  Object.fromEntries(
    network.stages.flatMap(({ name, weights }) =>
      weights ? [[name, weights.weight.reduce((sum, value) => sum + Number(value !== 0), 0)]] : [],
    ),
  );

/** What the C names of a stage's functions and tables begin with. */
const SYMBOL = /^L_/;

const functionOf = (place: string): string => place.split(':').at(-1)!.replace(SYMBOL, '');

function compile(files: readonly { readonly path: string; readonly content: string }[], main: string, plain: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-fit-'));
  try {
    for (const { path, content } of [...files, { path: 'main.c', content: main }]) writeFileSync(join(folder, path), content);
    // Of functions that are machine code the compiler does not know the stack, and says so.
    const flags = [`-mmcu=${ATMEGA328P.mcu}`, ...AVR_FLAGS, '-std=c99', ...(plain ? ['-fstack-usage'] : [])];
    execFileSync('avr-gcc', [...flags, '-o', 'main.elf', 'main.c', 'net.c'], { cwd: folder });
    const usage = ['net.su', 'main.su']
      .filter((path) => existsSync(join(folder, path)))
      .flatMap((path) => readFileSync(join(folder, path), 'utf8').trim().split('\n'));
    const symbols = execFileSync('avr-nm', ['-S', 'main.elf'], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
    return {
      elf: readElf(readFileSync(join(folder, 'main.elf'))),
      su: Object.fromEntries(usage.map((line) => line.split('\t')).map(([where, bytes]) => [functionOf(where), Number(bytes)])),
      sizes: Object.fromEntries(
        symbols
          .map((line) => line.split(/\s+/))
          .filter((each) => each.length === 4)
          .map(([, bytes, , name]) => [name.replace(SYMBOL, ''), Number.parseInt(bytes, 16)]),
      ),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
