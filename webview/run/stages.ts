import { html, type TemplateResult } from 'lit';
import type { RunState } from '../../server/protocol/panel.js';
import type { Stage } from '../../server/protocol/progress.js';
import { icon } from '../dom/icon.js';
import { t } from '../text/l10n.js';

const STAGES: readonly (readonly [Stage, string])[] = [
  ['classes', t('Classes')],
  ['read', t('Read')],
  ['embed', t('Embed')],
  ['classify', t('Classify')],
  ['select', t('Select')],
  ['write', t('Write')],
  ['evaluate', t('Evaluate')],
];

export function stageLabel(stage: Stage): string {
  return STAGES.find(([name]) => name === stage)?.[1] ?? stage;
}

/** Stages that a job has not; of those that are not named, the picks are saved already. */
const LEFT_OUT: Partial<Record<RunState['job'], readonly Stage[]>> = {
  select: [],
  reselect: [],
  cut: ['evaluate'],
};

/** The stages of a run: what is done, what is going on, what is to come. */
export function stageList(job: RunState['job'], current: Stage | null): TemplateResult {
  const leftOut = LEFT_OUT[job] ?? ['write'];
  const stages = STAGES.filter(([name]) => !leftOut.includes(name));
  const at = stages.findIndex(([name]) => name === current);
  return html`<ol class="stages" aria-label=${t('Stages')}>
    ${stages.map(([, label], index) => {
      const state = index < at ? 'done' : index === at ? 'current' : 'waiting';
      const glyph = state === 'done' ? 'check' : state === 'current' ? 'loading' : 'circle';
      return html`<li class=${state} aria-current=${state === 'current' ? 'step' : 'false'}>
        ${icon(glyph)}<span>${label}</span>${state === 'done' ? html`<span class="unseen">${t('done')}</span>` : ''}
      </li>`;
    })}
  </ol>`;
}
