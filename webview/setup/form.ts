import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { moveFocus } from '../dom/moveFocus.js';
import type { Inspection } from '../../server/protocol/dataset.js';
import type { SetupState } from '../../server/protocol/panel.js';
import type { RunOptions } from '../../server/protocol/panelMessages.js';
import { icon } from '../dom/icon.js';
import { facts, shared } from '../styles/shared.js';
import { count } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { dropdown, textField } from './fields.js';
import { CLASS_HINTS, CLASSES, DEVICES, methodHint, METHODS, WEIGHTS } from './choices.js';
import { BUDGET_FORM, budgetPicks, parseForm, type FormErrors, type FormValues } from './formModel.js';
import { estimate, estimateView } from './estimate.js';
import { formStyles } from './formStyles.js';
import { applyPreset, PRESET_CHOICES, presetOf } from './presets.js';

/** The run's options; `start` fires with them once they make sense. */
@customElement('clipcov-form')
export class RunForm extends LitElement {
  static override styles = [shared, facts, formStyles];

  @property({ attribute: false }) inspection: Inspection | null = null;
  @property({ attribute: false }) values!: FormValues;
  @property({ attribute: false }) rates: SetupState['rates'] = {};
  /** GiB. */
  @property({ type: Number }) memory = 2;
  /** Findings of the dataset report whose pairs are left out, those excepted that were ticked off again. */
  @property({ attribute: false }) without: string[] = [];
  @property({ type: Boolean }) busy = false;
  @state() private kept: ReadonlySet<string> = new Set();
  @state() private errors: FormErrors = {};

  private get usable(): number {
    return this.inspection ? this.inspection.pairs - this.inspection.skipped.total : 0;
  }

  override render(): TemplateResult {
    const { values, errors } = this;
    return html`<form
      aria-label=${t('Selection options')}
      @submit=${(event: Event) => event.preventDefault()}
      @keydown=${(event: KeyboardEvent) => this.onKey(event)}
    >
      <div class="fields">
        ${textField({
          name: 'budget',
          label: t('Budget'),
          value: values.budget,
          error: errors.budget,
          ...(this.budgetHint() ? { hint: this.budgetHint() } : {}),
          onInput: (budget) => this.change({ budget }),
        })}
        ${dropdown({
          name: 'preset',
          label: t('Preset'),
          value: presetOf(values),
          choices: PRESET_CHOICES,
          onChange: (preset) => this.change(applyPreset(values, preset)),
        })}
        ${dropdown({
          name: 'method',
          label: t('Method'),
          value: values.method,
          choices: METHODS,
          hint: methodHint(values.method),
          onChange: (method) => this.change({ method }),
        })}
        ${
          values.method === 'steps'
            ? textField({
                name: 'steps',
                label: t('Steps'),
                value: values.steps,
                error: errors.steps,
                hint: t('Each chooses from what the one before has left; shares are of all pairs'),
                onInput: (steps) => this.change({ steps }),
              })
            : nothing
        }
        ${dropdown({
          name: 'classes',
          label: t('Latent classes'),
          value: values.classes,
          choices: CLASSES,
          hint: CLASS_HINTS[values.classes],
          onChange: (classes) => this.change({ classes }),
        })}
        ${
          values.classes === 'k-means'
            ? textField({
                name: 'kmeans',
                label: t('Number of classes'),
                value: values.kmeans,
                error: errors.kmeans,
                hint: t('Empty for as many as suit the data'),
                onInput: (kmeans) => this.change({ kmeans }),
              })
            : nothing
        }
        ${dropdown({
          name: 'device',
          label: t('Device'),
          value: values.device,
          choices: DEVICES,
          onChange: (device) => this.change({ device }),
        })}
        ${textField({
          name: 'seed',
          label: t('Seed'),
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
            >${t('Skip near duplicates')}</vscode-checkbox
          >
        </div>
        ${
          values.nearDuplicates
            ? textField({
                name: 'epsilon',
                label: t('Near-duplicate distance ε'),
                value: values.epsilon,
                error: errors.epsilon,
                hint: t('Images of a class with a cosine above 1 − ε count as one'),
                onInput: (epsilon) => this.change({ epsilon }),
              })
            : nothing
        }
      </div>
      ${this.without.length > 0 ? this.leftOut() : nothing}
      ${values.method.startsWith('clipcov') || values.method === 'steps' ? this.advanced() : nothing}
      ${
        this.inspection
          ? estimateView(estimate(this.inspection, this.rates, values.device), this.memory)
          : nothing
      }
      <div class="actions">
        <vscode-button ?disabled=${this.busy || this.usable === 0} @click=${() => this.submit()}
          >${icon('play', 'start')}${t('Start')}</vscode-button
        >
        <vscode-button appearance="secondary" ?disabled=${!this.inspection} @click=${() => this.copy()}
          >${icon('copy', 'start')}${t('Copy Command Line')}</vscode-button
        >
        <slot></slot>
      </div>
    </form>`;
  }

  protected override firstUpdated(): void {
    // Enter then starts right away; a focus that is elsewhere stays there.
    moveFocus(this.renderRoot.querySelector<HTMLElement>('vscode-text-field'));
  }

  protected override updated(changed: PropertyValues<this>): void {
    // A problem that was shown is taken back as soon as it is mended.
    if (changed.has('values') && Object.keys(this.errors).length > 0) this.check();
  }

  private leftOut(): TemplateResult {
    return html`<fieldset class="without">
      <legend>${t('Left out, as the dataset report has found them')}</legend>
      ${this.without.map(
        (finding) =>
          html`<vscode-checkbox
            ?checked=${!this.kept.has(finding)}
            @change=${(event: Event) => this.keep(finding, !(event.target as HTMLInputElement).checked)}
            >${visibleText(finding)}</vscode-checkbox
          >`,
      )}
    </fieldset>`;
  }

  private keep(finding: string, kept: boolean): void {
    const others = [...this.kept].filter((one) => one !== finding);
    this.kept = new Set(kept ? [...others, finding] : others);
  }

  private advanced(): TemplateResult {
    const broken = WEIGHTS.some(([name]) => this.errors[name]);
    return html`<details ?open=${broken}>
      <summary>${t('Advanced: weights of the objective')}</summary>
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
    if (!this.inspection) return '';
    const picks = budgetPicks(this.values.budget, this.usable);
    return picks === null ? BUDGET_FORM : t('{0} of {1} pairs', count(picks), count(this.usable));
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
    if (this.busy || this.usable === 0) return;
    this.sendAs('start');
  }

  private copy(): void {
    if (this.inspection) this.sendAs('copy-command');
  }

  private sendAs(event: 'start' | 'copy-command'): void {
    const options = this.check();
    const excludeFindings = this.without.filter((finding) => !this.kept.has(finding));
    if (options)
      this.dispatchEvent(new CustomEvent<RunOptions>(event, { detail: { ...options, excludeFindings } }));
    else
      void this.updateComplete.then(() => moveFocus(this.renderRoot.querySelector<HTMLElement>('.invalid')));
  }
}
