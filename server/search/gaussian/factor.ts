import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** A symmetric matrix by rows, of which only the lower triangle is read. */
export type Square = { readonly size: number; readonly values: Float64Array };

/** L of K = L L', and what is asked of it. Vectors are overwritten. */
export type Factor = {
  readonly size: number;
  /** By rows; zero above the diagonal. */
  readonly lower: Float64Array;
  readonly logDeterminant: number;
  /** x of L x = b. */
  solveLower(b: Float64Array): Float64Array;
  /** x of L' x = b. */
  solveUpper(b: Float64Array): Float64Array;
};

/** Added to the diagonal, relative to its mean, where a matrix is not positive definite as it stands: ten times more with each attempt. */
const LEAST_JITTER = 1e-10;
const ATTEMPTS = 8;

/** A matrix that is far from positive definite is a bug of the caller. */
export function factor({ size, values }: Square): Factor {
  let mean = 0;
  for (let i = 0; i < size; i++) mean += values[i * size + i] / size;
  const matrix = new Matrix(size, size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      matrix.set(i, j, values[i * size + j]);
      matrix.set(j, i, values[i * size + j]);
    }
  for (let attempt = 0; attempt <= ATTEMPTS; attempt++) {
    const jitter = attempt === 0 ? 0 : mean * LEAST_JITTER * 10 ** (attempt - 1);
    for (let i = 0; i < size; i++) matrix.set(i, i, values[i * size + i] + jitter);
    const decomposition = new CholeskyDecomposition(matrix);
    if (decomposition.isPositiveDefinite()) return factorOf(decomposition.lowerTriangularMatrix, size);
  }
  throw new Error(`a matrix of ${size} rows is not positive definite`);
}

function factorOf(matrix: Matrix, size: number): Factor {
  const lower = new Float64Array(size * size);
  let logDeterminant = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) lower[i * size + j] = matrix.get(i, j);
    logDeterminant += 2 * Math.log(lower[i * size + i]);
  }
  return {
    size,
    lower,
    logDeterminant,
    solveLower(b) {
      for (let i = 0; i < size; i++) {
        let sum = b[i];
        for (let j = 0, at = i * size; j < i; j++, at++) sum -= lower[at] * b[j];
        b[i] = sum / lower[i * size + i];
      }
      return b;
    },
    solveUpper(b) {
      for (let i = size - 1; i >= 0; i--) {
        const value = b[i] / lower[i * size + i];
        b[i] = value;
        for (let j = 0, at = i * size; j < i; j++, at++) b[j] -= lower[at] * value;
      }
      return b;
    },
  };
}

/** K's inverse, by rows, whole. */
export function inverse({ size, lower }: Factor): Float64Array {
  const inverted = new Float64Array(size * size); // of L, transposed: row j holds column j
  for (let j = 0; j < size; j++) {
    const row = j * size;
    inverted[row + j] = 1 / lower[j * size + j];
    for (let i = j + 1; i < size; i++) {
      let sum = 0;
      for (let k = j, at = i * size + j; k < i; k++, at++) sum -= lower[at] * inverted[row + k];
      inverted[row + i] = sum / lower[i * size + i];
    }
  }
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < size; k++) sum += inverted[i * size + k] * inverted[j * size + k];
      result[i * size + j] = sum;
      result[j * size + i] = sum;
    }
  return result;
}
