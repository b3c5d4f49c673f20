import { mkdirSync, writeFileSync } from 'node:fs';
import type { DataName } from './data.ts';
import { ABLATIONS, type Course, race, STRATEGIES, TASKS } from './race.ts';
import type { Variant } from './real.ts';
import { report } from './report.ts';

/**
 * Real searches of MNIST and CIFAR10-binary under 2 KB, one seed after the other, so that what is there at any time compares; the ablation on MNIST. Writes what is done so
 * far after each seed to `curves/`, and goes on where it was stopped.
 */
export async function runAll(seeds: number): Promise<void> {
  const courses: Courses = new Map();
  for (let first = 1; first <= seeds; first += BLOCK) {
    const block = Array.from({ length: Math.min(BLOCK, seeds - first + 1) }, (_, i) => first + i);
    for (const seed of block) {
      for (const task of TASKS) for (const variant of STRATEGIES) await add(courses, task, variant, seed);
      publish(courses);
    }
    for (const seed of block) {
      for (const variant of ABLATIONS) await add(courses, 'mnist', variant, seed);
      publish(courses);
    }
  }
}

/** Seeds of the strategies before as many of the ablation. */
const BLOCK = 5;

/** By task and variant, one for each seed from 1 on. */
export type Courses = Map<DataName, Map<Variant, Course[]>>;

async function add(courses: Courses, task: DataName, variant: Variant, seed: number): Promise<void> {
  const of = courses.get(task) ?? new Map<Variant, Course[]>();
  const course = await race(task, variant, seed);
  courses.set(task, of.set(variant, [...(of.get(variant) ?? []), course]));
  console.log(`${task} ${variant} ${seed}: ${course.volumes.at(-1)!.toFixed(4)} after ${course.seconds.at(-1)!.toFixed(0)} s`);
}

function publish(courses: Courses): void {
  const folder = new URL('curves/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const { path, content } of report(courses)) writeFileSync(new URL(path, folder), content);
}
