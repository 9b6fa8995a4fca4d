import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { ResultView } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { infoNote } from '../note/note.js';
import { notes, shared } from '../styles/shared.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { modelsTable } from './modelsTable.js';
import { resultStyles } from './resultStyles.js';
import { budgetTables } from './budgetTables.js';
import './findingsView.js';

/** What an evaluation of models, a comparison of methods, or a look at a dataset has found. */
@customElement('clipcov-result')
export class ResultPage extends LitElement {
  static override styles = [shared, notes, resultStyles];

  @property({ attribute: false }) result!: ResultView;
  @property({ type: Boolean }) busy = false;
  /** Findings whose pairs are to be left out. */
  @property({ attribute: false }) ticked: readonly string[] = [];

  override render(): TemplateResult {
    const { result } = this;
    switch (result.kind) {
      case 'models':
        return modelsTable(result.evaluation);
      case 'sweep':
        return html`${this.save()}
          ${infoNote(t('No measure taken before training is an accuracy: what a table leads in is what its row says, by this model.'))}
          <p class="muted">${t('Latent classes')}: ${visibleText(result.sweep.classes)}</p>
          ${budgetTables(result.sweep.budgets, 'title')}`;
      case 'evaluations':
        return result.kept.groups.length === 0
          ? infoNote(
              t(
                'Nothing has been measured yet. “ClipCov: Compare Methods…” measures methods beside each other.',
              ),
            )
          : html`${result.kept.groups.map(
              ({ classes, holdout, on, budgets }) =>
                html`<section class="group">
                  <h2 dir="auto">${visibleText(classes)}</h2>
                  ${holdout === null ? nothing : html`<p class="muted">${t('Held out')}: ${visibleText(holdout)}</p>`}
                  ${on.length === 0 ? nothing : html`<p class="muted">${t('Labelled sets')}: ${visibleText(on.join(', '))}</p>`}
                  ${budgetTables(budgets, 'group')}
                </section>`,
            )}`;
      case 'dataset':
        return html`${this.save()}
          <clipcov-findings
            .report=${result.report}
            .listed=${result.listed}
            .busy=${this.busy}
            .ticked=${this.ticked}
          ></clipcov-findings>`;
    }
  }

  private save(): TemplateResult {
    return html`<div class="actions">
      <vscode-button
        appearance="secondary"
        ?disabled=${this.busy}
        @click=${() => this.dispatchEvent(new CustomEvent('save-report'))}
        >${icon('export', 'start')}${t('Save Report…')}</vscode-button
      >
    </div>`;
  }
}
