import { drawCurves } from './draw.ts';
import type { Courses } from './full.ts';
import { ABLATIONS, type Course, STRATEGIES, TASKS, TRIALS } from './race.ts';
import type { Variant } from './real.ts';
import { cell, later, lead, median, quantile } from './spread.ts';

const MARKS = [6, 12, 24, 36, 48].filter((mark) => mark <= TRIALS);

/** The tables and curves of all searches so far. */
export function report(courses: Courses): { path: string; content: string }[] {
  const tables = TASKS.map((task) => {
    const of = courses.get(task) ?? new Map<Variant, Course[]>();
    const parts = [tableOf(of, STRATEGIES), leads(of)];
    return `## ${task}\n\n${parts.join('\n\n')}\n`;
  });
  const ablated = tableOf(courses.get('mnist') ?? new Map(), ['sparse', ...ABLATIONS]);
  const text = `# Searches

Written by \`npm run bench:search\`. Hypervolume of error, RAM and flash below 30 %, 2048 B and 32768 B on an ATmega328P, as a share of that box; ${TRIALS} trials, 2000 samples
to train on for 5 epochs and 2000 of validation, one worker. Median and quartiles over seeds after so many trials, then the mean from the second quarter on (its median).
Gaps are medians over paired seeds. Seconds are those of a machine that may have been busy with other work: they compare only roughly.

${tables.join('\n')}
## Ablation: sparse on mnist

${ablated}
`;
  const curves = TASKS.flatMap((task) => {
    const of = courses.get(task);
    return of ? [{ path: `${task}.svg`, content: curvesOf(task, of) }] : [];
  });
  return [{ path: 'README.md', content: text }, ...curves];
}

function tableOf(of: ReadonlyMap<Variant, readonly Course[]>, variants: readonly Variant[]): string {
  const rows = variants.flatMap((variant) => {
    const found = of.get(variant);
    if (!found) return [];
    const volumes = found.map((course) => course.volumes);
    const seconds = median(found.map((course) => course.seconds.at(-1)!)).toFixed(0);
    return [
      `| ${variant} | ${found.length} | ${MARKS.map((mark) => cell(volumes, mark)).join(' | ')} | ${later(volumes).toFixed(3)} | ${seconds} s |`,
    ];
  });
  const head = `| | seeds | ${MARKS.join(' | ')} | mean from ${TRIALS / 4} on | time |\n|---|---|${MARKS.map(() => '---|').join('')}---|---|`;
  return [head, ...rows].join('\n');
}

function leads(of: ReadonlyMap<Variant, readonly Course[]>): string {
  const pairs: [Variant, Variant][] = [
    ['sparse', 'evolution'],
    ['sparse', 'random'],
    ['evolution', 'random'],
  ];
  return pairs
    .flatMap(([first, second]) => {
      const [a, b] = [of.get(first) ?? [], of.get(second) ?? []];
      const count = Math.min(a.length, b.length);
      if (count === 0) return [];
      const volumes = (courses: readonly Course[]) => courses.slice(0, count).map((course) => course.volumes);
      return [`- ${first} - ${second}: ${lead(volumes(a), volumes(b), MARKS)}`];
    })
    .join('\n');
}

function curvesOf(task: string, of: ReadonlyMap<Variant, readonly Course[]>): string {
  const series = STRATEGIES.flatMap((variant) => {
    const found = of.get(variant);
    return found ? [{ name: variant, courses: found }] : [];
  });
  const longest = Math.min(...series.map(({ courses }) => median(courses.map((course) => course.seconds.at(-1)!))));
  const bands = (at: (course: Course, x: number) => number, xs: readonly number[]) =>
    series.map(({ name, courses }) => ({
      name,
      band: xs.map((x) => {
        const values = courses.map((course) => at(course, x));
        return { x, low: quantile(values, 0.25), middle: median(values), high: quantile(values, 0.75) };
      }),
    }));
  const trials = Array.from({ length: TRIALS }, (_, i) => i + 1);
  const times = Array.from({ length: 60 }, (_, i) => ((i + 1) * longest) / 60);
  return drawCurves(`${task}: hypervolume, median and quartiles of ${series[0].courses.length} seeds`, [
    { title: 'trials', series: bands(({ volumes }, x) => volumes[x - 1] ?? volumes.at(-1)!, trials) },
    { title: 'seconds', series: bands(({ volumes, seconds }, x) => volumes[seconds.findLastIndex((each) => each <= x)] ?? 0, times) },
  ]);
}
