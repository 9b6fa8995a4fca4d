/** Files of the pure core and the tests that are to notice any change of them, the most important first. */
export interface Target {
  name: string;
  files: string[];
  tests: string[];
  /** Whether its tests take a moment only. */
  quick?: boolean;
}

const selection = (...names: string[]): string[] => names.map((name) => `server/selection/${name}.ts`);
const evaluation = (...names: string[]): string[] => names.map((name) => `server/evaluation/${name}.ts`);
const tests = (folder: string, ...names: string[]): string[] =>
  names.map((name) => `test/server/${folder}/${name}.test.ts`);

export const targets: Target[] = [
  {
    name: 'heap',
    files: selection('heap', 'merge'),
    tests: tests('selection', 'heap', 'merge'),
    quick: true,
  },
  {
    name: 'threshold',
    files: selection('threshold', 'descendingOrder'),
    tests: tests('selection', 'threshold'),
    quick: true,
  },
  {
    name: 'greedy',
    files: selection('greedy', 'classPairs'),
    tests: tests('selection', 'greedy', 'clipcov'),
  },
  { name: 'budget', files: selection('budget'), tests: tests('selection', 'budget'), quick: true },
  { name: 'terms', files: selection('terms', 'tableTerms'), tests: tests('selection', 'terms', 'objective') },
  {
    name: 'classes',
    files: selection('latentClasses', 'blocks'),
    tests: tests('selection', 'latentClasses'),
    quick: true,
  },
  {
    name: 'sums',
    files: selection('exactTotal', 'exactSums', 'crossCovariance', 'prepare'),
    tests: tests('selection', 'exactTotal', 'crossCovariance', 'exactSums', 'terms'),
  },
  {
    name: 'objective',
    files: selection('objective'),
    tests: tests('selection', 'objective', 'unitRows', 'clipcov'),
  },
  { name: 'canonical', files: selection('canonical'), tests: tests('selection', 'canonical') },
  {
    name: 'explain',
    files: selection('explain', 'clipScores', 'unitRows'),
    tests: tests('selection', 'explain', 'unitRows', 'nearDuplicates'),
  },
  { name: 'clipcov', files: selection('clipcov', 'passes'), tests: tests('selection', 'greedy', 'clipcov') },
  {
    name: 'duplicates',
    files: selection('nearDuplicates', 'semdedup', 'semdedupReleased', 'hardFirst', 'spanningTree'),
    tests: tests('selection', 'nearDuplicates', 'semdedup', 'spanningTree'),
  },
  {
    name: 'scores',
    files: selection(
      'random',
      'baselines',
      'byScore',
      'negClipLoss',
      'normSim',
      'cRho',
      'relativeAngle',
      'proxyStrength',
    ),
    tests: tests('selection', 'random', 'negClipLoss', 'pipeline', 'proxyStrength', 'everyMethod'),
  },
  {
    name: 'pipeline',
    files: selection('constraints', 'pipeline', 'runPipeline', 'pruned', 'rowTerms', 'methods'),
    tests: tests('selection', 'pipeline', 'pruned', 'everyMethod'),
  },
  {
    name: 'moments',
    files: selection('kmeans', 'skmm', 'cappedSimplex', 'momentSketch'),
    tests: tests('selection', 'kmeans', 'skmm'),
  },
  { name: 'notebook', files: selection('notebook'), tests: tests('selection', 'notebook') },
  {
    name: 'ranking',
    files: evaluation('ranking', 'shape'),
    tests: tests('evaluation', 'ranking', 'shape'),
    quick: true,
  },
  {
    name: 'measures',
    files: evaluation(
      'measures',
      'evaluated',
      'view',
      'linearRetrieval',
      'zeroShot',
      'retrieval',
      'labelledTask',
    ),
    tests: tests(
      'evaluation',
      'shape',
      'measures',
      'linearClip',
      'zeroShot',
      'labelledTask',
      'knownAnswers',
      'evaluateSubset',
    ),
  },
  {
    name: 'eigenpairs',
    files: evaluation('singular', 'eigenpairs', 'tridiagonal', 'largestEigenvalue', 'decompositionMemory'),
    tests: tests('evaluation', 'eigenpairs', 'linearClip'),
  },
  {
    name: 'linear',
    files: evaluation(
      ...['moments', 'linearClip', 'directions', 'sumMatrices', 'momentArea', 'momentShare', 'centredSum'],
    ),
    tests: tests('evaluation', 'momentShare', 'directions', 'linearClip', 'subsetPass', 'evaluateSubset'),
  },
  {
    name: 'passes',
    files: evaluation(
      ...[
        'evaluateSubset',
        'subsetPass',
        'classPass',
        'classRows',
        'pickedClass',
        'smallClass',
        'classGram',
        'gramErrors',
        'setSums',
        'setShares',
        'largeClass',
      ],
    ),
    tests: tests('evaluation', 'subsetPass', 'evaluateSubset', 'repeats'),
  },
  {
    name: 'repeats',
    files: evaluation('repeats', 'largeRepeats', 'repeatBounds'),
    tests: tests('evaluation', 'repeats', 'repeatBounds'),
    quick: true,
  },
];
