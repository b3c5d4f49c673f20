import type { Random } from '../../random.ts';
import { type Line, write } from './hand.ts';
import { type Point, STYLES } from './styles.ts';

/** Rows and columns of an image. */
export const DIGIT_SIZE = 28;

/** A handwritten digit 0..9 as a grey image [28, 28], bright ink on black, different for every draw of the random source. */
export function drawDigit(random: Random, digit: number): Uint8Array {
  const styles = STYLES[digit];
  const lines = write(random, styles[random.integer(styles.length)], DIGIT_SIZE);
  const ink = new Float64Array(DIGIT_SIZE * DIGIT_SIZE);
  const pen = random.uniform(0.9, 1.7);
  for (const line of lines) trace(ink, line, pen * random.uniform(0.85, 1.15), pen * random.uniform(0.7, 1.15));
  return expose(random, ink);
}

/** Draws a line whose half width, in pixels, goes from `start` to `end`. */
function trace(ink: Float64Array, line: Line, start: number, end: number): void {
  for (let i = 1; i < line.length; i++) segment(ink, line[i - 1], line[i], start + ((end - start) * i) / line.length);
}

/** The width of the pen's soft edge, in pixels. */
const EDGE = 1.3;

function segment(ink: Float64Array, from: Point, to: Point, halfWidth: number): void {
  const reach = halfWidth + EDGE;
  const [left, right] = span(from[0], to[0], reach);
  const [top, bottom] = span(from[1], to[1], reach);
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const covered = (halfWidth - distance(x + 0.5, y + 0.5, from, to)) / EDGE + 0.5;
      const at = y * DIGIT_SIZE + x;
      if (covered > ink[at]) ink[at] = Math.min(covered, 1);
    }
}

const span = (a: number, b: number, reach: number): [number, number] => [
  Math.max(Math.floor(Math.min(a, b) - reach), 0),
  Math.min(Math.ceil(Math.max(a, b) + reach), DIGIT_SIZE - 1),
];

/** From a pixel's centre to the nearest point between two points. */
function distance(x: number, y: number, from: Point, to: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(Math.max(((x - from[0]) * dx + (y - from[1]) * dy) / square, 0), 1);
  const [offX, offY] = [x - from[0] - along * dx, y - from[1] - along * dy];
  return Math.sqrt(offX * offX + offY * offY);
}

/** Ink to bytes, with a pressure of its own and the grain of a cheap sensor. */
function expose(random: Random, ink: Float64Array): Uint8Array {
  const pressure = random.uniform(170, 255);
  const grain = random.uniform(0, 14);
  return Uint8Array.from(ink, (covered) => {
    const value = covered * pressure + grain * random.normal();
    return Math.min(Math.max(Math.round(value), 0), 255);
  });
}
