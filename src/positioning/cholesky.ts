/** A lower triangular matrix, row by row. */
export interface Triangle {
  readonly size: number;
  readonly rows: Float64Array;
}

/** L with L·Lᵀ = A, for a symmetric positive definite `matrix` of `size` rows (Cholesky). */
export const cholesky = (matrix: Float64Array, size: number): Triangle => {
  const rows = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column <= row; column += 1) {
      let rest = matrix[row * size + column] as number;
      for (let at = 0; at < column; at += 1)
        rest -= (rows[row * size + at] as number) * (rows[column * size + at] as number);
      rows[row * size + column] =
        row === column ? Math.sqrt(rest) : rest / (rows[column * size + column] as number);
    }
  return { size, rows };
};

/** x with L·x = b. */
export const solveLower = ({ size, rows }: Triangle, b: Float64Array): Float64Array => {
  const x = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    let rest = b[row] as number;
    const start = row * size;
    for (let at = 0; at < row; at += 1) rest -= (rows[start + at] as number) * (x[at] as number);
    x[row] = rest / (rows[start + row] as number);
  }
  return x;
};

/** x with Lᵀ·x = b. */
export const solveUpper = ({ size, rows }: Triangle, b: Float64Array): Float64Array => {
  const x = new Float64Array(size);
  for (let row = size - 1; row >= 0; row -= 1) {
    let rest = b[row] as number;
    for (let at = row + 1; at < size; at += 1)
      rest -= (rows[at * size + row] as number) * (x[at] as number);
    x[row] = rest / (rows[row * size + row] as number);
  }
  return x;
};
