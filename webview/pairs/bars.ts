import { html, nothing, type TemplateResult } from 'lit';
import type { PairMark, PairsState, PanelCommand } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { errorNote } from '../note/note.js';
import { stageLabel } from '../run/stages.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import type { Section } from './layout.js';

type Act = (command: PanelCommand) => void;

/** What was marked, and what can be done with it. */
export function marksBar(
  marks: Record<PairMark, number[]>,
  busy: boolean,
  act: Act,
): TemplateResult | typeof nothing {
  const [forcedIn, forcedOut] = [marks.in.length, marks.out.length];
  if (forcedIn + forcedOut === 0) return nothing;
  return html`<section class="bar" aria-label=${t('Marked pairs')}>
    <span role="status">${t('{0} forced in, {1} forced out', count(forcedIn), count(forcedOut))}</span>
    <vscode-button ?disabled=${busy} @click=${() => act('reselect')}
      >${icon('refresh', 'start')}${t('Select Again With These…')}</vscode-button
    >
    <vscode-button appearance="secondary" @click=${() => act('clearMarks')}
      >${t('Clear Marks')}</vscode-button
    >
  </section>`;
}

/** Says that more can be known than the picks, and gets it. */
export function readPrompt({ reading, error }: PairsState, all: number, act: Act): TemplateResult {
  if (reading) {
    const how = reading.stage
      ? t('{0}, {1} percent', stageLabel(reading.stage), reading.percent)
      : t('waiting for the server');
    return html`<div class="empty">
      <p>${icon('loading')} ${t('Reading all pairs: {0}', how)}</p>
      <progress max="100" value=${reading.percent} aria-label=${t('Reading all pairs')}></progress>
      <vscode-button appearance="secondary" @click=${() => act('stopReading')}>${t('Stop')}</vscode-button>
    </div>`;
  }
  return html`<div class="empty">
    ${error ? errorNote(error) : nothing}
    <p>
      ${t('Only the picks are at hand so far. Read all {0} pairs once to see what was not picked, and every term of the gain. The next time they are there at once.', count(all))}
    </p>
    <vscode-button @click=${() => act('readPairs')}>${t('Read All Pairs')}</vscode-button>
  </div>`;
}

/** Says why a table of picks has no terms, and gets them. */
export function missingTermsBar(pairs: PairsState, all: number, act: Act): TemplateResult | typeof nothing {
  if (pairs.complete) return nothing;
  if (pairs.reading || pairs.error) return readPrompt(pairs, all, act);
  return html`<section class="bar" aria-label=${t('Terms of the gain')}>
    <span>${t('The terms of the gain are there once all pairs were read.')}</span>
    <vscode-button appearance="secondary" @click=${() => act('readPairs')}
      >${t('Read All Pairs')}</vscode-button
    >
  </section>`;
}

export function nothingFound(filtered: boolean, clear: () => void): TemplateResult {
  return html`<div class="empty">
    <p>${filtered ? t('No pair meets these filters.') : t('There are no pairs to show.')}</p>
    ${filtered ? html`<vscode-button @click=${clear}>${t('Clear Filters')}</vscode-button>` : nothing}
  </div>`;
}

/** Ways through a list that stands under headings. */
export function sectionBar(
  sections: readonly Section[],
  act: { jump(section: number): void; fold(collapsed: boolean): void },
): TemplateResult {
  const jump = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    if (select.value !== '') act.jump(Number(select.value));
    select.value = '';
  };
  return html`<div class="bar" role="group" aria-label=${t('Classes')}>
    <label class="choice"
      ><span>${t('Go to class')}</span
      ><select @change=${jump}>
        <option value=""></option>
        ${sections.map(
          ({ name, pairs }, i) =>
            html`<option value=${i}>
              ${name === null ? t('Without a class') : visibleText(name)} (${count(pairs)})
            </option>`,
        )}
      </select></label
    >
    <button type="button" class="tool text" @click=${() => act.fold(true)}>${t('Collapse All')}</button>
    <button type="button" class="tool text" @click=${() => act.fold(false)}>${t('Expand All')}</button>
  </div>`;
}
