import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { GeneratedFile } from '../codegen/generate.ts';
import type { Samples } from '../dataset/dataset.ts';
import { loadDataSet } from '../dataset/load.ts';
import { findChip } from '../device/find.ts';
import { MANIFEST, readManifest, sha256 } from '../firmware/write.ts';
import { sameShape } from '../network/shape.ts';
import { modelFromJson } from '../quantize/file.ts';
import type { QuantizedNetwork } from '../quantize/network.ts';
import { modelPath } from '../run/export.ts';
import { parseSpec } from '../spec/parse.ts';
import { page } from '../verify/page.ts';
import type { Divergence } from '../verify/probe.ts';
import { type Check, prove } from '../verify/proof.ts';
import { dataSourceOf } from './check.ts';
import { type Command, UsageError } from './command.ts';
import { bytes, percent } from './table.ts';

const LARGEST_FILE = 64 << 20;
const factsSchema = z.looseObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,40}$/),
  chip: z.string().max(100),
  ramBytes: z.number(),
  stateBytes: z.number().optional(),
  stackBytes: z.number().optional(),
  flashBytes: z.number(),
  cycles: z.number().optional(),
  testAccuracy: z.number().optional(),
  spec: z.string().max(4096).optional(),
});
type Facts = z.infer<typeof factsSchema>;

export const verify: Command = {
  summary: 'proves written C: its answers against the interpreter, its RAM on a simulated chip',
  usage: 'sparse verify DIR [--json] [--page FILE]',
  async run(args, console) {
    const options = { json: { type: 'boolean', default: false }, page: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (positionals.length !== 1) throw new UsageError(`usage: ${verify.usage}`);
    const folder = resolve(positionals[0]);
    const { facts, files, changed, network } = readExport(folder, positionals[0]);
    const test = await testSamples(folder, facts, network);
    const device = findChip(facts.chip);
    const proof = await prove({ name: facts.name, files, network, test: test.samples, ramBytes: facts.ramBytes, chip: device });
    const tried = proof.checks.some(({ skipped }) => skipped === undefined);
    const code = proof.passed ? 0 : tried ? 1 : 2;
    const notes = [
      ...changed.map((path) => `${path} was changed since it was written; what stands there now is tried.`),
      ...(test.missing ? [`Without the test images: ${test.missing}`] : []),
    ];
    if (values.page !== undefined) writeFileSync(values.page, page(proof, facts, notes, device?.clockHz));
    if (values.json) {
      console.out(`${JSON.stringify({ ...proof, changed, facts, ...(test.missing && { testMissing: test.missing }) })}\n`);
      return code;
    }
    for (const note of notes) console.out(`${note}\n`);
    for (const check of proof.checks) console.out(describe(check, facts, device?.clockHz));
    if (!tried) console.err('Nothing was proven: there is no compiler to prove it with.\n');
    else console.out(proof.passed ? 'Proven: every answer is the same.\n' : 'NOT proven.\n');
    return code;
  },
};

function readExport(folder: string, shown: string): { facts: Facts; files: GeneratedFile[]; changed: string[]; network: QuantizedNetwork } {
  const manifest = readManifest(folder);
  if (!manifest) throw new UsageError(`${shown}: there is no ${MANIFEST} that can be read; write C with sparse search or sparse export`);
  const parsed = factsSchema.safeParse(manifest);
  if (!parsed.success) throw new UsageError(`${shown}/${MANIFEST} lacks what is needed: ${z.prettifyError(parsed.error)}`);
  const facts = parsed.data;
  const paths = [`${facts.name}.h`, `${facts.name}.c`];
  for (const path of [...paths, modelPath(facts.name)]) {
    const stat = statSync(join(folder, path), { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > LARGEST_FILE)
      throw new UsageError(`${shown}/${path} is missing or too large; write it again with sparse export`);
  }
  const files = paths.map((path) => ({ path, content: readFileSync(join(folder, path), 'utf8') }));
  const changed = files.filter(({ path, content }) => manifest.files[path] !== sha256(content)).map(({ path }) => path);
  try {
    return { facts, files, changed, network: modelFromJson(JSON.parse(readFileSync(join(folder, modelPath(facts.name)), 'utf8'))) };
  } catch (error) {
    throw new UsageError(`${shown}/${modelPath(facts.name)} cannot be used: ${(error as Error).message}`);
  }
}

/** The test split of the spec that the C was made for, if it can still be loaded. */
async function testSamples(
  folder: string,
  { spec: written }: Facts,
  network: QuantizedNetwork,
): Promise<{ samples?: Samples; missing?: string }> {
  const path = written && resolve(folder, written);
  if (!path || !existsSync(path)) return { missing: 'the spec is not where it was' };
  const source = dataSourceOf(parseSpec(readFileSync(path, 'utf8')).draft, dirname(path));
  if (!source) return { missing: `${written} has errors` };
  const { data, faults } = await loadDataSet(source);
  if (!data) return { missing: faults[0].message };
  if (!sameShape(data.test.shape, network.input.shape)) return { missing: 'the data have another shape now' };
  return { samples: data.test };
}

const divergence = ({ sample, layer, y, x, channel, expected, actual }: Divergence): string =>
  `first in ${layer}: row ${y}, column ${x}, channel ${channel} is ${actual}, should be ${expected} (input ${sample + 1})`;

function describe({ where, skipped, failed, test, random, sanitized, chip }: Check, facts: Facts, clockHz?: number): string {
  if (skipped !== undefined) return `${where}: skipped, ${skipped}\n`;
  if (failed !== undefined) return `On ${where}: FAILED, ${failed.trimEnd()}\n`;
  const lines = [`On ${where}:`];
  for (const [what, each] of [
    ['test images', test],
    ['random inputs', random],
  ] as const) {
    if (!each) continue;
    const equal = each.different === 0 ? 'all answers equal' : `${each.different} ANSWERS DIFFER`;
    const accuracy = each.accuracy === undefined ? '' : `, accuracy ${percent(each.accuracy)}`;
    lines.push(`  ${each.samples.toLocaleString('en-US')} ${what}: ${equal}${accuracy}`);
    if (each.first) lines.push(`    ${divergence(each.first)}`);
  }
  if (sanitized) lines.push(`  ${sanitized} of the random inputs under sanitizers: no access out of bounds, nothing undefined`);
  if (chip) {
    const over = chip.ramBytes > facts.ramBytes ? ', which is MORE THAN PLANNED' : '';
    lines.push(
      `  RAM ${bytes(chip.staticBytes)} static + ${bytes(chip.stackBytes)} stack = ${bytes(chip.ramBytes)} (planned at most ${bytes(facts.ramBytes)})${over}`,
    );
    lines.push(`  flash ${bytes(chip.flashBytes)}, the harness included (predicted ${bytes(facts.flashBytes)})`);
    const { cycles, instructions } = chip;
    const time =
      cycles && clockHz && chip.mcu === facts.chip ? `, ${((cycles * 1000) / clockHz).toFixed(1)} ms at ${clockHz / 1e6} MHz` : '';
    const told = facts.cycles === undefined || chip.mcu !== facts.chip ? '' : ` (predicted ${facts.cycles.toLocaleString('en-US')})`;
    if (cycles) lines.push(`  ${cycles.toLocaleString('en-US')} cycles per inference${time}${told}`);
    if (instructions) lines.push(`  ${instructions.toLocaleString('en-US')} instructions per inference; this simulator knows no cycles`);
  }
  return `${lines.join('\n')}\n`;
}
