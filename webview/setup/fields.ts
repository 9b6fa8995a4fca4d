import { html, nothing, type TemplateResult } from 'lit';
import { icon } from '../dom/icon.js';

export interface TextField {
  name: string;
  label: string;
  value: string;
  error: string | undefined;
  hint?: string;
  disabled?: boolean;
  onInput(value: string): void;
}

/** A text field with what is wrong with it, or a hint, beneath. */
export function textField(field: TextField): TemplateResult {
  const { name, label, value, error, hint, disabled = false, onInput } = field;
  const note = error ?? hint;
  return html`<div class="field">
    <vscode-text-field
      name=${name}
      class=${error ? 'invalid' : ''}
      aria-label=${note ? `${label}. ${note}` : label}
      aria-invalid=${error ? 'true' : 'false'}
      .value=${value}
      ?disabled=${disabled}
      @input=${(event: Event) => onInput((event.target as HTMLInputElement).value)}
      ><span class="label">${label}</span></vscode-text-field
    >
    ${error ? html`<p class="problem">${icon('error')}${error}</p>` : hint ? html`<p class="hint">${hint}</p>` : nothing}
  </div>`;
}

export interface ChoiceField<T extends string> {
  name: string;
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  hint?: string;
  onChange(value: T): void;
}

/** A choice of a few; the list opens below so that it is never cut off at the top. */
export function dropdown<T extends string>(field: ChoiceField<T>): TemplateResult {
  const { name, label, value, choices, hint, onChange } = field;
  return html`<div class="field">
    <span class="label">${label}</span>
    <vscode-dropdown
      name=${name}
      position="below"
      aria-label=${label}
      @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as T)}
      >${choices.map(
        ([choice, text]) =>
          html`<vscode-option value=${choice} ?selected=${choice === value}>${text}</vscode-option>`,
      )}</vscode-dropdown
    >
    ${hint ? html`<p class="hint">${hint}</p>` : nothing}
  </div>`;
}
