import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../server/codegen/generate.ts';
import { choosePlan, planWith } from '../../server/plan/choose.ts';
import type { Plan, Unit } from '../../server/plan/plan.ts';
import { planTarget } from '../../server/plan/target.ts';
import { createRandom } from '../../server/random.ts';
import { AVR_FLAGS, runOnAvr } from '../../server/verify/avr.ts';
import { ATMEGA328P } from '../../server/verify/chips.ts';
import { readElf } from '../../server/verify/elf.ts';
import { avrHarness, subjectOf } from '../../server/verify/harness.ts';
import { randomBytes, randomQuantized } from '../support/networks.ts';

/** What avr-gcc and the simulator made of a random network. */
export type Measured = {
  readonly seed: number;
  readonly plan: Plan;
  /** Non-zero weights by stage. */
  readonly nz: { readonly [stage: string]: number };
  readonly stack: number;
  readonly flash: number;
  readonly cycles: number;
  /** Stack of each function, bytes, its return address included. */
  readonly su: { readonly [name: string]: number };
  /** Bytes of each function and table. */
  readonly sizes: { readonly [name: string]: number };
};

/** Random networks of every operator, some pruned, under chosen plans and random ones; streamed in `unit`. */
export async function measureNetworks(from: number, count: number, unit: Unit = 'row'): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const random = createRandom(seed);
    const { quantized } = randomQuantized(random, { largest: 10 + (seed % 12) }, [0, 0.5, 0.8, 0][seed % 4]);
    const { stages } = quantized;
    const shape = quantized.input.shape;
    const target = planTarget({ architecture: 'avr' });
    const streamed = random.integer(stages.length + 1);
    const cut = { unit, streamed: unit === 'row' || seed % 3 === 0 ? streamed : stages.length };
    if (unit === 'pixel' && (cut.streamed === 0 || shape.width === 1)) continue;
    const plan = unit === 'row' && seed % 3 ? choosePlan(shape, stages, target) : planWith(cut, shape, stages, target);
    if (plan.stateBytes > 1800) continue;
    const subject = subjectOf('net', quantized);
    const { elf, su, sizes } = compile(generate('net', quantized, plan, { flashBytes: 0, classes: ['a'] }), avrHarness(subject));
    const run = runOnAvr(subject, elf, randomBytes(random, subject.sampleBytes), ATMEGA328P);
    const nz = Object.fromEntries(
      stages.flatMap(({ name, weights }) => (weights ? [[name, weights.weight.reduce((sum, value) => sum + Number(value !== 0), 0)]] : [])),
    );
    measured.push({ seed, plan, nz, stack: run.stackBytes, flash: run.flashBytes, cycles: run.cycles, su, sizes });
  }
  return measured;
}

/** What the C names of a stage's functions and tables begin with. */
const SYMBOL = /^L_/;

const functionOf = (place: string): string => place.split(':').at(-1)!.replace(SYMBOL, '');

function compile(files: readonly { readonly path: string; readonly content: string }[], main: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-fit-'));
  try {
    for (const { path, content } of [...files, { path: 'main.c', content: main }]) writeFileSync(join(folder, path), content);
    const flags = [`-mmcu=${ATMEGA328P.mcu}`, ...AVR_FLAGS, '-std=c99', '-fstack-usage'];
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
