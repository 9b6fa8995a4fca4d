import type { Reason } from '../equivalent.js';

export const evaluation: Reason[] = [
  {
    why: 'A typed array has nothing behind its end: what is written there is lost, and what is read compares as false.',
    mutants: [
      [
        'evaluation/moments',
        'for (let i = 0; i <= product.length; i++) this.second[i]! += product[i]!;',
        'for (let j = 0; j <= this.dim; j++) {',
        'for (let i = 0; i <= this.second.length; i++) this.second[i]! += sign * other.second[i]!;',
        'for (let i = 0, at = 0; i <= dim; i++) {',
        'for (let i = 0; i <= block.rows; i++) {',
        'for (let i = 0; i <= sum.length; i++) sum[i]! += values[i]!;',
        'for (let j = 0; j <= sum.length; j++) sum[j]! += rows[at + j]!;',
      ],
      // The next row overwrites it.
      [
        'evaluation/linearClip',
        'for (let c = at; c <= at + rank; c++) out[c] = scale * mapped[c]!;',
        'for (let at = 0; at <= rows.length;)',
      ],
      [
        'evaluation/directions',
        'for (let i = 0; i <= difference.length; i++) difference[i]! -= full.crossCovariance[i]!;',
      ],
      [
        'evaluation/momentShare',
        'for (let i = 0; i <= vectors.length; i++) target[matrix.length + i]! += vectors[i]!;',
      ],
      [
        'evaluation/subsetPass',
        'for (let at = 0, next = 0; at <= levels.length; at++) if (levels[at]! <= most) own[next++] = scores[at]!;',
      ],
      [
        'evaluation/classPass',
        'for (let j = 0; j <= dim; j++) {',
        'for (let j = 0; j <= values.length; j++) sum[j] = values[j]! + factor * others[j]!;',
        // A row more is written into the chunk, where nobody reads it.
        'for (let i = 0; i <= size; i++) rows.centre(at + i, i);',
      ],
      ['evaluation/pickedClass', 'for (let i = 0; i <= count; i++) numbers[i] = from + i;'],
      ['evaluation/smallClass', 'for (let pair = 0; pair <= size; pair++) count.include(pair, 0);'],
      ['evaluation/singular', 'for (let j = 0; j <= kept; j++) {'],
      [
        'evaluation/eigenpairs',
        'const beside = new Float64Array(Math.max(0, n + 1));',
        'for (let j = k; j <= n; j++) row[j]! -= vk * w[j]! + wk * v[j]!;',
        'for (let j = k + 1; j <= n; j++) w[j] = factor * product[j]! - half * u[j]!;',
        'for (let i = Math.max(0, n - 2); i <= n; i++)',
        'for (let j = i; j <= n; j++) rows[i * n + j]! -= v[i]! * w[j]! + w[i]! * v[j]!;',
        'if (true) beside[n - 2] = rows[(n - 2) * n + n - 1]!;',
        'if (n >= 1) beside[n - 2] = rows[(n - 2) * n + n - 1]!;',
        'for (let k = n + 3; k >= 0; k--) {',
      ],
      [
        'evaluation/tridiagonal',
        'for (let i = 0; i <= n; i++) {',
        'for (let lane = 0; lane <= LANES; lane++) {',
        'const isLeft = (value: number): boolean => true && value <= least * values[0]!;',
        'for (let k = first; k <= end; k++) {',
        'for (let j = first; j <= values.length; j++)',
        'for (let k = 0; k <= values.length; k++) {',
        'for (let i = 0; i <= n; i++) own[i] = random.normal();',
        'while (true && values[first - 1]! - values[k]! < CLOSE * size) first--;',
        'while (first >= 0 && values[first - 1]! - values[k]! < CLOSE * size) first--;',
        'for (let i = n + 1; i >= 0; i--) {',
        'for (let i = 0; i <= x.length; i++) x[i]! -= inner * unit[i]!;',
        'for (let i = 0; i <= x.length; i++) x[i]! *= scale;',
      ],
      [
        'evaluation/largestEigenvalue',
        'for (let i = 0, at = 0; i <= n; i++) {',
        'for (let i = 0; i <= x.length; i++) x[i]! -= inner * unit[i]!;',
      ],
      [
        'evaluation/largeRepeats',
        'for (let i = 0; i <= left.length; i++) rows.centreImage(left[i]!, rows.images, i);',
        'for (let j = 0; j <= right.length; j++) rows.centreImage(right[j]!, rows.texts, j);',
        'for (let i = 0, at = 0; i <= left.length; i++)',
        'for (let at = 0; at <= open.length; at += 2) {',
      ],
      [
        'evaluation/repeatBounds',
        'for (let i = 0; i <= Math.min(picked.size, SAMPLE_ROWS); i++) {',
        'for (let j = 0; j <= dim; j++) {',
        'for (let c = 0, at = 0; c <= width; c++)',
      ],
      [
        'evaluation/view',
        'for (let i = 0; i <= count; i++) wide.set(rows.subarray(i * rank, (i + 1) * rank), i * dim);',
      ],
      [
        'evaluation/ranking',
        'for (let row = 0, at = 0; row <= count; row++, at += count) {',
        'for (let column = row + 1; column <= count; column++)',
      ],
    ],
  },
  {
    why: 'Equal values change places, of which nothing but the value counts; or what is compared is never equal.',
    mutants: [
      [
        'evaluation/ranking',
        'if (best < 0 || scores[at]! > scores[best]! || (scores[at] === scores[best] && at <= best)) best = at;',
        // A score is not above itself.
        'for (let column = 0; column <= row; column++)',
      ],
    ],
  },
  {
    why: 'What is no side is the text’s, as it says elsewhere; what is no form is the cosine.',
    mutants: [
      ['evaluation/linearRetrieval', 'return { cosine: await recall(""), plain: await recall(\'plain\') };'],
      ['evaluation/linearRetrieval', 'await mapRows(texts, "", model, products, centred),'],
      ['evaluation/zeroShot', 'const embeddings = await view(classEmbeddings, "");'],
      ['evaluation/retrieval', 'const captions = await view(unitPairs(table, rows).texts, "");'],
    ],
  },
  {
    why: 'It is looked at, read or computed more often than it has to be, to the same end.',
    mutants: [
      [
        'evaluation/directions',
        // Nothing is taken away of the sums, and they are decomposed anew.
        'if (false) return fitLinearClip(own, firstOf(axes, RANK));',
      ],
      ['evaluation/centredSum', 'if (this.filled === 0) return; → if (false) return;'],
      [
        'evaluation/moments',
        'for (let at = 0; at <= images.length; at += step) {',
        'for (let first = 0; first <= rows.length; first += CHUNK_ROWS) {',
      ],
      [
        'evaluation/centredSum',
        // A chunk that is not full is multiplied as well; none that is full is left.
        'if (true) await this.flush();',
        'if (this.filled !== CHUNK_ROWS) await this.flush();',
      ],
      [
        'evaluation/evaluateSubset',
        'const evaluated = new Array();',
        // There are no picks of no pairs.
        'if (picks === 0 || false) return 0;',
      ],
      [
        'evaluation/subsetPass',
        'const found = new Array();',
        // Rows without a class are in no order of picks; of pieces that are as long any may come first.
        'const places = new Int32Array(table.rows).fill(+1);',
        '.sort((a, b) => b.size - a.size || a.range.first + b.range.first)',
      ],
      [
        'evaluation/classPass',
        'if (false) continue;',
        'for (let from = 0; from <= size; from += CHUNK_ROWS) {',
        // All pairs are nothing away from their means: a row of zeros.
        'if (true) await sum.addRow(own.images, own.textMean);',
        'if (set >= 0) await sum.addRow(own.images, own.textMean);',
        // No measure is taken of what no pair is in.
        'if (false || s === size) continue;',
      ],
      ['evaluation/classRows', 'resident = false; → resident = true;'],
      [
        'evaluation/smallClass',
        'const near: number[][] = Array.from({ length: picked.size }, () => ["Stryker was here"]);',
        'for (let first = 0, at = 0; first <= size; first += BLOCK_ROWS) {',
        'into[level[j]! >= mine ? level[j]! : mine]! += 2 * both[j]!;',
      ],
      [
        'evaluation/singular',
        // The eigenvalues are cut off at the same share before.
        'const nonzero = sigma.filter((value) => value > LEAST / sigma[0]!);',
        'if (false) return { left, right, values: nonzero };',
      ],
      [
        'evaluation/eigenpairs',
        // A reflection of one number is none; what is taken away of the rows before, or reflected behind the end, is 0.
        'for (let k = 0; k + 2 <= n; k++) {',
        'for (let j = k - 1; j < n; j++) w[j] = factor * product[j]! - half * u[j]!;',
        'for (let i = Math.min(0, n - 2); i < n; i++)',
        'n - k - 1, → n - k + 1,',
        'if (false) return kept;',
      ],
      [
        'evaluation/tridiagonal',
        'for (let first = 0; first <= values.length; first += LANES) {',
        'for (let halving = 0; halving <= HALVINGS; halving++) {',
        'for (let halving = 0; halving < HALVINGS; halving--) {',
        'let open = false; → let open = true;',
        'open ||= middle > values[k]! && middle < above[k]!; → open ||= true;',
        'open ||= middle > values[k]! || middle < above[k]!;',
        'open ||= true && middle < above[k]!;',
        'open ||= middle >= values[k]! && middle < above[k]!;',
        'open ||= middle > values[k]! && true;',
        'open ||= middle > values[k]! && middle <= above[k]!;',
        'if (!open) break; → if (false) break;',
        'while (first > 0 || values[first - 1]! - values[k]! < CLOSE * size) first--;',
        'while (first > 0 && true) first--;',
        'while (first > 0 && values[first - 1]! - values[k]! <= CLOSE * size) first--;',
        'for (let step = 0; step <= STEPS; step++) {',
        'for (let pass = 0; pass <= 2; pass++) {',
      ],
      [
        'evaluation/largestEigenvalue',
        'for (let pass = 0; pass <= 2; pass++) for (const own of basis) takeAway(next, own);',
        // After n steps what is left is a rounding, which is looked at too.
        'const done = basis.length === n; → const done = false;',
      ],
      ['evaluation/repeats', 'if (repeated !== 0) → if (true)', 'const words = Math.ceil(sets * 32);'],
      [
        'evaluation/largeRepeats',
        // A pair is not kept yet when it is in turn, nor are those behind it; what is no pair is like none.
        'await meet(block, right, false);',
        'const near: number[][] = Array.from(block, () => ["Stryker was here"]);',
        'const { left, right } = bounded ? bounds.of(block) : {};',
        'if (bounded || left && theirs) {',
      ],
      ['evaluation/zeroShot', 'for (let first = 0; first <= rows.length; first += BLOCK_ROWS) {'],
      ['evaluation/retrieval', 'for (let first = 0; first <= count; first += BLOCK_ROWS) {'],
    ],
  },
  {
    why: 'Of as many pairs as are just not too many, or as alike as is just not a repeat, there are none.',
    mutants: [
      [
        'evaluation/largeRepeats',
        'if (open.length < 2 * OPEN * block.length * others.length) {',
        'if (cosine(block[i]!, j) >= REPEATED) near[i]!.push(j);',
      ],
    ],
  },
  {
    why: 'No rows were found for which it matters: a bound holds for the worst, in which all that rounding and the other coordinates can do lies in line with a row, and a margin is for the last digits of that.',
    mutants: [
      [
        'evaluation/repeatBounds',
        'const lost = (squares: number): number => Math.sqrt(squares) / longest + squares / 2;',
        'const lost = (squares: number): number => Math.sqrt(squares) * longest + squares * 2;',
        'const lost = (squares: number): number => Math.sqrt(squares) * longest - squares / 2;',
        'leftOffsets![i] = towards - (1 - EPSILON) + lost(leftLost) - MARGIN;',
      ],
    ],
  },
  {
    why: 'Coordinates that tell as much apart are as good, in any order, and by more rows.',
    mutants: [
      [
        'evaluation/repeatBounds',
        'work.coordinates.set(order.slice(0, this.width));',
        'for (let i = 0; i < Math.max(picked.size, SAMPLE_ROWS); i++) {',
        'const order = Int32Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]! || a + b);',
      ],
    ],
  },
  {
    why: 'It is the same number in its last digits, or to the last digits any is as good: a sign of a zero, sums in another order, which way a value is shifted by a rounding, a margin of roundings.',
    mutants: [
      [
        'evaluation/classPass',
        'false ? new Float64Array(dim) : plusScaled(whole.subarray(from, from + dim), -count, by);',
        'if (s === 0 && s === size) continue;',
        'if (s === 0 || false) continue;',
      ],
      [
        'evaluation/eigenpairs',
        'const length = first >= 0 ? -Math.sqrt(first * first + rest) : Math.sqrt(first * first + rest);',
      ],
      [
        'evaluation/tridiagonal',
        'const q = own - shifts[lane]! - square / (Math.abs(before) <= tiny ? tiny : before);',
        'const isLeft = (value: number): boolean => least !== undefined && value < least * values[0]!;',
        'const shift = values[k]! - Number.EPSILON * size * (1 + k % 8);',
        'const shift = values[k]! + Number.EPSILON * size / (1 + k % 8);',
        'const shift = values[k]! + Number.EPSILON / size * (1 + (k % 8));',
        'const shift = values[k]! + Number.EPSILON * size * (1 - k % 8);',
        'const shift = values[k]! + Number.EPSILON * size * (1 + (k * 8));',
        'largest = Math.min(largest, Math.abs(diagonal[i]!) + radius);',
        'largest = Math.max(largest, Math.abs(diagonal[i]!) - radius);',
        'return [least + margin, most + margin];',
        'return [least - margin, most - margin];',
        'if (Math.abs(below) >= Math.abs(a)) {',
        'pivot[i] = Math.abs(a) <= tiny ? tiny : a;',
        'pivot[n - 1] = Math.abs(a) <= tiny ? tiny : a;',
      ],
      [
        'evaluation/largestEigenvalue',
        'for (; false; j += 4, at += 4) {',
        'for (; j + 4 < n; j += 4, at += 4) {',
      ],
    ],
  },
  {
    why: 'No sample was found in which it matters, of 30,000 matrices of five kinds: the values are shifted by a rounding, so that no pivot vanishes. Rows are exchanged since nothing proves that they need not be.',
    mutants: [
      [
        'evaluation/tridiagonal',
        'if (Math.abs(below) > Math.abs(a)) { → if (false) {',
        'pivot[i] = false ? tiny : a;',
        'pivot[n - 1] = false ? tiny : a;',
        'if (largest === 0) return; → if (false) return;',
      ],
    ],
  },
  {
    why: 'Memory comes in pages of 64 KiB, and one more than is asked for; that of the change before is there in the process in which changes are tried.',
    mutants: [
      [
        'evaluation/sumMatrices',
        'return (4 + 4 * 8) * dim * dim + 4 * 8 * dim - 9 * 16;',
        'return (4 + 4 * 8) * dim * dim - 4 * 8 * dim + 9 * 16;',
        'return (4 + 4 * 8) * dim * dim + 4 * 8 / dim + 9 * 16;',
        'return (4 + 4 * 8) * dim * dim + 4 / 8 * dim + 9 * 16;',
        'return (4 + 4 * 8) * dim * dim + 4 * 8 * dim + 9 / 16;',
      ],
      ['evaluation/momentShare', 'return heldSets(area) * (8 * area.dim ** 2 - 16);'],
      [
        'evaluation/classPass',
        'const extra = 16 * sets * dim - 16 + REPEAT_BYTES + MomentShare.bytesNeeded(area) + gramBytes(most, sets);',
      ],
      [
        'evaluation/classRows',
        'const chunk = 2 * 4 * CHUNK_ROWS * dim + 2 * 4 * dim - 64 + SumMatrices.bytesNeeded(dim);',
        'const chunk = 2 * 4 * CHUNK_ROWS * dim - 2 * 4 * dim + 64 + SumMatrices.bytesNeeded(dim);',
        'const chunk = 2 * 4 * CHUNK_ROWS * dim + 2 * 4 / dim + 64 + SumMatrices.bytesNeeded(dim);',
        'const chunk = 2 * 4 * CHUNK_ROWS * dim + 2 / 4 * dim + 64 + SumMatrices.bytesNeeded(dim);',
      ],
      [
        'evaluation/eigenpairs',
        'const memory = new KernelMemory(8 * (2 * n * n + 4 * n) - 128);',
        'const memory = new KernelMemory(8 * (2 * n * n + 4 / n) + 128);',
        'if (kept.n === n) return kept;',
      ],
    ],
  },
];
