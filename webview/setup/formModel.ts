import type { DeviceChoice } from '../../server/protocol/fields.js';
import type { ClassChoice, RunOptions } from '../../server/protocol/panelMessages.js';
import type { Method, Weights } from '../../server/protocol/selection.js';
import { t } from '../text/l10n.js';

/** One method, or steps of them as typed. */
export type FormMethod = Method | 'steps';

/** What stands in the form, as typed. */
export interface FormValues {
  budget: string;
  method: FormMethod;
  steps: string;
  classes: ClassChoice;
  /** Number of k-means classes; empty for as many as suit the data. */
  kmeans: string;
  nearDuplicates: boolean;
  epsilon: string;
  seed: string;
  device: DeviceChoice;
  weights: Record<keyof Weights, string>;
}

export type FormErrors = Partial<
  Record<'budget' | 'steps' | 'kmeans' | 'epsilon' | 'seed' | keyof Weights, string>
>;

/** The weights of the paper. */
export const PAPER_WEIGHTS: Weights = { cross: 1, self: 2, label: 0.5, inter: 1, redundancy: 1, balance: 0 };

export const BUDGET_FORM = t('Enter a share such as 10%, or a whole number of pairs.');

const WEIGHT_NAMES = Object.keys(PAPER_WEIGHTS) as (keyof Weights)[];
const LARGEST_SEED = 2 ** 32 - 1;

export function initialValues(defaults: { budget: string; device: DeviceChoice }): FormValues {
  return {
    ...defaults,
    method: 'clipcov',
    steps: 'ood:95% | near-duplicates:0.05 | clipcov',
    classes: 'auto',
    kmeans: '',
    nearDuplicates: false,
    epsilon: '0.05',
    seed: '0',
    weights: Object.fromEntries(WEIGHT_NAMES.map((name) => [name, String(PAPER_WEIGHTS[name])])) as Record<
      keyof Weights,
      string
    >,
  };
}

/** How many pairs a budget means, or null where it is no budget. */
export function budgetPicks(budget: string, usable: number): number | null {
  const text = budget.trim();
  const share = /^(\d+)(?:\.(\d+))?\s*%$/.exec(text);
  if (share) {
    // In whole digits, as the server counts: 0.57 % of 10,000 are 57 pairs.
    const [, whole = '', fraction = ''] = share;
    const pairs = (BigInt(whole + fraction) * BigInt(usable)) / 10n ** BigInt(2 + fraction.length);
    return Number(`${whole}.${fraction}`) <= 100 ? Number(pairs) : null;
  }
  return /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/** The options to run with, or what is wrong with each field. */
export function parseForm(
  values: FormValues,
  usable: number,
): { options: RunOptions } | { errors: FormErrors } {
  const errors: FormErrors = {};
  const picks = budgetPicks(values.budget, usable);
  if (picks === null) errors.budget = BUDGET_FORM;
  else if (picks < 1) errors.budget = t('This selects no pair at all.');
  else if (picks > usable) errors.budget = t('There are fewer usable pairs than this.');

  if (values.method === 'steps' && values.steps.trim() === '')
    errors.steps = t("Enter steps such as 'neg-clip-loss:30% | clipcov'.");
  const kmeans = values.kmeans.trim() === '' ? undefined : toNumber(values.kmeans);
  const countsClasses = values.classes === 'k-means' && kmeans !== undefined;
  if (countsClasses && !(Number.isInteger(kmeans) && kmeans >= 1 && kmeans <= 100_000))
    errors.kmeans = t('Enter a whole number from 1 to 100000, or nothing.');

  const epsilon = toNumber(values.epsilon);
  if (values.nearDuplicates && !(epsilon > 0 && epsilon <= 2))
    errors.epsilon = t('Enter a number above 0, at most 2.');

  const seed = toNumber(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED)
    errors.seed = t('Enter a whole number from 0 to {0}.', LARGEST_SEED);

  const weights: Partial<Weights> = {};
  for (const name of WEIGHT_NAMES) {
    const weight = toNumber(values.weights[name]);
    weights[name] = weight;
    if (!Number.isFinite(weight)) errors[name] = t('Enter a number.');
    else if (name === 'redundancy' && weight < 0) errors[name] = t('λ cannot be negative.');
  }
  if (Object.keys(errors).length > 0) return { errors };
  return {
    options: {
      budget: values.budget.replace(/\s/g, ''),
      method: values.method === 'steps' ? values.steps.trim() : values.method,
      classes: values.classes,
      kmeans: countsClasses ? kmeans : undefined,
      nearDuplicates: values.nearDuplicates ? epsilon : undefined,
      seed,
      weights,
      device: values.device,
    },
  };
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
