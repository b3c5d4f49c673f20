import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { SERVER_FLAGS } from '../../extension/flags.ts';
import { bareNodeMb, openEditor, type Server } from './language/editor.ts';
import { longSpec, spec200 } from './language/specs.ts';

/**
 * The language server beside yaml-language-server with the schema of the same language: both as processes over Node's IPC, as their extensions start them, on
 * this Node, with the same file and the same keystrokes, in turns; what the peer waits for a pause of typing is left out. From a keystroke to the problems that it makes
 * or mends; from asking for completions to having them. Memory is told beside that of a Node that does nothing. Last line: JSON.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
const ROUNDS = values.quick ? 5 : 25;
const KEYS = 20;
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'sparse-language-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const servers: Server[] = [
  { name: 'sparse', module: await bundled(), flags: SERVER_FLAGS },
  { name: 'yaml-language-server', module: await installed(), debounceMs: 200, schema: join(root, 'media/schema/sparse.schema.json') },
];
console.log(
  `node ${process.version}; load ${loadavg()[0].toFixed(1)}; ${spec200.split('\n').length} lines; a bare Node takes ${await bareNodeMb()} MB`,
);

const editors = await Promise.all(servers.map((server) => openEditor(server, scratch)));
const diagnostics: number[][] = [[], []];
const completion: number[][] = [[], []];
const cpu = [0, 0];
for (const editor of editors) await editor.open('task', spec200);
for (let round = 0; round < ROUNDS + 1; round++)
  for (const [place, editor] of editors.entries()) {
    const begun = editor.cpuMs();
    const keys = [
      ...(await editor.type('task', 'trials: 40', 'trials: 4x', KEYS / 2)),
      ...(await editor.type('task', 'filters: 5', 'filters: 5x', KEYS / 2)),
    ];
    const used = editor.cpuMs() - begun;
    const words = await editor.complete('task', 'strategy: ', KEYS);
    // The first round warms up.
    if (round > 0) {
      diagnostics[place].push(...keys);
      cpu[place] += used;
      completion[place].push(...words);
    }
  }
const [own, peer] = editors;
const memory = own.memoryMb();
const widths = Array.from({ length: 4 * ROUNDS }, (_, step) => `filters: ${100 + step}`);
const planned = await own.retype('task', ['filters: 5', ...widths]);
console.log(`a network of another width, planned anew: p50 ${percentile(planned, 50)} ms, p95 ${percentile(planned, 95)} ms`);
const long: number[] = [];
for (const [name, text] of Object.entries(longSpec)) {
  await own.open(name, text);
  await own.type(name, 'trials: 40', 'trials: 4x', 4);
  const keys = await own.type(name, 'trials: 40', 'trials: 4x', values.quick ? 8 : 20);
  console.log(`10,000 lines (${name}): p50 ${percentile(keys, 50)} ms, p95 ${percentile(keys, 95)} ms`);
  long.push(percentile(keys, 95));
  await own.close(name);
}
for (const [place, { name }] of servers.entries()) {
  const row = (what: string, times: readonly number[]) => `${what} p50 ${percentile(times, 50)} p95 ${percentile(times, 95)} ms`;
  console.log(
    `${name}: ${row('problems', diagnostics[place])}; ${(cpu[place] / diagnostics[place].length).toFixed(2)} ms of processor time a keystroke; ${row('completion', completion[place])}; ${place === 0 ? memory : editors[place].memoryMb()} MB`,
  );
}
await Promise.all([own.end(), peer.end()]);
console.log(
  JSON.stringify({
    'diagnostics.p95ms': percentile(diagnostics[0], 95),
    'diagnostics.peer': Number((percentile(diagnostics[1], 95) / percentile(diagnostics[0], 95)).toFixed(2)),
    'completion.p95ms': percentile(completion[0], 95),
    'memory.mb': memory,
    'long10000.ms': Math.max(...long),
  }),
);

function percentile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Number(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))].toFixed(2));
}

/** The server as it is shipped: one file. */
async function bundled(): Promise<string> {
  const outfile = join(scratch, 'server.mjs');
  const banner = { js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);" };
  const entryPoints = [join(root, 'server/language/main.ts')];
  await build({
    entryPoints,
    outfile,
    banner,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    loader: { '.wasm': 'binary', '.svg': 'text' },
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outfile;
}

/** The peer has a folder of its own, so that the project's install stays small. */
async function installed(): Promise<string> {
  const folder = join(root, 'test/bench/peers');
  const path = join(folder, 'node_modules/yaml-language-server/bin/yaml-language-server');
  if (existsSync(path)) return path;
  console.log('installing yaml-language-server');
  const npm = spawn('npm', ['ci', '--ignore-scripts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const code = await new Promise((resolve) => npm.on('exit', resolve));
  if (code !== 0) throw new Error(`npm ci in test/bench/peers ended with ${code}`);
  return path;
}
