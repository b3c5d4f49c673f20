/**
 * The spine's figures: how soon `sparse check` answers, candidates priced per second, the memory of a whole search, and what a search on MNIST ends with.
 * The last line is one JSON object. `--quick` searches for 20 seconds, one epoch a candidate, small ones only: it shows that the way is whole, not how far it leads.
 * Everything is written to a folder of its own that is gone at the end; what is absent and can be made (dist, the example's digits) is made first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import { generateDigits } from '../../server/dataset/digits/generate.ts';
import { loadDataSet } from '../../server/dataset/load.ts';
import { readManifest } from '../../server/firmware/write.ts';
import { modelFromJson } from '../../server/quantize/file.ts';
import { createRandom } from '../../server/random.ts';
import { modelPath } from '../../server/run/export.ts';
import { searchOptions } from '../../server/run/setting.ts';
import { decode } from '../../server/search/decode.ts';
import { randomGenotype } from '../../server/search/sample.ts';
import { parseSpec } from '../../server/spec/parse.ts';
import { toDataSource } from '../../server/spec/spec.ts';
import { type Check, prove } from '../../server/verify/proof.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { quick } = values;

const root = fileURLToPath(new URL('../../', import.meta.url));
const sparse = join(root, 'dist/sparse.js');
const example = join(root, 'media/examples/digits/digits.sparse.yaml');
const mnist = join(root, 'test/bench/tasks/mnist.sparse.yaml');
const mnistData = resolve(root, '../shared/data/mnist');
const folder = mkdtempSync(join(tmpdir(), 'sparse-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

await prepare();
const checkMs = checkTime();
const perSecond = await priceRate();
const figures: { [name: string]: number | null } = { 'check.ms': checkMs, 'price.per_second': perSecond, ...(await searchFigures()) };
console.log(JSON.stringify(figures));

async function prepare(): Promise<void> {
  if (!existsSync(sparse)) {
    console.log('dist is absent: building');
    const { status, stderr } = spawnSync(process.execPath, [join(root, '.build/bundle.ts')], { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the build failed: ${stderr}`);
  }
  const data = join(dirname(example), 'data');
  if (existsSync(data)) return;
  console.log("the example's digits are absent: drawing them");
  await generateDigits(data);
}

/** Milliseconds of a process, the median of 9. */
function checkTime(): number {
  const times = Array.from({ length: 9 }, () => {
    const begin = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [sparse, 'check', example], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`sparse check ended with ${status}: ${stderr}`);
    return performance.now() - begin;
  });
  const median = round(times.sort((a, b) => a - b)[4], 1);
  console.log(`sparse check: ${median} ms, the median of 9 (${round(times[0], 1)} to ${round(times[8], 1)})`);
  return median;
}

/** Random configurations of the example's space decoded and priced, per second of processor time of one core. */
async function priceRate(): Promise<number> {
  const spec = parseSpec(readFileSync(example, 'utf8')).spec!;
  const { data } = await loadDataSet(toDataSource(spec, dirname(example)));
  const { space, price } = searchOptions(spec, data!).options;
  const random = createRandom(1);
  const priced = (count: number) => {
    for (let i = 0; i < count; i++) {
      const { architecture, pruning } = randomGenotype(space, random);
      const network = decode(architecture, space.input, space.classes);
      if (typeof network !== 'string') price(network, pruning);
    }
  };
  priced(1500); // until it is compiled: the threads that compile take processor time, too
  const begin = process.cpuUsage();
  const end = performance.now() + (quick ? 1500 : 10_000);
  let count = 0;
  for (; performance.now() < end; count += 50) priced(50);
  const { user, system } = process.cpuUsage(begin);
  const rate = Math.round((count / (user + system)) * 1e6);
  console.log(`priced: ${rate} candidates a second, of ${count}`);
  return rate;
}

async function searchFigures(): Promise<{ [name: string]: number | null }> {
  if (existsSync(mnistData)) return mnistFigures();
  console.log(`${mnistData} is absent: nothing is measured on MNIST, and search.mb is that of the digits example`);
  const spec = copySpec(example, join(dirname(example), 'data'));
  const { megabytes } = await search(spec, quick ? ['--time', '20 s'] : []);
  return { 'search.mb': megabytes, 'mnist.accuracy': null, 'mnist.ram': null, 'mnist.minutes': null };
}

async function mnistFigures(): Promise<{ [name: string]: number | null }> {
  const spec = copySpec(mnist, mnistData);
  const { megabytes, minutes } = await search(spec, ['--time', quick ? '20 s' : '18 min']);
  const { accuracy, ramBytes } = await proof(spec);
  return { 'search.mb': megabytes, 'mnist.accuracy': accuracy, 'mnist.ram': ramBytes, 'mnist.minutes': minutes };
}

/** A spec in the folder of this measurement, which names its data from there and writes there. */
function copySpec(path: string, data: string): string {
  const document = parseDocument(readFileSync(path, 'utf8'));
  for (const split of ['train', 'test'])
    for (const part of ['samples', 'labels']) {
      const written = String(document.getIn(['data', split, part]));
      document.setIn(['data', split, part], join(data, written.split('/').at(-1)!));
    }
  document.setIn(['output', 'folder'], 'out');
  if (quick) {
    document.setIn(['training', 'epochs'], 1);
    document.deleteIn(['training', 'finalEpochs']);
    document.setIn(['limits', 'macs'], 60_000); // what is in training when the time is up ends soon
  }
  const copy = join(folder, path.split(/[\\/]/).at(-1)!);
  writeFileSync(copy, document.toString());
  return copy;
}

/** Runs the command; the peak of its resident memory is what Linux keeps for it. */
async function search(spec: string, options: readonly string[]): Promise<{ megabytes: number | null; minutes: number }> {
  const begin = performance.now();
  const child = spawn(process.execPath, [sparse, 'search', spec, ...options], { stdio: ['ignore', 'inherit', 'inherit'] });
  let kilobytes: number | null = null;
  const watch = setInterval(() => {
    kilobytes = peakOf(child.pid) ?? kilobytes;
  }, 50);
  const code = await new Promise<number | null>((settle, fail) => child.on('error', fail).on('exit', settle));
  clearInterval(watch);
  if (code !== 0) throw new Error(`sparse search ended with ${code}`);
  if (kilobytes === null) console.log('the peak of memory is not told by this system: /proc is not there');
  const megabytes = kilobytes === null ? null : Math.round((kilobytes * 1024) / 1e6);
  const minutes = round((performance.now() - begin) / 60_000, 2);
  console.log(`\nsearched for ${minutes} minutes, ${megabytes} MB at the peak`);
  return { megabytes, minutes };
}

function peakOf(pid: number | undefined): number | null {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes);
  } catch {
    return null;
  }
}

/** What `sparse verify` does; in a quick run with fewer samples on the simulated chip, whose RAM shows in the first. */
async function proof(specPath: string): Promise<{ accuracy: number | null; ramBytes: number }> {
  const spec = parseSpec(readFileSync(specPath, 'utf8')).spec!;
  const { data } = await loadDataSet(toDataSource(spec, dirname(specPath)));
  const { name } = spec.output;
  const out = join(folder, 'out');
  const read = (path: string) => readFileSync(join(out, path), 'utf8');
  const ramBytes = Number(readManifest(out)?.ramBytes);
  const { checks, passed } = await prove({
    ...{
      name,
      ramBytes,
      test: data!.test,
      ...(spec.target.device.architecture === 'avr' && { mcu: spec.target.device.id }),
      chipSamples: quick ? 2 : 50,
    },
    files: [`${name}.h`, `${name}.c`].map((path) => ({ path, content: read(path) })),
    network: modelFromJson(JSON.parse(read(modelPath(name)))),
  });
  checks.forEach(tell);
  if (!passed && checks.some(({ skipped }) => skipped === undefined)) throw new Error('the C is not proven');
  const { test } = checks[0];
  const chip = checks[1]?.chip;
  if (!chip) console.log('mnist.ram is the prediction');
  return { accuracy: test?.accuracy === undefined ? null : round(test.accuracy * 100, 2), ramBytes: chip?.ramBytes ?? ramBytes };
}

function tell({ where, skipped, failed, test, random, chip }: Check): void {
  const counts = [test, random]
    .filter((each) => each !== undefined)
    .map(({ samples, different }) => `${different} of ${samples} different`);
  console.log(
    `${where}: ${skipped ?? failed ?? counts.join(', ')}${chip ? `, ${chip.ramBytes} B of RAM, ${chip.flashBytes} B of flash, ${chip.cycles} cycles` : ''}`,
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
