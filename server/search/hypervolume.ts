/** What the points dominate of the box below `reference`, all objectives minimised. Exact. */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter((point) => point.every((value, index) => value < reference[index]));
  return volume(inside, reference, reference.length);
}

/** Of the first `count` objectives: slices between successive values of the last of them; each is the volume of the points at or below it in the others. */
function volume(points: readonly (readonly number[])[], reference: readonly number[], count: number): number {
  if (points.length === 0) return 0;
  if (count === 0) return 1;
  if (count === 1) return reference[0] - Math.min(...points.map((point) => point[0]));
  if (count === 2) return area(points, reference);
  const last = count - 1;
  const sorted = [...points].sort((a, b) => a[last] - b[last]);
  return sorted.reduce((sum, point, index) => {
    const next = sorted[index + 1]?.[last] ?? reference[last];
    return next === point[last] ? sum : sum + (next - point[last]) * volume(sorted.slice(0, index + 1), reference, last);
  }, 0);
}

/** Sweeps the first objective upwards; each point that lowers the second adds its strip. */
function area(points: readonly (readonly number[])[], [right, top]: readonly number[]): number {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let low = top;
  let sum = 0;
  for (const [x, y] of sorted) {
    if (y >= low) continue;
    sum += (right - x) * (low - y);
    low = y;
  }
  return sum;
}
