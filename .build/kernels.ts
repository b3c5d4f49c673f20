import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const GENERATED = join(root, 'server/training/binaries.ts');

const RELAXED = 'simd,relaxed-simd';
/** `wide` is relaxed, with vectors in pairs. */
const VARIANTS = { relaxed: { features: RELAXED }, simd: { features: 'simd' }, wide: { features: RELAXED, wide: true } };
type Variant = { readonly features: string; readonly wide?: boolean };

/** Compiles the training kernels; returns the text of the module that carries the binaries. */
export async function compileKernels(): Promise<string> {
  const lines = ['/** The compiled kernels, base64, written by `.build/kernels.ts`. */', 'export const binaries = {'];
  for (const [name, variant] of Object.entries(VARIANTS)) {
    const bytes = await compile(variant);
    lines.push(`  ${name}:`, `    '${Buffer.from(bytes).toString('base64')}',`);
  }
  return `${[...lines, '};'].join('\n')}\n`;
}

async function compile({ features, wide = false }: Variant): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      'server/training/kernels/run.ts',
      ...['--runtime', 'stub', '-O3', '--noAssert', '--importMemory', '--importTable', '--maximumMemory', '16384'],
      ...['--enable', features, '--outFile', 'kernels.wasm'],
    ],
    {
      readFile: (name, base) => {
        const text = read(join(root, base === '.' ? '' : base, name));
        return wide && name.endsWith('wide/width.ts') ? text!.replace('WIDE: bool = false', 'WIDE: bool = true') : text;
      },
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
