import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './worker.ts';

const SCRIPT = fileURLToPath(new URL('peer.py', import.meta.url));
/** Debian's `python3-torch` belongs to the system's Python, which need not be the first on the path. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** A process in which PyTorch trains. */
export type Peer = { readonly version: string; measure(network: string, seconds: number): Promise<Outcome>; close(): void };

/** The first Python that has PyTorch; nothing where none has. */
export async function openPeer(): Promise<Peer | undefined> {
  for (const python of PYTHONS) {
    const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, OMP_NUM_THREADS: '1' } });
    const lines = reader(child);
    const first = await lines();
    if (first === undefined) continue;
    return {
      version: JSON.parse(first).version,
      async measure(network, seconds) {
        child.stdin!.write(`${network} ${seconds}\n`);
        return JSON.parse((await lines())!);
      },
      close: () => child.stdin!.end(),
    };
  }
  return undefined;
}

/** Gives the next line at each call; undefined when there will be none. */
function reader(child: ChildProcess): () => Promise<string | undefined> {
  const all = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const failed = new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined)));
  return () => Promise.race([failed, all.next().then(({ value, done }) => (done ? undefined : value))]);
}
