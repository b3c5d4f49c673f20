import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GeneratedFile } from '../codegen/generate.ts';
import { hostHarness, probeHarness, type Subject } from './harness.ts';
import { findProgram, runProgram } from './tool.ts';

/** What the generated code answered, sample by sample. */
export type Answers = { readonly classes: Uint8Array; readonly logits: Int32Array };

/** The generated code compiles without a word under these. */
export const STRICT_FLAGS = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror'];
export const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

export const findHostCompiler = (): string | undefined => findProgram('cc', 'gcc', 'clang');

/** Compiles generated files with the host's compiler and runs them over `samples` ([count, sampleBytes]). */
export async function runOnHost(
  subject: Subject,
  files: readonly GeneratedFile[],
  samples: Uint8Array,
  { compiler = findHostCompiler(), flags = [] as readonly string[] } = {},
): Promise<Answers> {
  if (!compiler) throw new Error('no C compiler found on the PATH (cc, gcc or clang)');
  return inFolder(async (folder) => {
    for (const file of files) await writeFile(join(folder, file.path), file.content);
    await writeFile(join(folder, 'main.c'), hostHarness(subject));
    const program = join(folder, 'main');
    await runProgram(compiler, [...STRICT_FLAGS, '-O2', ...flags, '-o', program, 'main.c', `${subject.name}.c`], { cwd: folder });
    return decode(subject, await runProgram(program, [], { input: samples, timeoutMs: 600_000 }), samples.length / subject.sampleBytes);
  });
}

/** Runs C with probes over one sample: what each handed out, in order. */
export function runProbed(
  name: string,
  files: readonly GeneratedFile[],
  sample: Uint8Array,
  compiler = findHostCompiler(),
): Promise<{ readonly stage: number; readonly bytes: Uint8Array }[]> {
  if (!compiler) throw new Error('no C compiler found on the PATH (cc, gcc or clang)');
  return inFolder(async (folder) => {
    for (const file of files) await writeFile(join(folder, file.path), file.content);
    await writeFile(join(folder, 'main.c'), probeHarness(name));
    const program = join(folder, 'main');
    await runProgram(compiler, ['-std=c99', '-w', '-O1', '-o', program, 'main.c', `${name}.c`], { cwd: folder });
    const output = await runProgram(program, [], { input: sample });
    const records: { stage: number; bytes: Uint8Array }[] = [];
    for (let at = 0; at + 8 <= output.length; ) {
      const [stage, count] = [output.readUInt32LE(at), output.readUInt32LE(at + 4)];
      records.push({ stage, bytes: output.subarray(at + 8, at + 8 + count) });
      at += 8 + count;
    }
    return records;
  });
}

/** Whether programs can be compiled and run under the sanitizers here: some compilers come without their libraries. */
export function hasSanitizers(compiler = findHostCompiler()): Promise<boolean> {
  if (!compiler) return Promise.resolve(false);
  const known = sanitizing.get(compiler) ?? inFolder((folder) => trySanitizers(compiler, folder));
  sanitizing.set(compiler, known);
  return known;
}

const sanitizing = new Map<string, Promise<boolean>>();

async function trySanitizers(compiler: string, folder: string): Promise<boolean> {
  const program = join(folder, 'main');
  await writeFile(`${program}.c`, 'int main(void) { return 0; }\n');
  try {
    await runProgram(compiler, [...SANITIZERS, '-o', program, `${program}.c`]);
    await runProgram(program, []);
    return true;
  } catch {
    return false;
  }
}

async function inFolder<Result>(action: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sparse-host-'));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function decode(subject: Subject, output: Buffer, count: number): Answers {
  const record = 1 + 4 * subject.logits;
  if (output.length !== count * record) throw new Error(`expected ${count * record} bytes of answers, got ${output.length}`);
  const classes = new Uint8Array(count);
  const logits = new Int32Array(count * subject.logits);
  for (let i = 0; i < count; i++) {
    classes[i] = output[i * record];
    for (let k = 0; k < subject.logits; k++) logits[i * subject.logits + k] = output.readInt32LE(i * record + 1 + 4 * k);
  }
  return { classes, logits };
}
