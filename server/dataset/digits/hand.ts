import type { Random } from '../../random.ts';
import type { Point, Stroke, Style } from './styles.ts';

/** A line through these points, in pixels. */
export type Line = readonly Point[];

/**
 * Writes a style as an unsteady hand would: every point is missed a little, the whole is leant, turned, stretched and shifted, and bent by a smooth random field.
 * Only sums, products, quotients and roots are used, so that the result is the same on every machine.
 */
export function write(random: Random, style: Style, size: number): Line[] {
  const place = placement(random, size);
  const bend = bending(random, size);
  return style.map((stroke) => curve(waver(random, stroke)).map((point) => bend(place(point))));
}

const POINT_MISS = 0.03;

const waver = (random: Random, stroke: Stroke): Point[] => {
  const missed: Point[] = [];
  for (const [i, [x, y]] of stroke.entries()) {
    const corner = i > 0 && x === stroke[i - 1][0] && y === stroke[i - 1][1];
    missed.push(corner ? missed[i - 1] : [x + POINT_MISS * random.normal(), y + POINT_MISS * random.normal()]);
  }
  return missed;
};

const STEPS = 8;

/** Catmull-Rom splines through the points. */
function curve(points: readonly Point[]): Point[] {
  const line: Point[] = [points[0]];
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b, c, d] = [points[Math.max(i - 1, 0)], points[i], points[i + 1], points[Math.min(i + 2, points.length - 1)]];
    if (b === c) continue;
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      line.push([spline(a[0], b[0], c[0], d[0], t), spline(a[1], b[1], c[1], d[1], t)]);
    }
  }
  return line;
}

const spline = (a: number, b: number, c: number, d: number, t: number): number =>
  b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

function placement(random: Random, size: number): (point: Point) => Point {
  const height = size * random.uniform(0.58, 0.76);
  const width = height * random.uniform(0.5, 0.9);
  const slant = 0.05 + 0.16 * random.normal();
  const half = 0.055 * random.normal(); // tangent of half the angle of the turn
  const cosine = (1 - half * half) / (1 + half * half);
  const sine = (2 * half) / (1 + half * half);
  const centreX = size / 2 + size * 0.033 * random.normal();
  const centreY = size / 2 + size * 0.033 * random.normal();
  return ([x, y]) => {
    const down = (y - 0.5) * height;
    const across = (x - 0.5) * width - slant * down;
    return [centreX + cosine * across - sine * down, centreY + sine * across + cosine * down];
  };
}

const CELLS = 4;

/** A field of displacements: random at the nodes of a coarse grid, smooth between them. */
function bending(random: Random, size: number): (point: Point) => Point {
  const strength = size * random.uniform(0.01, 0.035);
  const nodes = Array.from({ length: 2 * (CELLS + 1) ** 2 }, () => strength * random.normal());
  return ([x, y]) => {
    const [column, right] = cell(x / size);
    const [row, below] = cell(y / size);
    const at = (axis: number, dy: number, dx: number) => nodes[2 * ((row + dy) * (CELLS + 1) + column + dx) + axis];
    const shift = (axis: number) => mix(mix(at(axis, 0, 0), at(axis, 0, 1), right), mix(at(axis, 1, 0), at(axis, 1, 1), right), below);
    return [x + shift(0), y + shift(1)];
  };
}

function cell(position: number): [number, number] {
  const scaled = Math.min(Math.max(position, 0), 1) * CELLS;
  const index = Math.min(Math.floor(scaled), CELLS - 1);
  const t = scaled - index;
  return [index, t * t * (3 - 2 * t)];
}

const mix = (from: number, to: number, t: number): number => from + (to - from) * t;
