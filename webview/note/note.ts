import { html, nothing, type TemplateResult } from 'lit';
import type { PanelError } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { visibleText } from '../text/visible.js';

/** An error in a person's terms: what happened, where, what to do. */
export function errorNote(
  error: PanelError,
  actions: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  return html`<div class="note error" role="alert">
    ${icon('error')}
    <div>
      <p dir="auto"><strong>${visibleText(error.message)}</strong></p>
      ${error.where ? html`<p class="path" dir="auto">${visibleText(error.where)}</p>` : nothing}
      ${error.fix ? html`<p dir="auto">${visibleText(error.fix)}</p>` : nothing}
      ${actions === nothing ? nothing : html`<div class="actions">${actions}</div>`}
    </div>
  </div>`;
}

export function warningNote(text: string): TemplateResult {
  return html`<div class="note warning" role="note">
    ${icon('warning')}
    <div dir="auto">${visibleText(text)}</div>
  </div>`;
}

export function infoNote(text: string): TemplateResult {
  return html`<div class="note info" role="status">
    ${icon('info')}
    <div dir="auto">${visibleText(text)}</div>
  </div>`;
}
