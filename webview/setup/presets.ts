import { t } from '../text/l10n.js';
import { initialValues, PAPER_WEIGHTS, type FormValues } from './formModel.js';

export type PresetName = 'paper' | 'noisy' | 'duplicates' | 'quick' | 'baseline' | 'own';

/** What a preset decides; budget, seed, device and classes stay as they are. */
type Decided = Pick<FormValues, 'method' | 'steps' | 'nearDuplicates' | 'epsilon' | 'weights'>;

const initial = initialValues({ budget: '', device: 'auto' });
const PAPER: Decided = {
  method: 'clipcov',
  steps: initial.steps,
  nearDuplicates: false,
  epsilon: initial.epsilon,
  weights: initial.weights,
};

const PRESETS: Record<Exclude<PresetName, 'own'>, Decided> = {
  paper: PAPER,
  noisy: { ...PAPER, method: 'steps', steps: 'clip-score:60% | clipcov' },
  duplicates: { ...PAPER, nearDuplicates: true },
  quick: { ...PAPER, method: 'clip-score' },
  baseline: { ...PAPER, method: 'random' },
};

export const PRESET_CHOICES: readonly (readonly [PresetName, string])[] = [
  ['paper', t('As in the paper')],
  ['noisy', t('Many mismatched pairs')],
  ['duplicates', t('Many near duplicates')],
  ['quick', t('Best matches only')],
  ['baseline', t('Random baseline')],
  ['own', t('Own settings')],
];

/** The preset that the form stands at, `own` where it is none of them. */
export function presetOf(values: FormValues): PresetName {
  const found = Object.entries(PRESETS).find(([, decided]) => isAsDecided(values, decided));
  return (found?.[0] as PresetName | undefined) ?? 'own';
}

export function applyPreset(values: FormValues, name: PresetName): FormValues {
  return name === 'own' ? values : { ...values, ...PRESETS[name] };
}

/** What a choice hides says nothing: steps count where they are run, weights where a method has them. */
function isAsDecided(values: FormValues, decided: Decided): boolean {
  if (values.method !== decided.method || values.nearDuplicates !== decided.nearDuplicates) return false;
  if (values.method === 'steps' && values.steps.trim() !== decided.steps) return false;
  if (values.nearDuplicates && Number(values.epsilon) !== Number(decided.epsilon)) return false;
  if (values.method !== 'clipcov' && values.method !== 'steps') return true;
  return Object.entries(PAPER_WEIGHTS).every(
    ([name, weight]) => Number(values.weights[name as keyof typeof PAPER_WEIGHTS]) === weight,
  );
}
