import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Connection } from 'vscode-languageserver/node';
import { serveRuns } from '../../server/language/runs.ts';
import type { RunSummary, RunView } from '../../server/protocol.ts';
import { beginRun, tell } from '../editor/journal.ts';

const spec = `name: digits
data: { train: { samples: x-idx3-ubyte, labels: y-idx1-ubyte } }
target: { chip: atmega328p, reserve: { ram: 256 B, flash: 4 KB } }
output: { folder: firmware/lib/digits }
`;

test('a run is told as it goes on: running, its best, finished', (t) => {
  const { folder, runs, look } = serve(t);
  assert.deepEqual(runs(), []);
  const writer = beginRun(folder, 'digits-1');
  tell(writer, 1, 2, 0.8);
  look();
  const [first] = runs();
  assert.equal(first.status, 'running');
  assert.equal(first.pid, process.pid);
  assert.equal(first.spec, join(folder, 'digits.sparse.yaml'));
  assert.deepEqual([first.trials, first.bestAccuracy], [1, 0.8]);
  const better = tell(writer, 2, 4, 0.9);
  look();
  assert.deepEqual([runs()[0].trials, runs()[0].bestAccuracy, runs()[0].bestRamBytes], [2, 0.9, better.price.ramBytes]);
  writer.append({ type: 'finished', atMs: Date.now(), reason: 'all trials are done', chosen: 2 });
  writer.close();
  look();
  assert.equal(runs()[0].status, 'finished');
});

test('a run whose process is gone is interrupted, one that was stopped is cancelled', (t) => {
  const { folder, runs, look } = serve(t);
  tell(beginRun(folder, 'killed'), 1, 2, 0.8);
  // What a killed process leaves: its lock, and half a line.
  writeFileSync(
    join(folder, '.sparse/runs/killed/lock'),
    JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), sinceMs: 0, token: 'gone' }),
  );
  appendFileSync(join(folder, '.sparse/runs/killed/journal.jsonl'), '{"type":"told","at');
  const stopped = beginRun(folder, 'stopped', { atMs: 1 });
  stopped.append({ type: 'interrupted', atMs: Date.now(), reason: 'Ctrl-C' });
  stopped.close();
  look();
  assert.deepEqual(
    runs().map((run) => [run.folder.split('/').at(-1), run.status, run.trials]),
    [
      ['killed', 'interrupted', 1],
      ['stopped', 'cancelled', 0],
    ],
  );
});

test('the view prices every layer by the plan: the peak and the stack make the RAM of the trial', (t) => {
  const { folder, look, view } = serve(t);
  const writer = beginRun(folder, 'digits-1');
  for (const [index, filters] of [2, 4, 6].entries()) tell(writer, index + 1, filters, 0.7 + 0.1 * index);
  tell(writer, 4, 5, 0.5);
  writer.close();
  look();
  const shown = view(join(folder, '.sparse/runs/digits-1'))!;
  assert.deepEqual(shown.budget, { ramBytes: 1792, flashBytes: 28_672 });
  assert.equal(shown.chip, 'ATmega328P');
  assert.equal(shown.outputFolder, join(folder, 'firmware/lib/digits'));
  assert.deepEqual(
    shown.trials.map(({ onFront }) => onFront),
    [true, true, true, false],
  );
  assert.equal(shown.candidates.length, 3);
  for (const { layers, ramBytes, stateBytes, stackBytes } of shown.candidates) {
    assert.equal(ramBytes, stateBytes + stackBytes);
    assert.equal(Math.max(...layers.map(({ liveBytes }) => liveBytes)), stateBytes);
  }
  assert.equal(shown.chosen, '3');
});

test('what a layer has in use is what its blocks cover, and they lie within the state', (t) => {
  const { folder, look, view } = serve(t);
  const writer = beginRun(folder, 'digits-1');
  for (const [index, filters] of [3, 9, 14].entries()) tell(writer, index + 1, filters, 0.7 + 0.1 * index);
  writer.close();
  look();
  for (const { layers, stateBytes } of view(join(folder, '.sparse/runs/digits-1'))!.candidates) {
    for (const { blocks, liveBytes } of layers) {
      const covered = new Set(blocks.flatMap(({ offset, bytes }) => Array.from({ length: bytes }, (_, i) => offset + i)));
      assert.equal(covered.size, liveBytes);
      assert.ok(Math.max(...covered) < stateBytes);
    }
  }
});

test('runs of a broken or missing journal, or without a spec, are left out', (t) => {
  const { folder, runs, look } = serve(t);
  const bad = join(folder, '.sparse/runs/bad');
  mkdirSync(bad, { recursive: true });
  writeFileSync(join(bad, 'journal.jsonl'), 'no journal\n');
  mkdirSync(join(folder, '.sparse/runs/empty'));
  beginRun(folder, 'other', { name: 'other' }).close();
  look();
  assert.deepEqual(runs(), []);
});

/** Serves a folder with a spec to a connection that only records. `look` does at once what the timer would. */
function serve(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sparse-runs-'));
  writeFileSync(join(folder, 'digits.sparse.yaml'), spec);
  const handlers = new Map<string, (params: unknown) => unknown>();
  const on = (method: string, handler: (params: unknown) => unknown) => handlers.set(method, handler);
  let told: readonly RunSummary[] = [];
  const connection = {
    onNotification: on,
    onRequest: on,
    sendNotification: (_: string, params: { runs: readonly RunSummary[] }) => (told = params.runs),
    console: { warn: assert.fail },
  };
  const served = serveRuns(connection as unknown as Connection);
  t.after(() => {
    served.dispose();
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    runs: () => told,
    look: () => handlers.get('sparse/folders')!({ folders: [folder] }),
    view: (run: string) => handlers.get('sparse/view')!({ folder: run }) as RunView | null,
  };
}
