import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Network } from '../../server/network/network.ts';
import { binaries } from '../../server/training/binaries.ts';
import { buildProgram } from '../../server/training/program.ts';
import { openSession } from '../../server/training/session.ts';
import { createEngine, type Kernels } from '../../server/training/wasm.ts';
import { canWiden, widen } from '../../server/training/wide.ts';
import { anyParameters, encoding, operatorCases, randomNetwork, randomSamples, wholeNetworks } from './networks.ts';
import './variants.ts';

const networks: Network[] = [
  ...Object.values(wholeNetworks),
  ...operatorCases.conv2d,
  ...operatorCases.depthwise,
  ...Array.from({ length: 12 }, (_, seed) => randomNetwork(seed)),
];
const none = { skip: !canWiden() && 'this Node does not pair vectors' };
const traced = { skip: none.skip || (!process.versions.v8.startsWith('13.6.') && 'the trace is read as Node 24 writes it') };

test('pairing vectors changes no bit of what training makes', none, () => {
  setFlagsFromString('--no-experimental-wasm-revectorize');
  const apart = networks.map((network) => trained(network, compile('apart')));
  widen();
  for (const [i, network] of networks.entries()) assert.deepEqual(trained(network, compile('paired')), apart[i], JSON.stringify(network));
});

test('evaluation gives the same bits whether vectors are paired or not', none, () => {
  for (const network of networks) {
    const samples = randomSamples(network.input, 21, 4);
    const parameters = anyParameters(network, 5);
    const predict = (variant: 'relaxed' | 'wide') =>
      createEngine({ variant }).open({ network, encoding, batch: 16, seed: 1, parameters }).predict(samples);
    assert.deepEqual(predict('wide'), predict('relaxed'), JSON.stringify(network));
  }
});

test('V8 pairs what is stored by the kernels: nearly all of what it could, in all that take long', traced, () => {
  const flags = ['--single-threaded', '--wasm-sync-tier-up', '--wasm-tiering-budget=1', '--trace-wasm-revectorize'];
  const program = fileURLToPath(new URL('./paired.ts', import.meta.url));
  const trace = execFileSync(process.execPath, [...flags, program], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const count = (of: RegExp) => trace.match(of)?.length ?? 0;
  const [stores, paired] = [count(/^#\d+ Store/gm), 2 * count(/PackNode Store/g)];
  assert.ok(paired > 0.95 * stores && paired >= 250, `${paired} of ${stores} stores are paired`);
  assert.ok(count(/Decide to vectorize, [1-9]\d* revectorizable nodes/g) >= 22);
});

function trained(network: Network, module: WebAssembly.Module) {
  const options = { network, encoding, batch: 16, seed: 1, parameters: anyParameters(network, 3) };
  const program = buildProgram(options);
  const session = openSession(program, instantiate(module, program), options);
  const loss = session.trainEpoch(randomSamples(network.input, 37, 2), () => ({ learningRate: 1e-3, weightDecay: 0 }));
  return { loss, parameters: session.read() };
}

const modules = new Map<string, WebAssembly.Module>();

/** Each a module of its own, by a section that nobody reads: V8 keeps one code for the same bytes. */
function compile(name: string): WebAssembly.Module {
  const section = [0, name.length + 1, name.length, ...Buffer.from(name)];
  if (!modules.has(name))
    modules.set(name, new WebAssembly.Module(Buffer.concat([Buffer.from(binaries.wide, 'base64'), Uint8Array.from(section)])));
  return modules.get(name)!;
}

function instantiate(module: WebAssembly.Module, { arena }: ReturnType<typeof buildProgram>): Kernels {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(arena.bytes / 65536), maximum: 16384 });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory, table } });
  arena.fill(memory.buffer);
  const run = exports.run as (at: number, end: number) => void;
  return { memory, buffer: memory.buffer, table, code: { parts: 2 }, run: ({ at, end }) => run(at, end) };
}
