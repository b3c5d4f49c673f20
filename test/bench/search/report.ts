import { drawCurves } from './draw.ts';
import type { Courses } from './full.ts';
import { ABLATIONS, type Course, STRATEGIES, TASKS, TRIALS } from './race.ts';
import { EPOCHS, MOST_MACS, SAMPLES, type Variant } from './real.ts';
import { cell, later, lead, median, quantile } from './spread.ts';

const MARKS = [12, 24, 36, 48, 72, 108, 144].filter((mark) => mark <= TRIALS);

type OfTask = ReadonlyMap<Variant, ReadonlyMap<number, Course>>;

/** The tables and curves of all searches so far. */
export function report(courses: Courses): { path: string; content: string }[] {
  const of = (task: (typeof TASKS)[number]): OfTask => courses.get(task) ?? new Map();
  const tables = TASKS.map((task) => {
    const leads = PAIRS.flatMap(([first, second]) => leadOf(of(task), first, second));
    return `## ${task}\n\n${tableOf(of(task), STRATEGIES)}\n\n${leads.join('\n')}\n\n${seedsOf(of(task), STRATEGIES)}\n`;
  });
  const ablated = TASKS.map((task) => {
    const leads = ABLATIONS.flatMap((variant) => leadOf(of(task), 'sparse', variant));
    const variants = ['sparse', ...ABLATIONS] as const;
    return `## Ablation: sparse on ${task}\n\n${tableOf(of(task), variants)}\n\n${leads.join('\n')}\n\n${seedsOf(of(task), variants)}\n`;
  });
  const text = `# Searches

Written by \`npm run bench:search\`. Hypervolume of error, RAM and flash below 30 %, 2048 B and 32768 B on an ATmega328P, as a share of that box; ${TRIALS} trials of at most
${MOST_MACS} multiply-accumulates, ${SAMPLES.train} samples to train on for ${EPOCHS} epochs and ${SAMPLES.validation} of validation, one worker. Median and quartiles over seeds after so many trials,
then the mean from the second quarter on (its median), and the median time until the last trial, by the clock and of the processor; two searches ran side by side.
Leads are medians over paired seeds of how much further the first is after so many trials; then after so much processor time, at each quarter of what the quicker of the two took for all.

More samples than one trial needs, seen twice, as in a search of a data set in full: with 2000 samples 8 epochs are as far as the data goes (8 more make the networks of CIFAR10-binary worse by
0.6 points), so that nothing that spares or adds training can pay.

${tables.join('\n')}
${ablated.join('\n')}`;
  const curves = TASKS.flatMap((task) => (of(task).size > 0 ? [{ path: `${task}.svg`, content: curvesOf(task, of(task)) }] : []));
  return [{ path: 'README.md', content: text }, ...curves];
}

const PAIRS: readonly (readonly [Variant, Variant])[] = [
  ['sparse', 'evolution'],
  ['sparse', 'random'],
  ['evolution', 'random'],
];

function tableOf(of: OfTask, variants: readonly Variant[]): string {
  const rows = variants.flatMap((variant) => {
    const found = [...(of.get(variant)?.values() ?? [])];
    if (found.length === 0) return [];
    const volumes = found.map((course) => course.volumes);
    const times = [found.map(({ seconds }) => seconds.at(-1)!), found.map(({ processor }) => processor.at(-1)!)];
    const cells = [
      ...MARKS.map((mark) => cell(volumes, mark)),
      later(volumes).toFixed(3),
      ...times.map((each) => `${median(each).toFixed(0)} s`),
    ];
    return [`| ${variant} | ${found.length} | ${cells.join(' | ')} |`];
  });
  const head = `| | seeds | ${MARKS.join(' | ')} | mean from ${TRIALS / 4} on | clock | processor |`;
  return [head, `|${'---|'.repeat(MARKS.length + 5)}`, ...rows].join('\n');
}

function leadOf(of: OfTask, first: Variant, second: Variant): string[] {
  const [a, b] = [of.get(first), of.get(second)];
  const paired = [...(a?.keys() ?? [])].filter((seed) => b?.has(seed));
  if (!a || !b || paired.length === 0) return [];
  const coursesOf = (courses: ReadonlyMap<number, Course>) => paired.map((seed) => courses.get(seed)!);
  const [one, other] = [coursesOf(a), coursesOf(b)];
  const volumes = (courses: readonly Course[]) => courses.map((course) => course.volumes);
  const shared = one.map((course, i) => Math.min(course.processor.at(-1)!, other[i].processor.at(-1)!));
  const quarters = (courses: readonly Course[]) =>
    courses.map((course, i) => QUARTERS.map((quarter) => volumeAt(course.volumes, course.processor, (quarter * shared[i]) / 4)));
  const [trials, time] = [lead(volumes(one), volumes(other), MARKS), lead(quarters(one), quarters(other), QUARTERS)];
  return [`- ${first} - ${second}: ${trials}; in equal time ${time}`];
}

const QUARTERS = [1, 2, 3, 4];

/** The hypervolume at a time; `times` are those after each trial. */
const volumeAt = (volumes: readonly number[], times: readonly number[], time: number): number =>
  volumes[times.findLastIndex((each) => each <= time)] ?? 0;

/** The hypervolume after the last trial, seed by seed. */
function seedsOf(of: OfTask, variants: readonly Variant[]): string {
  const seeds = [...new Set(variants.flatMap((variant) => [...(of.get(variant)?.keys() ?? [])]))].sort((a, b) => a - b);
  const rows = seeds.map((seed) => {
    const cells = variants.map((variant) => of.get(variant)?.get(seed)?.volumes.at(-1)?.toFixed(3) ?? '');
    return `| ${seed} | ${cells.join(' | ')} |`;
  });
  return [`| seed | ${variants.join(' | ')} |`, `|${'---|'.repeat(variants.length + 1)}`, ...rows].join('\n');
}

function curvesOf(task: string, of: OfTask): string {
  const series = STRATEGIES.flatMap((variant) => {
    const courses = [...(of.get(variant)?.values() ?? [])];
    return courses.length > 0 ? [{ name: variant, courses }] : [];
  });
  const bands = (at: (course: Course, x: number) => number, xs: readonly number[]) =>
    series.map(({ name, courses }) => ({
      name,
      band: xs.map((x) => {
        const values = courses.map((course) => at(course, x));
        return { x, low: quantile(values, 0.25), middle: median(values), high: quantile(values, 0.75) };
      }),
    }));
  /** Up to where the quickest strategy ends. */
  const overTime = (timesOf: (course: Course) => readonly number[]) => {
    const longest = Math.min(...series.map(({ courses }) => median(courses.map((course) => timesOf(course).at(-1)!))));
    const times = Array.from({ length: 60 }, (_, i) => ((i + 1) * longest) / 60);
    return bands((course, x) => volumeAt(course.volumes, timesOf(course), x), times);
  };
  const trials = Array.from({ length: TRIALS }, (_, i) => i + 1);
  return drawCurves(`${task}: hypervolume, median and quartiles of ${series[0].courses.length} seeds`, [
    { title: 'trials', series: bands(({ volumes }, x) => volumes[x - 1] ?? volumes.at(-1)!, trials) },
    { title: 'seconds', series: overTime(({ seconds }) => seconds) },
    { title: 'seconds of the processor', series: overTime(({ processor }) => processor) },
  ]);
}
