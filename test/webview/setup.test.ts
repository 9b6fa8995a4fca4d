import { describe, expect, it } from 'vitest';
import type { Inspection } from '../../server/protocol/dataset.js';
import { parsePipeline } from '../../server/selection/pipeline.js';
import { estimate } from '../../webview/setup/estimate.js';
import { initialValues, parseForm } from '../../webview/setup/formModel.js';
import { applyPreset, PRESET_CHOICES, presetOf } from '../../webview/setup/presets.js';
import { fill, t } from '../../webview/text/l10n.js';

const values = initialValues({ budget: '10%', device: 'auto' });

describe('presets', () => {
  it('starts at the paper’s, and names each one that was chosen', () => {
    expect(presetOf(values)).toBe('paper');
    for (const [name] of PRESET_CHOICES.filter(([choice]) => choice !== 'own')) {
      const preset = applyPreset({ ...values, budget: '7%', seed: '3', device: 'cpu' }, name);
      expect(presetOf(preset)).toBe(name);
      expect([preset.budget, preset.seed, preset.device]).toEqual(['7%', '3', 'cpu']);
      const parsed = parseForm(preset, 1_000);
      expect('options' in parsed && parsePipeline(parsed.options.method!).length).toBeGreaterThan(0);
    }
  });

  it('is the user’s own as soon as something else is set', () => {
    expect(presetOf({ ...values, weights: { ...values.weights, self: '3' } })).toBe('own');
    expect(presetOf({ ...values, method: 'semdedup' })).toBe('own');
    expect(presetOf({ ...values, seed: '9', budget: '50' })).toBe('paper');
    expect(applyPreset({ ...values, method: 'skmm' }, 'own').method).toBe('skmm');
  });
});

describe('the estimate', () => {
  const inspection: Inspection = {
    ...{
      kind: 'table',
      columns: null,
      pairs: 1_010,
      store: '/s',
      storeBytes: 100_000,
      model: 'm',
      embedded: 510,
    },
    skipped: { total: 10, reasons: [] },
  };

  it('takes the time of what is still to be embedded from the last run on that device', () => {
    const rates = { auto: { rate: 50, device: 'cpu (2 threads)' } };
    expect(estimate(inspection, rates, 'auto')).toEqual({
      ...{ usable: 1000, toEmbed: 500, seconds: 10, device: 'cpu (2 threads)', rate: 50, diskBytes: 50_000 },
    });
    expect(estimate(inspection, rates, 'cuda')).toMatchObject({ seconds: null, device: null });
  });

  it('promises nothing where nothing was measured, and no time where nothing is to be done', () => {
    expect(estimate(inspection, {}, 'auto').seconds).toBeNull();
    expect(estimate({ ...inspection, embedded: 1_010 }, {}, 'auto')).toMatchObject({
      toEmbed: 0,
      seconds: 0,
      diskBytes: 0,
    });
    expect(estimate({ ...inspection, embedded: 5_000 }, {}, 'auto').toEmbed).toBe(0);
  });
});

it('fills in what a text names, and leaves what has no value', () => {
  expect(fill('{1} of {0} ({2})', ['a', 3])).toBe('3 of a ({2})');
  // A value is no text to fill in.
  expect(t('{0} and {1}', '{1}', 'b')).toBe('{1} and b');
});
