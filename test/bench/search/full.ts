import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { DataName } from './data.ts';
import { ABLATIONS, type Course, FIRST_SEED, type Race, race, STRATEGIES, TASKS } from './race.ts';
import type { Variant } from './real.ts';
import { report } from './report.ts';

/** By task, variant and seed. */
export type Courses = ReadonlyMap<DataName, ReadonlyMap<Variant, ReadonlyMap<number, Course>>>;

/** At once: each search has one worker, so that two of them take two processors. */
const ABREAST = 2;

/**
 * Real searches of MNIST and CIFAR10-binary under 2 KB, one seed after the other, so that what is there at any time compares; then the ablation. Writes what is done so
 * far after each seed to `curves/`, and goes on where it was stopped.
 */
export async function runAll(seeds: number): Promise<void> {
  const numbers = Array.from({ length: seeds }, (_, index) => FIRST_SEED + index);
  const rounds = [
    ...numbers.map((seed) => TASKS.flatMap((task) => STRATEGIES.map((variant): Race => ({ task, variant, seed })))),
    ...numbers.map((seed) => TASKS.flatMap((task) => ABLATIONS.map((variant): Race => ({ task, variant, seed })))),
  ];
  const courses = new Map<DataName, Map<Variant, Map<number, Course>>>();
  let open = rounds.map((round) => round.length);
  const queue = rounds.flatMap((round, index) => round.map((each) => ({ each, index })));
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { task, variant, seed } = next.each;
      const course = await raceApart(next.each);
      const of = courses.get(task) ?? new Map<Variant, Map<number, Course>>();
      courses.set(task, of.set(variant, (of.get(variant) ?? new Map<number, Course>()).set(seed, course)));
      const [volume, seconds, processor] = [course.volumes, course.seconds, course.processor].map((each) => each.at(-1)!);
      console.log(
        `${task} ${variant} ${seed}: ${volume.toFixed(4)} after ${seconds.toFixed(0)} s, ${processor.toFixed(0)} s of the processor`,
      );
      open = open.with(next.index, open[next.index] - 1);
      if (open[next.index] === 0) publish(courses);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
}

/** In a process of its own, whose processor time is the search's. */
async function raceApart(which: Race): Promise<Course> {
  const one = new URL('one.ts', import.meta.url).pathname;
  await promisify(execFile)(process.execPath, [one, which.task, which.variant, `${which.seed}`]);
  return race(which);
}

function publish(courses: Courses): void {
  const folder = new URL('curves/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const { path, content } of report(courses)) writeFileSync(new URL(path, folder), content);
}
