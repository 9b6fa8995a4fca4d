/** A class whose pairs are compared one by one: products of its rows minus their mean, [n, n] each. */
export interface ClassGram {
  size: number;
  /** ⟨ṽ_i, ṽ_j⟩ and ⟨l̃_i, l̃_j⟩ */
  images: Float32Array;
  texts: Float32Array;
  /** ⟨ṽ_i, μ_v⟩, and ‖μ_v‖². */
  towardsMean: Float64Array;
  meanSquare: number;
}

/** What all subsets of a class are held against. */
export class ClassCovariance {
  /** Σ_j ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩ of every i. */
  private readonly byRow: Float64Array;
  /** n²·‖C_V‖² */
  private readonly whole: number;

  constructor(readonly gram: ClassGram) {
    const { size, images, texts } = gram;
    this.byRow = new Float64Array(size);
    for (let i = 0, at = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++, at++) sum += images[at]! * texts[at]!;
      this.byRow[i] = sum;
    }
    this.whole = this.byRow.reduce((sum, value) => sum + value, 0);
  }

  /**
   * ‖C_S − C_V‖ / ‖C_V‖ of the class for each prefix of `picks` (positions in the class) that `counts` names, ascending;
   * without a [dim, dim] matrix: ⟨C_A, C_B⟩ is a mean of ⟨ṽ_i, ṽ_j⟩⟨l̃_i, l̃_j⟩, and with δ the mean of the picks,
   * C_S − C_V = (1/s)Σ_S ṽl̃ᵀ − C_V − δ_v δ_lᵀ. 1 for a prefix without picks.
   */
  errors(picks: Int32Array, counts: readonly number[]): number[] {
    const { size: n, images, texts } = this.gram;
    const imageSums = new Float64Array(n);
    const textSums = new Float64Array(n);
    let within = 0;
    let towardsAll = 0;
    let taken = 0;
    return counts.map((count) => {
      for (; taken < count; taken++) {
        const row = picks[taken]! * n;
        for (let j = 0; j < taken; j++) {
          const at = row + picks[j]!;
          within += 2 * images[at]! * texts[at]!;
        }
        within += images[row + picks[taken]!]! * texts[row + picks[taken]!]!;
        towardsAll += this.byRow[picks[taken]!]!;
        for (let i = 0; i < n; i++) {
          imageSums[i]! += images[row + i]!;
          textSums[i]! += texts[row + i]!;
        }
      }
      if (count === 0) return 1;
      if (count === n || this.whole <= 0) return 0;
      let [among, overall, image, text] = [0, 0, 0, 0];
      for (let i = 0; i < n; i++) overall += imageSums[i]! * textSums[i]!;
      for (let e = 0; e < count; e++) {
        const i = picks[e]!;
        among += imageSums[i]! * textSums[i]!;
        image += imageSums[i]!;
        text += textSums[i]!;
      }
      // In units of 1/s²: ⟨ṽ_i, δ_v⟩ is a sum of the picks' products over s.
      const s2 = count * count;
      const uncentred = within / s2 - (2 * towardsAll) / (count * n) + this.whole / (n * n);
      const cross = among / (count * s2) - overall / (n * s2);
      const square = uncentred - 2 * cross + (image / s2) * (text / s2);
      return Math.sqrt(Math.max(0, square) / (this.whole / (n * n)));
    });
  }
}

/**
 * How many of the picks repeat one of a better score: their cosine is above the threshold. In the order of the scores, so
 * that the best-scored copy stays; equal scores in the order of the rows.
 */
export function countRepeats(
  { size, images, towardsMean, meanSquare }: ClassGram,
  picks: Int32Array,
  scores: Float64Array,
  threshold: number,
): number {
  const order = Int32Array.from(picks.keys()).sort(
    (a, b) => scores[b]! - scores[a]! || picks[a]! - picks[b]!,
  );
  const kept: number[] = [];
  for (const e of order) {
    const i = picks[e]!;
    const least = threshold - towardsMean[i]! - meanSquare;
    if (!kept.some((j) => images[i * size + j]! + towardsMean[j]! > least)) kept.push(i);
  }
  return picks.length - kept.length;
}
