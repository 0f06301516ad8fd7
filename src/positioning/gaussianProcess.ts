import { cholesky, solveLower, solveUpper, type Triangle } from './cholesky.ts';

/** Places by coordinate, metres. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** How a radio map departs from its mean: by how much, over which distance. */
export interface Kernel {
  readonly lengthM: number;
  readonly sdDb: number;
}

/** Gaussian-process regression (Rasmussen and Williams, 2006, algorithm 2.1) with an RBF kernel. */
const covariance = (kernel: Kernel, ax: number, ay: number, bx: number, by: number): number =>
  kernel.sdDb ** 2 * Math.exp(-((ax - bx) ** 2 + (ay - by) ** 2) / (2 * kernel.lengthM ** 2));

/** What the places alone determine: shared by all sensors that were heard at the same ones. */
export interface Fitted {
  readonly kernel: Kernel;
  readonly surveyed: Places;
  readonly lower: Triangle;
}

/** `noise` is how unsure what was heard at each place is, dB². */
export const fitProcess = (kernel: Kernel, surveyed: Places, noise: Float64Array): Fitted => {
  const size = surveyed.x.length;
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      matrix[row * size + column] =
        covariance(
          kernel,
          surveyed.x[row] as number,
          surveyed.y[row] as number,
          surveyed.x[column] as number,
          surveyed.y[column] as number,
        ) + (row === column ? (noise[row] as number) : 0);
  return { kernel, surveyed, lower: cholesky(matrix, size) };
};

const towards = ({ kernel, surveyed }: Fitted, x: number, y: number): Float64Array =>
  surveyed.x.map((at, index) => covariance(kernel, at, surveyed.y[index] as number, x, y));

/** Expected residuals at `places`, given `residuals` at the surveyed ones. */
export const interpolate = (
  fitted: Fitted,
  residuals: Float64Array,
  places: Places,
): Float64Array => {
  const weights = solveUpper(fitted.lower, solveLower(fitted.lower, residuals));
  return places.x.map((x, place) =>
    towards(fitted, x, places.y[place] as number).reduce(
      (sum, value, index) => sum + value * (weights[index] as number),
      0,
    ),
  );
};

/** How unsure that is, dB²: the kernel's variance far from every surveyed place. */
export const uncertainty = (fitted: Fitted, places: Places): Float64Array =>
  places.x.map((x, place) => {
    const explained = solveLower(fitted.lower, towards(fitted, x, places.y[place] as number));
    const sum = explained.reduce((total, value) => total + value * value, 0);
    return Math.max(fitted.kernel.sdDb ** 2 - sum, 0);
  });
