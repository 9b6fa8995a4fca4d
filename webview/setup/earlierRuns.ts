import { html, nothing, type TemplateResult } from 'lit';
import type { SetupState, UnfinishedRun } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { stageLabel } from '../run/stages.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';

/** A run that was begun and is not done, with what can be done about it. */
export function unfinishedNote(
  { why, stage, percent }: UnfinishedRun,
  busy: boolean,
  act: { resume(): void; discard(): void },
): TemplateResult {
  const place = stage === null ? '' : t('{0}, {1} %', stageLabel(stage), percent);
  return html`<div class="note info" role="status">
    ${icon(why === 'paused' ? 'pause' : 'info')}
    <div>
      <p>
        <strong
          >${why === 'paused' ? t('This run is paused.') : t('This run was interrupted when its window closed.')}</strong
        >
        ${place}
      </p>
      <p>${t('What is done is kept; it goes on with the same settings.')}</p>
      <div class="actions">
        <vscode-button ?disabled=${busy} @click=${() => act.resume()}
          >${icon('play', 'start')}${t('Resume')}</vscode-button
        >
        <vscode-button appearance="secondary" @click=${() => act.discard()}>${t('Discard')}</vscode-button>
      </div>
    </div>
  </div>`;
}

/** Runs on this dataset before, each to be run again as it was. */
export function recentRuns(
  recent: SetupState['recent'],
  busy: boolean,
  repeat: (id: number) => void,
): TemplateResult | typeof nothing {
  if (recent.length === 0) return nothing;
  return html`<section aria-label=${t('Recent runs')}>
    <h2>${t('Recent runs')}</h2>
    <ul class="recent">
      ${recent.map(
        ({ id, label }) =>
          html`<li>
            <span dir="auto">${visibleText(label)}</span>
            <vscode-button
              appearance="secondary"
              aria-label=${t('Repeat {0}', visibleText(label))}
              ?disabled=${busy}
              @click=${() => repeat(id)}
              >${icon('refresh', 'start')}${t('Repeat')}</vscode-button
            >
          </li>`,
      )}
    </ul>
  </section>`;
}
