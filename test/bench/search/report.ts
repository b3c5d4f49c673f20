import { drawCurves } from './draw.ts';
import type { Courses } from './full.ts';
import { ABLATIONS, type Course, STRATEGIES, TASKS, TRIALS } from './race.ts';
import { EPOCHS, MOST_MACS, SAMPLES, type Variant } from './real.ts';
import { cell, later, lead, median, quantile } from './spread.ts';

const MARKS = [6, 12, 24, 36, 48].filter((mark) => mark <= TRIALS);

type OfTask = ReadonlyMap<Variant, ReadonlyMap<number, Course>>;

/** The tables and curves of all searches so far. */
export function report(courses: Courses): { path: string; content: string }[] {
  const of = (task: (typeof TASKS)[number]): OfTask => courses.get(task) ?? new Map();
  const tables = TASKS.map((task) => {
    const leads = PAIRS.flatMap(([first, second]) => leadOf(of(task), first, second));
    return `## ${task}\n\n${tableOf(of(task), STRATEGIES)}\n\n${leads.join('\n')}\n\n${seedsOf(of(task), STRATEGIES)}\n`;
  });
  const ablated = ABLATIONS.flatMap((variant) => leadOf(of('mnist'), 'sparse', variant));
  const text = `# Searches

Written by \`npm run bench:search\`. Hypervolume of error, RAM and flash below 30 %, 2048 B and 32768 B on an ATmega328P, as a share of that box; ${TRIALS} trials of at most
${MOST_MACS} multiply-accumulates, ${SAMPLES.train} samples to train on for ${EPOCHS} epochs and ${SAMPLES.validation} of validation, one worker. Median and quartiles over seeds after so many trials,
then the mean from the second quarter on (its median), and the median time until the last trial, by the clock and of the processor; two searches ran side by side.
Leads are medians over paired seeds of how much further the first is after so many trials.

${tables.join('\n')}
## Ablation: sparse on mnist

${tableOf(of('mnist'), ['sparse', ...ABLATIONS])}

${ablated.join('\n')}

${seedsOf(of('mnist'), ['sparse', ...ABLATIONS])}
`;
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
  const volumes = (courses: ReadonlyMap<number, Course>) => paired.map((seed) => courses.get(seed)!.volumes);
  return [`- ${first} - ${second}: ${lead(volumes(a), volumes(b), MARKS)}`];
}

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
    return bands((course, x) => course.volumes[timesOf(course).findLastIndex((each) => each <= x)] ?? 0, times);
  };
  const trials = Array.from({ length: TRIALS }, (_, i) => i + 1);
  return drawCurves(`${task}: hypervolume, median and quartiles of ${series[0].courses.length} seeds`, [
    { title: 'trials', series: bands(({ volumes }, x) => volumes[x - 1] ?? volumes.at(-1)!, trials) },
    { title: 'seconds', series: overTime(({ seconds }) => seconds) },
    { title: 'seconds of the processor', series: overTime(({ processor }) => processor) },
  ]);
}
