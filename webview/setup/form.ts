import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Inspection, RunOptions } from '../../server/protocol/contract.js';
import { icon } from '../dom/icon.js';
import { shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { dropdown, textField } from './fields.js';
import { CLASS_HINTS, CLASSES, DEVICES, METHOD_HINTS, METHODS, WEIGHTS } from './choices.js';
import { budgetPicks, parseForm, type FormErrors, type FormValues } from './formModel.js';
import { formStyles } from './formStyles.js';

/** The run's options; `start` fires with them once they make sense. */
@customElement('clipcov-form')
export class RunForm extends LitElement {
  static override styles = [shared, formStyles];

  @property({ attribute: false }) inspection: Inspection | null = null;
  @property({ attribute: false }) values!: FormValues;
  @property({ type: Boolean }) busy = false;
  @state() private errors: FormErrors = {};

  private get usable(): number {
    return this.inspection ? this.inspection.pairs - this.inspection.skipped.total : 0;
  }

  override render(): TemplateResult {
    const { values, errors } = this;
    return html`<form
      aria-label="Selection options"
      @submit=${(event: Event) => event.preventDefault()}
      @keydown=${(event: KeyboardEvent) => this.onKey(event)}
    >
      <div class="fields">
        ${textField({
          name: 'budget',
          label: 'Budget',
          value: values.budget,
          error: errors.budget,
          ...(this.budgetHint() ? { hint: this.budgetHint() } : {}),
          onInput: (budget) => this.change({ budget }),
        })}
        ${dropdown({
          name: 'method',
          label: 'Method',
          value: values.method,
          choices: METHODS,
          hint: METHOD_HINTS[values.method],
          onChange: (method) => this.change({ method }),
        })}
        ${
          values.method === 'steps'
            ? textField({
                name: 'steps',
                label: 'Steps',
                value: values.steps,
                error: errors.steps,
                hint: 'Each chooses from what the one before has left; shares are of all pairs',
                onInput: (steps) => this.change({ steps }),
              })
            : nothing
        }
        ${dropdown({
          name: 'classes',
          label: 'Latent classes',
          value: values.classes,
          choices: CLASSES,
          hint: CLASS_HINTS[values.classes],
          onChange: (classes) => this.change({ classes }),
        })}
        ${
          values.classes === 'k-means'
            ? textField({
                name: 'kmeans',
                label: 'Number of classes',
                value: values.kmeans,
                error: errors.kmeans,
                hint: 'Empty for as many as suit the data',
                onInput: (kmeans) => this.change({ kmeans }),
              })
            : nothing
        }
        ${dropdown({
          name: 'device',
          label: 'Device',
          value: values.device,
          choices: DEVICES,
          onChange: (device) => this.change({ device }),
        })}
        ${textField({
          name: 'seed',
          label: 'Seed',
          value: values.seed,
          error: errors.seed,
          onInput: (seed) => this.change({ seed }),
        })}
        <div class="field check ${values.nearDuplicates ? 'beside' : ''}">
          <vscode-checkbox
            name="nearDuplicates"
            ?checked=${values.nearDuplicates}
            @change=${(event: Event) =>
              this.change({ nearDuplicates: (event.target as HTMLInputElement).checked })}
            >Skip near duplicates</vscode-checkbox
          >
        </div>
        ${
          values.nearDuplicates
            ? textField({
                name: 'epsilon',
                label: 'Near-duplicate distance ε',
                value: values.epsilon,
                error: errors.epsilon,
                hint: 'Images of a class with a cosine above 1 − ε count as one',
                onInput: (epsilon) => this.change({ epsilon }),
              })
            : nothing
        }
      </div>
      ${values.method.startsWith('clipcov') || values.method === 'steps' ? this.advanced() : nothing}
      <div class="actions">
        <vscode-button ?disabled=${this.busy || !this.inspection} @click=${() => this.submit()}
          >${icon('play', 'start')}Start</vscode-button
        >
        <slot></slot>
      </div>
    </form>`;
  }

  protected override firstUpdated(): void {
    // Enter then starts right away; a focus that is elsewhere stays there.
    if (document.hasFocus()) this.renderRoot.querySelector<HTMLElement>('vscode-text-field')?.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    // A problem that was shown is taken back as soon as it is mended.
    if (changed.has('values') && Object.keys(this.errors).length > 0) this.check();
  }

  private advanced(): TemplateResult {
    const broken = WEIGHTS.some(([name]) => this.errors[name]);
    return html`<details ?open=${broken}>
      <summary>Advanced: weights of the objective</summary>
      <div class="fields">
        ${WEIGHTS.map(([name, label, hint]) =>
          textField({
            name,
            label,
            hint,
            value: this.values.weights[name],
            error: this.errors[name],
            onInput: (text) => this.change({ weights: { ...this.values.weights, [name]: text } }),
          }),
        )}
      </div>
    </details>`;
  }

  private budgetHint(): string {
    const picks = this.inspection ? budgetPicks(this.values.budget, this.usable) : null;
    return picks === null ? '' : `${count(picks)} of ${count(this.usable)} pairs`;
  }

  private change(change: Partial<FormValues>): void {
    const detail = { ...this.values, ...change };
    this.dispatchEvent(new CustomEvent<FormValues>('change-values', { detail }));
  }

  private onKey(event: KeyboardEvent): void {
    const inText = event.composedPath().some((node) => (node as Element).localName === 'vscode-text-field');
    if (event.key === 'Enter' && inText && !event.isComposing) this.submit();
  }

  private check(): RunOptions | null {
    const parsed = parseForm(this.values, this.usable);
    this.errors = 'errors' in parsed ? parsed.errors : {};
    return 'options' in parsed ? parsed.options : null;
  }

  private submit(): void {
    if (this.busy || !this.inspection) return;
    const options = this.check();
    if (options) this.dispatchEvent(new CustomEvent<RunOptions>('start', { detail: options }));
    else void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>('.invalid')?.focus());
  }
}
