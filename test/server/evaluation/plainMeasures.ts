import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { dot, unit } from '../selection/samples.js';

/** Pairs with their classes, as numbers; rows below 0 belong to none. */
export interface PlainPairs {
  images: number[][];
  texts: number[][];
  labels: number[];
}

const mean = (rows: number[][]): number[] =>
  rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
const norm = (row: number[]): number => Math.sqrt(dot(row, row));
const minus = (a: number[], b: number[]): number[] => a.map((x, i) => x - b[i]!);

/** C_X of the definition, flattened: the mean of (v − μ_v)(l − μ_l)ᵀ over the rows. */
export function crossCovariance({ images, texts }: PlainPairs, rows: number[]): number[] {
  const [v, l] = [rows.map((row) => unit(images[row]!)), rows.map((row) => unit(texts[row]!))];
  const [meanImage, meanText] = [mean(v), mean(l)];
  const dim = meanImage.length;
  const covariance = new Array<number>(dim * dim).fill(0);
  v.forEach((image, r) => {
    for (let i = 0; i < dim; i++)
      for (let j = 0; j < dim; j++)
        covariance[i * dim + j]! += ((image[i]! - meanImage[i]!) * (l[r]![j]! - meanText[j]!)) / rows.length;
  });
  return covariance;
}

export const relative = (a: number[], b: number[]): number => norm(minus(a, b)) / norm(b);

const square = (flat: number[]): Matrix => {
  const size = Math.sqrt(flat.length);
  return new Matrix(Array.from({ length: size }, (_, i) => flat.slice(i * size, (i + 1) * size)));
};
const largestSingular = (flat: number[]): number => new SingularValueDecomposition(square(flat)).norm2;

/** Mean sin² of the angles: by the singular values of U_aᵀU_b, which are their cosines. */
function subspace(a: number[], b: number[], side: 'left' | 'right', rank: number): number {
  const leading = (flat: number[]): Matrix => {
    const { leftSingularVectors, rightSingularVectors } = new SingularValueDecomposition(square(flat));
    const vectors = side === 'left' ? leftSingularVectors : rightSingularVectors;
    return vectors.subMatrix(0, vectors.rows - 1, 0, rank - 1);
  };
  const { diagonal } = new SingularValueDecomposition(leading(a).transpose().mmul(leading(b)));
  return diagonal.reduce((sum, cosine) => sum + 1 - cosine ** 2, 0) / rank;
}

/** Every measure but duplicates and the objective, each in a line or two from its definition. */
export function plainMeasures(
  pairs: PlainPairs,
  subset: number[],
  rank: number,
): {
  covarianceError: number;
  spectralError: number;
  covarianceDirection: number;
  imageSubspace: number;
  textSubspace: number;
  shareVariation: number;
  classCovarianceError: number;
  imageCentreDistance: number;
  textCentreDistance: number;
  classesCovered: number;
  clipScore: number;
} {
  const all = pairs.labels.flatMap((label, row) => (label >= 0 ? [row] : []));
  const classes = [...new Set(all.map((row) => pairs.labels[row]!))];
  const inClass = (rows: number[], k: number): number[] => rows.filter((row) => pairs.labels[row] === k);
  const covered = classes.filter((k) => inClass(subset, k).length > 0);
  const [own, full] = [crossCovariance(pairs, subset), crossCovariance(pairs, all)];
  const measured = classes.filter((k) => inClass(all, k).length > 1);
  const classError = (k: number): number => {
    const picked = inClass(subset, k);
    return picked.length
      ? relative(crossCovariance(pairs, picked), crossCovariance(pairs, inClass(all, k)))
      : 1;
  };
  const size = (k: number): number => inClass(all, k).length;
  const total = measured.reduce((sum, k) => sum + size(k), 0);
  const centre = (side: 'images' | 'texts', rows: number[]): number[] =>
    mean(rows.map((row) => unit(pairs[side][row]!)));
  const centres = (side: 'images' | 'texts'): number =>
    covered.reduce(
      (sum, k) => sum + norm(minus(centre(side, inClass(subset, k)), centre(side, inClass(all, k)))),
      0,
    ) / covered.length;
  return {
    covarianceError: relative(own, full),
    spectralError: largestSingular(minus(own, full)) / largestSingular(full),
    imageSubspace: subspace(own, full, 'left', rank),
    textSubspace: subspace(own, full, 'right', rank),
    shareVariation:
      classes.reduce(
        (sum, k) => sum + Math.abs(inClass(subset, k).length / subset.length - size(k) / all.length),
        0,
      ) / 2,
    covarianceDirection: 1 - dot(own, full) / (norm(own) * norm(full)),
    classCovarianceError: total ? measured.reduce((sum, k) => sum + size(k) * classError(k), 0) / total : 0,
    imageCentreDistance: centres('images'),
    textCentreDistance: centres('texts'),
    classesCovered: covered.length,
    clipScore:
      subset.reduce((sum, row) => sum + dot(unit(pairs.images[row]!), unit(pairs.texts[row]!)), 0) /
      subset.length,
  };
}
