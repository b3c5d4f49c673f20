import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const GENERATED = join(root, 'server/training/binaries.ts');

const FEATURES = { relaxed: 'simd,relaxed-simd', simd: 'simd' } as const;

/** Compiles the training kernels; returns the text of the module that carries both binaries. */
export async function compileKernels(): Promise<string> {
  const lines = ['/** The compiled kernels, base64, written by `.build/kernels.ts`. */', 'export const binaries = {'];
  for (const [variant, features] of Object.entries(FEATURES)) {
    const bytes = await compile(features);
    lines.push(`  ${variant}:`, `    '${Buffer.from(bytes).toString('base64')}',`);
  }
  return `${[...lines, '};'].join('\n')}\n`;
}

async function compile(features: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      'server/training/kernels/run.ts',
      ...['--runtime', 'stub', '-O3', '--noAssert', '--importMemory', '--importTable', '--maximumMemory', '16384'],
      ...['--enable', features, '--outFile', 'kernels.wasm'],
    ],
    {
      readFile: (name, base) => read(join(root, base === '.' ? '' : base, name)),
      writeFile: (_name, contents) => {
        binary = contents as Uint8Array;
      },
      listFiles: () => null,
    },
  );
  if (error || !binary) throw new Error(`the kernels do not compile: ${error?.message}\n${stderr}`);
  return binary;
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

if (import.meta.main) writeFileSync(GENERATED, await compileKernels());
