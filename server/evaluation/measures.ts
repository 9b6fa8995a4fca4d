import type { EvaluationReport, MeasureInfo } from '../protocol/evaluation.js';
import type { Evaluated } from './evaluated.js';
import type { LinearForm } from './linearClip.js';
import { LINEAR_FORMS, RECALL_AT } from './linearRetrieval.js';

/** One measure of a subset: what it is called, what it means, and how it is read off. One entry registers one. */
export interface Measure extends MeasureInfo {
  of: (evaluated: Evaluated) => number | null;
}

/** None of these is an accuracy; each sentence says what its measure says, and what it does not. */
export const measures: Measure[] = [
  {
    name: 'covarianceError',
    label: 'Cross-covariance error',
    better: 'neither',
    meaning:
      '‖C_S − C_V‖ / ‖C_V‖ (Frobenius): how far the subset’s cross-covariance is from that of all pairs, noise included. ' +
      'On noisy data a random subset leads here, because it keeps the noise; it does not predict the trained model.',
    of: (evaluated) => evaluated.covarianceError,
  },
  {
    name: 'spectralError',
    label: 'Cross-covariance error, spectral',
    better: 'neither',
    meaning:
      '‖C_S − C_V‖₂ / ‖C_V‖₂: the same in the one direction where they differ most. Noise spread over all directions weighs ' +
      'less here, a shifted main direction more.',
    of: (evaluated) => evaluated.spectralError,
  },
  {
    name: 'covarianceDirection',
    label: 'Cross-covariance 1 − cosine',
    better: 'neither',
    meaning:
      '1 − cosine(C_S, C_V): the same distance with the scale taken out. It does not separate signal from noise either, ' +
      'so random leads here too on noisy data.',
    of: (evaluated) => evaluated.covarianceDirection,
  },
  {
    name: 'imageSubspace',
    label: 'Leading directions, images',
    better: 'neither',
    meaning:
      'Mean sin² of the principal angles between the spaces of the leading left singular vectors of C_S and C_V: which image ' +
      'directions captions go with, whatever their strength. Directions of all pairs hold their noise too.',
    of: (evaluated) => evaluated.imageSubspace,
  },
  {
    name: 'textSubspace',
    label: 'Leading directions, captions',
    better: 'neither',
    meaning: 'The same for the right singular vectors: which directions of captions go with images.',
    of: (evaluated) => evaluated.textSubspace,
  },
  {
    name: 'classCovarianceError',
    label: 'Cross-covariance error per class',
    better: 'neither',
    meaning:
      'Mean over the classes, weighted by their size, of ‖C_S − C_V‖ / ‖C_V‖ within the class; a class without picks counts 1. ' +
      'It says how well classes are represented one by one, not whether their captions are right.',
    of: (evaluated) => evaluated.classCovarianceError,
  },
  {
    name: 'imageCentreDistance',
    label: 'Class centres, images',
    better: 'lower',
    meaning:
      'Mean over the covered classes of ‖μ_k(S) − μ_k(V)‖ of unit images: whether picks sit where their class sits. ' +
      'Small classes with one pick make it large; it says nothing about captions.',
    of: (evaluated) => evaluated.imageCentreDistance,
  },
  {
    name: 'textCentreDistance',
    label: 'Class centres, captions',
    better: 'neither',
    meaning:
      'The same for captions. Where captions are mismatched the full centres are off too, and a subset of matched pairs ' +
      'moves away from them on purpose.',
    of: (evaluated) => evaluated.textCentreDistance,
  },
  {
    name: 'classesCovered',
    label: 'Classes covered',
    better: 'higher',
    meaning:
      'Latent classes with at least one pick. It counts presence only: a class with one poor pair counts like a class ' +
      'with a hundred good ones.',
    of: (evaluated) => evaluated.classesCovered,
  },
  {
    name: 'shareVariation',
    label: 'Class shares, total variation',
    better: 'neither',
    meaning:
      '½ Σ |share of a class among the picks − among all pairs|: 0 keeps the balance of the data, 1 shares no class with it. ' +
      'Data out of balance may be better changed than kept.',
    of: (evaluated) => evaluated.shareVariation,
  },
  {
    name: 'clipScore',
    label: 'Mean CLIP score',
    better: 'higher',
    meaning:
      'Mean ⟨v, l⟩ under the proxy: how well each image and its own caption agree. It is what clip-score maximises, ' +
      'knows nothing of diversity, and is only as good as the proxy.',
    of: (evaluated) => evaluated.clipScore,
  },
  {
    name: 'duplicateRate',
    label: 'Near-duplicate rate',
    better: 'lower',
    meaning:
      'Share of picks whose image has a cosine above 0.95 to a better-scored pick of the same class. Distinct pictures ' +
      'that the proxy cannot tell apart count as duplicates too.',
    of: (evaluated) => evaluated.duplicateRate,
  },
  {
    name: 'objective',
    label: 'Objective F(S)',
    better: 'higher',
    meaning:
      'The value that ClipCov’s greedy climbs, with this run’s weights. It compares subsets of one size on one dataset, ' +
      'and ClipCov without a filter leads on it by construction.',
    of: (evaluated) => evaluated.objective.value,
  },
  ...linearMeasures(),
];

function linearMeasures(): Measure[] {
  return LINEAR_FORMS.flatMap((form) =>
    (['text', 'image'] as const).flatMap((found) =>
      RECALL_AT.map((k): Measure => {
        const side = found === 'text' ? 'caption of an image' : 'image of a caption';
        return {
          name: `linear-${form}-${found}-${k}`,
          label: `Linear CLIP (${form}), ${found} recall@${k}`,
          better: 'higher',
          meaning:
            `How often the ${side} is among the k nearest of the held-out pairs, by the linear CLIP that is optimal on ` +
            'the subset. It is trained in closed form on the proxy’s embeddings, so it is no forecast of a trained model.',
          of: (evaluated) => evaluated.linear?.[form][found][k] ?? null,
        };
      }),
    ),
  );
}

/** One measure for each labelled set, form and metric; with several sets also the mean over those that have the metric. */
function labelledMeasures({ labelled }: Evaluated): Measure[] {
  const sets = Object.keys(labelled);
  const named = (set: string, form: LinearForm, metric: string, of: Measure['of']): Measure => ({
    name: `on-${set}-${form}-${metric}`,
    label: `Linear CLIP (${form}) on ${set}, ${metric}`,
    better: 'higher',
    meaning:
      'The metric as CLIP_benchmark defines it, of the linear CLIP that is optimal on the subset: trained in closed form on ' +
      'the proxy’s embeddings, so no forecast of a trained model.',
    of,
  });
  const own = sets.flatMap((set) =>
    LINEAR_FORMS.flatMap((form) =>
      Object.keys(labelled[set]![form]).map((metric) =>
        named(set, form, metric, (one) => one.labelled[set]?.[form][metric] ?? null),
      ),
    ),
  );
  if (sets.length < 2) return own;
  const metrics = new Set(sets.flatMap((set) => Object.keys(labelled[set]!.cosine)));
  const means = LINEAR_FORMS.flatMap((form) =>
    [...metrics].map((metric) =>
      named('average', form, metric, ({ labelled: found }) => {
        const values = Object.values(found).flatMap((set) => set[form][metric] ?? []);
        return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
      }),
    ),
  );
  return [...own, ...means];
}

/** A report's columns out of evaluated subsets; several of one name (seeds) become mean ± sd. */
export function evaluationReport(
  columns: { name: string; runs: Evaluated[] }[],
  note: string | null = null,
): EvaluationReport {
  const reported = [...measures, ...labelledMeasures(columns[0]!.runs[0]!)];
  return {
    note,
    measures: reported.map(({ name, label, better, meaning }) => ({ name, label, better, meaning })),
    columns: columns.map(({ name, runs }) => ({
      name,
      pairs: runs[0]!.pairs,
      seeds: runs.length,
      values: Object.fromEntries(
        reported.map((measure) => [measure.name, meanAndDeviation(runs.map(measure.of))]),
      ),
    })),
  };
}

/** Mean and sample standard deviation; null where any value is missing. */
function meanAndDeviation(values: (number | null)[]): { mean: number; sd: number } | null {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const square = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: known.length > 1 ? Math.sqrt(square / (known.length - 1)) : 0 };
}
