import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { DeviceChoice, Inspection, RunOptions, Weights } from '../../server/protocol/contract.js';
import { icon } from '../dom/icon.js';
import { shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { dropdown, textField } from './fields.js';
import { budgetPicks, parseForm, type FormErrors, type FormMethod, type FormValues } from './formModel.js';
import { formStyles } from './formStyles.js';

const METHODS: readonly (readonly [FormMethod, string])[] = [
  ['clipcov', 'ClipCov'],
  ['clipcov-pruned', 'ClipCov, pruned'],
  ['clipcov-notebook', 'ClipCov notebook'],
  ['clip-score', 'CLIP score'],
  ['semdedup', 'SemDeDup'],
  ['semdedup-released', 'SemDeDup, released code'],
  ['neg-clip-loss', 'Negative CLIP loss'],
  ['skmm', 'Moment matching'],
  ['random', 'Random'],
];
const METHOD_HINTS: Record<FormMethod, string> = {
  clipcov: 'Keeps the cross-covariance',
  'clipcov-pruned': 'Leaves out picks that cost more than they bring',
  'clipcov-notebook': 'Follows the authors’ released notebook',
  'clip-score': 'Takes the best matching pairs',
  semdedup: 'Keeps one of each group of like images',
  'semdedup-released': 'Skips images like a less typical one',
  'neg-clip-loss': 'Takes pairs that match each other alone',
  skmm: 'Matches second moments in a sketch',
  random: 'Takes any pairs, as a baseline',
};
const DEVICES: readonly (readonly [DeviceChoice, string])[] = [
  ['auto', 'Automatic'],
  ['cpu', 'CPU'],
  ['cuda', 'CUDA'],
  ['webgpu', 'WebGPU'],
  ['dml', 'DirectML'],
  ['coreml', 'Core ML'],
];
const WEIGHTS: readonly (readonly [keyof Weights, string, string])[] = [
  ['cross', 'Cross', 'Stands for the cross-covariance of its class'],
  ['self', 'Self', 'Agreement of image and caption'],
  ['label', 'Label', 'Agreement of caption and class'],
  ['inter', 'Inter', 'Confusion with other classes'],
  ['redundancy', 'Redundancy λ', 'Similarity among the picks'],
  ['balance', 'Balance β', 'Evens out the classes'],
];

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
      ${values.method === 'clipcov' ? this.advanced() : nothing}
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
