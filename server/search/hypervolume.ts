/** What the points dominate of the box below `reference`, all objectives minimised. Exact, for two and three objectives. */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const inside = points.filter((point) => point.every((value, index) => value < reference[index]));
  if (reference.length === 2) return area(inside, reference);
  if (reference.length === 3) return volume(inside, reference);
  throw new Error(`hypervolume of ${reference.length} objectives is not defined here; give 2 or 3`);
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

/** Slices between successive values of the third objective; each slice is the area of the points at or below it. */
function volume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const sorted = [...points].sort((a, b) => a[2] - b[2]);
  return sorted.reduce((sum, point, index) => {
    const next = sorted[index + 1]?.[2] ?? reference[2];
    return next === point[2] ? sum : sum + (next - point[2]) * area(sorted.slice(0, index + 1), reference);
  }, 0);
}
