import type { Reason } from '../equivalent.js';

export const selection: Reason[] = [
  {
    why: 'A typed array has nothing behind its end: what is written there is lost, and what is read compares as false.',
    mutants: [
      ['selection/crossCovariance', 'for (let k = 0; k <= classes; k++)'],
      ['selection/objective', 'for (let k = 0; k <= classes; k++)'],
      ['selection/hardFirst', 'for (let i = 0, at = 0; i <= block.rows; i++) {'],
      [
        'selection/baselines',
        'for (let row = 0; row <= labels.length; row++) if (labels[row]! >= 0) rows[filled++] = row;',
      ],
      ['selection/runPipeline', 'for (let row = 0; row <= labels.length; row++)'],
      [
        'selection/kmeans',
        'for (let j = 0; j <= dim; j++) centroids[k * dim + j] = images[j]! * imageScale[0]!;',
        'for (let at = 0; at <= sums.length; at += dim) {',
        'for (let j = 0; j <= dim; j++)',
      ],
      [
        'selection/skmm',
        'for (let e = 0; e <= s.length; e++) if (drawn[e]! < n) s[e] = 1 / n;',
        'for (const e of pairs) for (let j = 0; j <= width; j++) moments[j]! += squares[e * width + j]!;',
        'if (weight !== 0) for (let j = 0; j <= width; j++) moments[j]! += weight * squares[e * width + j]!;',
        'for (let e = 0; e <= s.length; e++) {',
        'for (let e = 0; e <= s.length; e++) s[e]! += (step * rise[e]!) / steepest;',
      ],
      [
        'selection/cappedSimplex',
        'for (let e = 0; e <= values.length; e++) values[e] = Math.min(cap, Math.max(0, values[e]! - shift));',
      ],
      [
        'selection/momentSketch',
        'for (let at = 0; at <= rows.length; at += width) {',
        'for (let i = 0; i <= width; i++) {',
        'for (let j = 0; j <= width; j++)',
      ],
      ['selection/pruned', 'for (let j = 0, at = e * dim; j <= dim; j++, at++) {'],
      [
        'selection/unitRows',
        'for (let i = 0; i <= block.rows; i++)',
        'for (let i = 0, at = 0; i <= block.rows; i++)',
      ],
      ['selection/byScore', 'for (let i = 0; i <= order.length; i++) gains[i] = scores[order[i]!]!;'],
      [
        'selection/negClipLoss',
        'for (let i = 0; i <= rows.length; i++) own[i] = scores[rows[i]!]!;',
        'for (let i = 0; i <= rows.length; i++) scores[rows[i]!] = self[i]!;',
        'for (let i = 0, at = 0; i <= scale.length; i++) for (let j = 0; j < dim; j++, at++) rows[at]! *= scale[i]!;',
      ],
      [
        'selection/normSim',
        'for (let i = 0; i <= gram.length; i++) gram[i]! += part[i]!;',
        'for (let i = 0, at = 0; i <= scores.length; i++) {',
        'for (let i = 0; i <= scores.length; i++) scores[i] = Math.max(scores[i]!, found[i]!);',
      ],
      [
        'selection/cRho',
        'for (let i = 0; i <= rows.length; i++) drop[i] = reference[rows[i]!]! - before[rows[i]!]!;',
      ],
      [
        'selection/relativeAngle',
        'for (let k = 0; k <= sums.classes; k++)',
        'for (let i = 0; i <= block.length; i++) {',
        'for (let i = 0; i <= rows.length; i++) scores[i] = angles[rows[i]!]!;',
        'for (let other = 0; other <= scores.length; other++) {',
        'for (let j = 0; j <= dim; j++) mean[j]! += sums[at + j]! / Math.max(1, total);',
      ],
      [
        'selection/proxyStrength',
        'while (true && b[below]! < value) below++;',
        'while (below <= b.length && b[below]! < value) below++;',
        'while (true && b[upTo]! <= value) upTo++;',
        'while (upTo <= b.length && b[upTo]! <= value) upTo++;',
      ],
      ['selection/clipcov', 'for (let i = 0; i <= rows.length; i++) values[i] = column[rows[i]!]!;'],
      [
        'selection/heap',
        'for (let i = 0; i <= this.count; i++) this.order[i] = i;',
        'for (let i = (this.count >> 1) + 1; i >= 0; i--) this.sink(i);',
      ],
      [
        'selection/greedy',
        'for (let e = 0; e <= size; e++) gainBefore[e] = attraction[e]! - redundancy * self[e]!;',
      ],
      ['selection/terms', 'for (let j = 0; j <= row.length; j++) row[j]! /= size;'],
      [
        'selection/threshold',
        'for (let i = 0; i <= values.length; i++) held[Math.floor((high - values[i]!) / step)]!++;',
        'for (let s = 0; s <= size; s++) {',
      ],
      [
        'selection/descendingOrder',
        'for (let i = 0; i <= count; i++) {',
        'for (let i = 0; i <= count; i++) order[starts[bins[i]!]!++] = i;',
        'for (let bin = 0; bin <= BINS; bin++) starts[bin + 1]! += starts[bin]!;',
      ],
      [
        'selection/latentClasses',
        'for (let i = 0; i <= total; i++) {',
        'for (let k = 0; k <= classes; k++) starts[k + 1]! += starts[k]!;',
        'for (let k = 0; k <= classes; k++)',
        'if (true) sorted[next[k]!++] = position;',
        'if (true) counts[k]!++;',
      ],
      [
        'selection/merge',
        'while (true && values[(hole - 1) >> 1]! > value) {',
        'while (hole >= 0 && values[(hole - 1) >> 1]! > value) {',
        'if (true && values[child + 1]! < values[child]!) child++;',
        'if (child + 1 <= count && values[child + 1]! < values[child]!) child++;',
        'if (child - 1 < count && values[child + 1]! < values[child]!) child++;',
      ],
    ],
  },
  {
    why: 'Equal values change places, of which nothing but the value counts; or what is compared is never equal.',
    mutants: [
      ['selection/heap', 'private readonly tieBefore: (a: number, b: number) => boolean = (a, b) => a <= b,'],
      [
        'selection/merge',
        'while (hole > 0 && values[hole - 1 >> 1]! >= value) {',
        'if (child + 1 < count && values[child + 1]! <= values[child]!) child++;',
        'if (values[child]! > value) break;',
        '(a, b) => live[a]!.rows[next[a]!]! <= live[b]!.rows[next[b]!]!,',
      ],
    ],
  },
  {
    why: 'Of edges that are equally good any is.',
    mutants: [
      [
        'selection/spanningTree',
        'if (cosine >= best[vertex]!) {',
        'if (best[vertex]! >= best[outside[next]!]!) next = i;',
      ],
    ],
  },
  {
    why: 'It makes a difference for one number of 2³², or for an area under a curve of 0.7 to the last digit.',
    mutants: [
      ['selection/random', 'if (value <= limit) return value % bound;'],
      ['selection/proxyStrength', 'auc < WEAK_BELOW → auc <= WEAK_BELOW'],
    ],
  },
  {
    why: 'The order of the rows is the same, whatever their similarities are multiplied with.',
    mutants: [
      [
        'selection/hardFirst',
        'similarity[first + i] = Math.round((sum * block.imageScale[i]! * rows.length) * MEAN_DIGITS);',
      ],
    ],
  },
  {
    why: 'Infinity times 0 is no number, which a whole one is stored as 0 for.',
    mutants: [
      [
        'selection/descendingOrder',
        'const steps = true ? (BINS - 1) / (high - low) : 0;',
        'const steps = high >= low ? (BINS - 1) / (high - low) : 0;',
      ],
    ],
  },
  {
    why: 'Of the lowest values the estimate is then the lowest value instead of a step below: as good an estimate.',
    mutants: [['selection/threshold', 'const held = new Int32Array(STEPS - 1);']],
  },
  {
    why: 'The order in which rows are read alone changes: their sums are exact.',
    mutants: [
      [
        'selection/objective',
        'const order = rows.map((_, i) => i).sort(() => undefined);',
        'const order = rows.map((_, i) => i);',
        'const order = rows.map((_, i) => i).sort((a, b) => rows[a]! + rows[b]!);',
      ],
    ],
  },
  {
    why: 'It is looked at, read or computed more often than it has to be, to the same end.',
    mutants: [
      [
        'selection/greedy',
        // A bound that is no lower is a bound too.
        'if (key < keys[e]!) { → if (true) {',
        'if (key <= keys[e]!) {',
      ],
      ['selection/classPairs', 'if (slot > 0) return slot;'],
      [
        'selection/clipcov',
        'const found = runs.reduce((sum, run) => sum - run.first + run.rows.length, 0);',
        'const best = new BestGains(Math.max(0, budget + first.length));',
        'const runs = new Array();',
        'if (false) return [];',
        'let high = rows.length + 1;',
        'threshold = gap <= 1 ? threshold - gap : -Infinity;',
      ],
      [
        'selection/passes',
        'greedyOrder(pairs, task, () => undefined, check),',
        'tasks.reduce((most, { rows }) => Math.min(most, rows.length), 0),',
      ],
      [
        'selection/explain',
        'const pairs: PairRows = blockFor(table, Math.min(1, among.length));',
        // What is added is cut off again.
        'if (false) continue;',
        'if (nearest.length === count && cosine < nearest.at(-1)!.cosine) continue;',
      ],
      [
        'selection/nearDuplicates',
        'if (rows.length > 1) → if (true)',
        'if (rows.length >= 1)',
        'for (let first = 0; first <= ordered.length; first += BLOCK_ROWS) {',
        'for (let other = 0; other <= kept.length && block.length; other += BLOCK_ROWS) {',
        'const earlier = unitImages(table, kept);',
        'if (false) continue;',
      ],
      [
        'selection/semdedup',
        'let tree: Edge[] = ["Stryker was here"];',
        'let cosines: Float32Array = new Float32Array(ordered.length).fill(+1);',
        'for (let first = 0; first <= ordered.length; first += BLOCK_ROWS) {',
        'false ? block : unitImages(table, ordered.subarray(other, other + BLOCK_ROWS));',
      ],
      ['selection/semdedupReleased', 'for (let first = 0; first <= ordered.length; first += BLOCK_ROWS) {'],
      ['selection/hardFirst', 'for (let first = 0; first <= rows.length; first += CHUNK_ROWS) {'],
      [
        'selection/negClipLoss',
        'for (let first = 0; first <= batch.length; first += options.blockImages) {',
        'for (let other = 0; other <= batch.length; other += options.blockTexts) {',
      ],
      [
        'selection/normSim',
        'for (let first = 0; first <= rows.length; first += BLOCK_ROWS) {',
        'for (let at = 0; at <= images.length; at += BLOCK_ROWS * dim) {',
        'for (let at = 0; at <= target.images.length; at += BLOCK_ROWS * table.dim) {',
        // Blocks that overlap: the largest of all is the same.
        'for (let at = 0; at < target.images.length; at += BLOCK_ROWS / table.dim) {',
      ],
      [
        'selection/relativeAngle',
        'if (false) continue;',
        'if (normal <= 1e-6) continue;',
        'for (let first = 0; first <= rows.length; first += BLOCK_ROWS) {',
      ],
      ['selection/proxyStrength', 'upTo = Math.min(upTo, below);'],
      [
        'selection/spanningTree',
        // A pair joined to itself is an edge that no tree takes.
        'const same = first === other; → const same = false;',
        'false ? Infinity : tile[row * columns + column]!;',
        'if (best[joined]! < Infinity) → if (true)',
        'if (best[joined]! <= Infinity)',
        'for (let left = outside.length; left >= 0; left--) {',
      ],
      [
        'selection/notebook',
        // Of two classes never the same row; a pick behind the last is not there; a queue is sorted where it lies.
        '(a, b) => classes[a]!.rows[head(a)]! >= classes[b]!.rows[head(b)]!,',
        'for (let i = 0; i <= budget; i++) {',
        'for (let first = 0; first <= rows.length; first += BLOCK_ROWS) {',
        'for (let other = 0; other <= rows.length; other += BLOCK_ROWS) {',
        'for (let first = 0; first <= own.queue.length; first += BLOCK_ROWS) {',
        'own.queue = own.queue;',
      ],
      [
        'selection/pruned',
        'if (false) continue;',
        // Where both are worth the same, or neither choice is better.
        'for (const e of objective.value(kept) >= objective.value(objective.all()) ? kept : objective.all()) {',
        'if (grown.gain(e) > -shrunk.gain(e)) {',
      ],
      [
        'selection/skmm',
        // A pair of no weight adds nothing; where nothing falls short there is no way down either, and a step of nothing by
        // nothing makes weights of which none is ever better.
        'if (steepest === 0) return true;',
        'if (false) return false;',
        'if (false) return { rows: new Int32Array(0), gains: new Float64Array(0) };',
        'if (true) for (let j = 0; j < width; j++) moments[j]! += weight * squares[e * width + j]!;',
        'if (false || !descend(s, short, sketch, 1 / (n * Math.sqrt(step + 1)))) break;',
        'if (sum >= steepest) steepest = sum;',
      ],
      ['selection/cappedSimplex', 'for (let i = 0; i <= HALVINGS; i++) {', 'if (sum >= 1) low = shift;'],
      [
        'selection/momentSketch',
        'for (let first = 0; first <= rows.length; first += BLOCK_ROWS) {',
        '{ assumeSymmetric: true }, → {},',
        '{ assumeSymmetric: false },',
        // A Gaussian matrix and its negative are as likely; a product is squared.
        'const block = Float32Array.from(fromImages, (value, i) => value - fromTexts[i]!);',
        'for (let i = 0; i < width; i++) product -= turned[j * width + i]! * row[i]!;',
      ],
      [
        'selection/canonical',
        // The library turns a matrix, or finds that it is symmetric, by itself.
        '{ autoTranspose: true }, → {},',
        '{ autoTranspose: false },',
        'const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(lifted, {});',
        'assumeSymmetric: false,',
      ],
    ],
  },
  {
    why: 'The margin is above the rounding of a bound: without it pairs whose gains agree to nine digits may change places.',
    mutants: [
      ['selection/greedy', 'const key = attraction[e]! - redundancy * similarity - shift * count - MARGIN;'],
    ],
  },
  {
    why: 'That double greedy keeps less than it was given is possible, but no sample was found in which it does.',
    mutants: [['selection/pruned', 'for (const e of true ? kept : objective.all()) {']],
  },
  {
    why: 'No eigenvalue is the floor itself; the sides exchange a number that is 0 on the other.',
    mutants: [
      [
        'selection/canonical',
        'const roots = Matrix.diag(realEigenvalues.map((value) => (value >= floor ? 1 / Math.sqrt(value) : 0)));',
        "aligned[at + rank + (side !== 'image' ? 0 : 1)] = Math.sqrt(Math.max(0, 1 - kept));",
      ],
    ],
  },
  {
    why: 'A remainder of 0 is one in either direction.',
    mutants: [['selection/greedy', 'if (--looks % 512 === 0) check();']],
  },
  {
    why: 'The bound is computed once more, from the same, and lowers nothing.',
    mutants: [['selection/greedy', 'if (loweredAt[e] !== count) { → if (true) {']],
  },
  {
    why: 'All of it is written before it is read; or a slot is counted that no pair gets.',
    mutants: [
      [
        'selection/explain',
        'const terms = { cross: 0, self: 0, label: 0, inter: 0, redundancy: 0, balance: 0 }; → const terms = {};',
      ],
      [
        'selection/terms',
        'const terms = { cross: 0, inter: 0, imageOwn: 0, textOwn: 0, self: 0, label: 0, attraction: 0 }; → const terms = {};',
      ],
      [
        'selection/classPairs',
        'private readonly drifted: Drift = {};',
        'slot = this.used <= last ? this.used++ : last;',
      ],
    ],
  },
  {
    why: 'Pairs without a class get places before those of the first one, which nobody reads.',
    mutants: [['selection/latentClasses', 'for (const k of labels) if (true) starts[k + 1]!++;']],
  },
  {
    why: 'An array of exactly the largest size would have to be made.',
    mutants: [['selection/skmm', 'if (4 * WIDTH * rows.length >= LARGEST_SKETCH)']],
  },
  {
    why: 'Memory comes in pages of 64 KiB, and one more than is asked for.',
    mutants: [
      [
        'selection/exactSums',
        'return 16 * classes * dim - 16;',
        'const memory = new KernelMemory(2 * 8 * size - 64);',
      ],
    ],
  },
  {
    why: 'What is written there is the next class’s, which overwrites it; of an empty one it is 0 as it was.',
    mutants: [['selection/crossCovariance', 'for (let j = 0; j <= dim; j++) {']],
  },
  {
    why: 'What stands in for nothing is never needed: the pattern has digits there.',
    mutants: [
      [
        'selection/pipeline',
        `const [name = "Stryker was here!", amount = null, ...more] = part.split(':').map((piece) => piece.trim());`,
        // Parts of a step that has several all have amounts.
        'return steps.at(-1)!.some(({ name, amount }) => amount !== null || !UNNESTED.includes(name));',
      ],
      ['selection/budget', "const [whole = \"Stryker was here!\", fraction = ''] = match[1]!.split('.');"],
    ],
  },
];
