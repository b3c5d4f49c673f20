/** Small linear models, as the fits need them. */

/** Coefficients that minimise the weighted squares of `rows * coefficients - values`, with a trace of a ridge so that there is one solution. */
export function leastSquares(rows: readonly (readonly number[])[], values: readonly number[], weights?: readonly number[]): number[] {
  const size = rows[0].length;
  const system = Array.from({ length: size }, (_, i) => Array.from({ length: size + 1 }, (_, j) => (i === j ? 1e-2 : 0)));
  rows.forEach((row, at) => {
    const weight = weights?.[at] ?? 1;
    for (let i = 0; i < size; i++) {
      if (row[i] === 0) continue;
      for (let j = 0; j < size; j++) system[i][j] += weight * row[i] * row[j];
      system[i][size] += weight * row[i] * values[at];
    }
  });
  return solve(system);
}

/** Coefficients of a linear bound from above that lies as close as may be: what lies over it weighs ever more, and the rest is lifted away. */
export function envelope(rows: readonly (readonly number[])[], values: readonly number[]): { lift: number; coefficients: number[] } {
  let weights = values.map(() => 1);
  let coefficients: number[] = [];
  for (let round = 0; round < 80; round++) {
    coefficients = leastSquares(rows, values, weights);
    weights = rows.map((row, at) => (values[at] > dot(row, coefficients) ? 100 : 1));
  }
  return { lift: Math.max(0, ...rows.map((row, at) => values[at] - dot(row, coefficients))), coefficients };
}

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, each, i) => sum + each * b[i], 0);

/** Gaussian elimination with the largest pivot; the last column is the right side. */
function solve(system: number[][]): number[] {
  const size = system.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) if (Math.abs(system[row][column]) > Math.abs(system[pivot][column])) pivot = row;
    [system[column], system[pivot]] = [system[pivot], system[column]];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = system[row][column] / system[column][column];
      for (let j = column; j <= size; j++) system[row][j] -= factor * system[column][j];
    }
  }
  return system.map((row, i) => row[size] / row[i]);
}

/** Least squares without negative coefficients: what comes out negative is left out, and the rest fitted again. */
export function positiveLeastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  weights: readonly number[],
): number[] {
  let kept = rows[0].map((_, i) => i);
  for (;;) {
    const coefficients = leastSquares(
      rows.map((row) => kept.map((i) => row[i])),
      values,
      weights,
    );
    if (coefficients.every((each) => each >= 0)) return rows[0].map((_, i) => coefficients[kept.indexOf(i)] ?? 0);
    const worst = coefficients.indexOf(Math.min(...coefficients));
    kept = kept.filter((_, at) => at !== worst);
  }
}
