import { html, nothing, type TemplateResult } from 'lit';
import type { JobProgress, Stage } from '../../server/protocol/progress.js';
import { cssom } from '../dom/cssom.js';
import { icon } from '../dom/icon.js';
import { stageLabel } from '../run/stages.js';
import { count, duration, percent, rate } from '../text/format.js';
import { t } from '../text/l10n.js';

const LABELS: Partial<Record<Stage, string>> = {
  project: t('Finding where images differ'),
  layout: t('Laying out a sample'),
  place: t('Placing all pairs'),
};

/** How far a map is, and how to end that. */
export function progressNote(progress: JobProgress | null, cancel: () => void): TemplateResult {
  const share = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  return html`<div class="waiting">
    <p role="status">
      ${icon('loading')}
      ${progress ? `${LABELS[progress.stage] ?? stageLabel(progress.stage)}: ${percent(share, 1)}` : t('Making the map…')}
      ${progress && progress.rate !== null ? html`<span class="muted">${t('{0} a second', rate(progress.rate))}</span>` : nothing}
      ${progress?.secondsLeft ? html`<span class="muted">${t('{0} left', duration(progress.secondsLeft))}</span>` : nothing}
      ${progress && progress.total > 0 ? html`<span class="unseen">${t('{0} of {1}', count(progress.done), count(progress.total))}</span>` : nothing}
    </p>
    <div class="meter" aria-hidden="true"><div ${cssom({ transform: `scaleX(${share})` })}></div></div>
    <vscode-button appearance="secondary" @click=${cancel}
      >${icon('stop', 'start')}${t('Cancel')}</vscode-button
    >
  </div>`;
}
