import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { type Variant, variants } from '../../server/training/wasm.ts';
import { secondsToAccuracy } from './training/mnist.ts';
import { type NetworkName, networks, operations } from './training/networks.ts';
import { simdPeak } from './training/peak.ts';
import { openPeer, type Peer } from './training/peer.ts';
import { type Part, profile } from './training/profile.ts';
import type { Job, Kind, Outcome } from './training/worker.ts';

/**
 * Training at batch 64 beside PyTorch, in turns, the median of the rounds. One core: images per second of processor time, so that other
 * programs on the machine count less. Two workers beside two processes: by the clock. Last line: JSON.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, variant: { type: 'string' } } });
const variant = (values.variant ?? variants()[0]) as Variant;
const ROUNDS = values.quick ? 3 : 9;
const MS = values.quick ? 200 : 1200;
const names = Object.keys(networks) as NetworkName[];
const workers = [open(), open()];
const peers = [await openPeer(), await openPeer()].filter((peer): peer is Peer => peer !== undefined);
const figures: { [key: string]: number } = {};
const put = (key: string, value: number) => {
  figures[key] = Number(value.toFixed(3));
};
console.log(
  `node ${process.version}, ${variant}; ${peers[0] ? `PyTorch ${peers[0].version}` : 'no PyTorch: neither python3 has it'}; load ${loadavg()[0].toFixed(1)}`,
);

const peak = await simdPeak(variant);
console.log(`SIMD peak of one core: ${(peak / 1e9).toFixed(1)} GFLOP/s`);
for (const name of names) {
  const [ours, theirs] = await inTurns(
    [() => one(name, 'plain'), ...(peers[0] ? [() => peers[0].measure(name, MS / 1e3)] : [])],
    perCpuSecond,
  );
  const { parts, operations: done } = profile(name, variant);
  const needed = (ours * operations(networks[name])) / peak;
  console.log(
    `${name}: ${Math.round(ours)} images/s on one core${theirs ? `; PyTorch ${Math.round(theirs)}` : ''}\n` +
      `  ${percent(done / peak)} of the SIMD peak in what is multiplied, ${percent(needed)} if every tap were\n` +
      `  ${parts.map((part) => partOf(part)).join(', ')}`,
  );
  if (theirs) put(`${name}.torch1`, ours / theirs);
}
if (peers.length === 2) {
  for (const name of names) {
    const [ours, theirs] = await inTurns([() => two(name), () => together(peers.map((peer) => peer.measure(name, MS / 1e3)))], perSecond);
    console.log(`${name}: ${Math.round(ours)} images/s of two workers; PyTorch ${Math.round(theirs)} of two processes`);
    put(`${name}.torch2`, ours / theirs);
  }
}
for (const peer of peers) peer.close();
const [alone, both] = await inTurns([() => one('A', 'plain'), () => two('A')], perSecond);
put('workers2', both / alone);
const [plain, batchnorm, vd, masks50, masks75] = await inTurns(
  (['plain', 'batchnorm', 'variational', 'masks50', 'masks75'] as const).map((kind) => () => one('A', kind)),
  perCpuSecond,
);
put('batchnorm', batchnorm / plain);
put('vd', vd / plain);
// Masked weights are left out where that is faster than Winograd's products, which need all of them.
put('masks50', masks50 / plain);
put('masks75', masks75 / plain);
await Promise.all(workers.map((worker) => worker.terminate()));
const mnist = await secondsToAccuracy(variant, 0.988);
if (!mnist) console.log('no MNIST: ../shared/data/mnist is not there');
else {
  console.log(`A on MNIST: ${(100 * mnist.accuracy).toFixed(2)} % of the test images after ${mnist.seconds.toFixed(1)} s of one core`);
  if (mnist.accuracy >= 0.988) put('mnist98_8.seconds', mnist.seconds);
}
console.log(JSON.stringify(figures));

/** The median speed of each, measured one after the other in every round; the first round warms up. */
async function inTurns(each: readonly (() => Promise<Outcome>)[], speed: (outcome: Outcome) => number): Promise<number[]> {
  const speeds: number[][] = each.map(() => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, run] of each.entries()) {
      const found = speed(await run());
      if (round > 0) speeds[i].push(found);
    }
  }
  return speeds.map((all) => all.sort((a, b) => a - b)[all.length >> 1]);
}

/** Its share of the time, and behind a colon that of the peak at which it runs. */
function partOf({ kind, share, operations: each }: Part): string {
  return `${kind} ${percent(share)}${each > 0 ? `: ${percent(each / peak)}` : ''}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function perCpuSecond({ images, cpuSeconds }: Outcome): number {
  return images / cpuSeconds;
}
function perSecond({ images, seconds }: Outcome): number {
  return images / seconds;
}

function open(): Worker {
  return new Worker(new URL('./training/worker.ts', import.meta.url));
}

function run(worker: Worker, network: NetworkName, kind: Kind): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    worker.removeAllListeners('error');
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage({ network, kind, variant, ms: MS } satisfies Job);
  });
}

function one(network: NetworkName, kind: Kind): Promise<Outcome> {
  return run(workers[0], network, kind);
}

function two(network: NetworkName): Promise<Outcome> {
  return together(workers.map((worker) => run(worker, network, 'plain')));
}

async function together(all: readonly Promise<Outcome>[]): Promise<Outcome> {
  const done = await Promise.all(all);
  const sum = (of: (outcome: Outcome) => number) => done.reduce((total, each) => total + of(each), 0);
  return {
    images: sum(({ images }) => images),
    seconds: Math.max(...done.map(({ seconds }) => seconds)),
    cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds),
  };
}
