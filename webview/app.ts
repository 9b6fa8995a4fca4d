import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { PairFilter } from '../server/protocol/pairView.js';
import type { PairMark, PanelCommand, PanelState, SetupState } from '../server/protocol/panel.js';
import type { RunOptions } from '../server/protocol/panelMessages.js';
import { appStyles } from './appStyles.js';
import { icon } from './dom/icon.js';
import { Host } from './host.js';
import { errorNote } from './note/note.js';
import { FIRST_LOOK, type Look } from './pairs/look.js';
import { initialValues, type FormValues } from './setup/formModel.js';
import { isGoing } from './run/runView.js';
import { recentRuns, unfinishedNote } from './setup/earlierRuns.js';
import { inspectionView } from './setup/inspectionView.js';
import { facts, notes, shared } from './styles/shared.js';
import { TABS, type Tab } from './subset/subsetView.js';
import { count } from './text/format.js';
import { t } from './text/l10n.js';
import { visibleText } from './text/visible.js';

/** What survives hiding the page. */
interface Remembered {
  source: string;
  form: FormValues;
  tab: Tab;
  look: Look;
  ticked: string[];
}

/** The whole page: it draws the host's snapshot, and holds only what a user has typed or chosen. */
@customElement('clipcov-app')
export class ClipcovApp extends LitElement {
  static override styles = [shared, facts, notes, appStyles];

  @state() private panel: PanelState | null = null;
  @state() private form: FormValues | null = null;
  @state() private tab: Tab = 'pairs';
  @state() private look: Look = FIRST_LOOK;
  /** The form is asked for although there is a subset to show. */
  @state() private again = false;
  /** Findings of a dataset report whose pairs are to be left out. */
  @state() private ticked: string[] = [];
  private readonly host = new Host((panel) => this.take(panel));

  override connectedCallback(): void {
    super.connectedCallback();
    const { form, tab, look, ticked } = this.host.remembered<Remembered>();
    this.form = form ?? null;
    this.tab = tab && TABS.includes(tab) ? tab : 'pairs';
    this.look = look ?? FIRST_LOOK;
    this.ticked = ticked ?? [];
    this.host.ready();
  }

  override render(): TemplateResult {
    const { panel } = this;
    if (!panel) return html`<main class="page">${wait(t('Loading…'))}</main>`;
    return html`${this.header(panel)} ${this.content(panel)}`;
  }

  private get busy(): boolean {
    return isGoing(this.panel?.run?.status);
  }

  private take(panel: PanelState): void {
    if (panel.setup) {
      this.form ??= initialValues(panel.setup.defaults);
      this.host.remember({ source: panel.setup.source });
    }
    // Whoever chose what to leave out wants to see the form.
    const { without = [] } = this.panel?.setup ?? {};
    if (panel.setup?.without.length && panel.setup.without.join() !== without.join()) this.again = true;
    const before = this.panel?.run?.status;
    if (!isGoing(before) && panel.run?.status === 'running') this.again = false;
    // Whoever asked for an evaluation, from wherever, wants to see it.
    if (isGoing(before) && panel.run?.status === 'done' && panel.run.job === 'evaluate')
      this.choose('evaluation');
    this.panel = panel;
  }

  private content(panel: PanelState): TemplateResult {
    if (panel.place === 'result') return this.result(panel);
    const { setup, run, subset, error } = panel;
    const retry = html`<vscode-button appearance="secondary" @click=${() => this.host.command('retry')}
        >${icon('refresh', 'start')}${t('Try Again')}</vscode-button
      ><vscode-button appearance="secondary" @click=${() => this.host.command('showLog')}
        >${icon('output', 'start')}${t('Show Log')}</vscode-button
      >`;
    if (subset && !this.again)
      return html`${run && run.status !== 'done' ? html`<section aria-label=${t('Run')}>${this.run(panel)}</section>` : nothing}
        <main>
          <clipcov-subset
            .subset=${subset}
            .queries=${this.host}
            .mapping=${panel.map ?? null}
            @show-pairs=${({ detail }: CustomEvent<PairFilter>) => this.showPairs(detail)}
            .tab=${this.tab}
            .pairs=${panel.pairs}
            .look=${this.look}
            .busy=${this.busy}
            @change-look=${(event: CustomEvent<Look>) => this.lookAt(event.detail)}
            @mark=${({ detail }: CustomEvent<{ ids: number[]; how: PairMark | null }>) =>
              this.host.mark(detail.ids, detail.how)}
            @cut=${({ detail }: CustomEvent<number>) => this.host.cut(detail)}
            @reveal=${({ detail }: CustomEvent<number>) => this.host.reveal(detail)}
            @command=${({ detail }: CustomEvent<PanelCommand>) => this.host.command(detail)}
            @choose-tab=${(event: CustomEvent<Tab>) => this.choose(event.detail)}
            @evaluate=${() => this.evaluate()}
          ></clipcov-subset>
        </main>`;
    if (this.busy) return html`<main class="page">${this.run(panel)}</main>`;
    return html`<main class="page">
      <div class="column">
        ${error ? errorNote(error, setup ? nothing : retry) : nothing}
        ${run && run.status !== 'done' && run.status !== 'paused' && !subset ? this.run(panel) : nothing}
        ${setup ? this.setup(setup, retry) : error ? nothing : wait(t('Opening the subset…'))}
      </div>
    </main>`;
  }

  private result(panel: PanelState): TemplateResult {
    const { run, result, error } = panel;
    return html`<main class="page">
      ${error ? errorNote(error) : nothing} ${run && run.status !== 'done' ? this.run(panel) : nothing}
      ${
        result
          ? html`<clipcov-result
              .result=${result}
              .busy=${this.busy}
              .ticked=${this.ticked}
              @tick-findings=${({ detail }: CustomEvent<string[]>) => this.tick(detail)}
              @save-report=${() => this.host.command('saveReport')}
              @list-finding=${({ detail }: CustomEvent<string>) => this.host.listFinding(detail)}
              @select-without=${({ detail }: CustomEvent<string[]>) => this.host.selectWithout(detail)}
              @open-image=${({ detail }: CustomEvent<number>) => this.host.openImage(detail)}
            ></clipcov-result>`
          : nothing
      }
    </main>`;
  }

  private setup(setup: SetupState, retry: TemplateResult): TemplateResult {
    const { inspection, looked, error, memory, rates, recent, unfinished, without } = setup;
    if (error)
      return errorNote(
        error,
        ['column-missing', 'columns-damaged'].includes(error.code)
          ? html`<vscode-button @click=${() => this.host.command('chooseColumns')}
                >${t('Choose Columns…')}</vscode-button
              >${retry}`
          : retry,
      );
    if (!inspection)
      return html`${wait(t('Looking at the dataset…'))}
        ${looked ? html`<p class="muted">${t('{0} pairs', count(looked))}</p>` : nothing}
        <div>
          <vscode-button appearance="secondary" @click=${() => this.host.command('stopLooking')}
            >${t('Stop')}</vscode-button
          >
        </div>`;
    const act = {
      resume: () => this.host.command('resume'),
      discard: () => this.host.command('discard'),
    };
    return html`${unfinished ? unfinishedNote(unfinished, this.busy, act) : nothing}
      <section>
        <h2>${t('Dataset')}</h2>
        ${inspectionView(inspection, () => this.host.command('chooseColumns'))}
      </section>
      <section>
        <h2>${t('Selection')}</h2>
        <clipcov-form
          .inspection=${inspection}
          .values=${this.form}
          .rates=${rates}
          .memory=${memory}
          .without=${without}
          .busy=${this.busy}
          @change-values=${(event: CustomEvent<FormValues>) => this.type(event.detail)}
          @start=${(event: CustomEvent<RunOptions>) => this.host.start(event.detail)}
          @copy-command=${(event: CustomEvent<RunOptions>) => this.host.copyCommand(event.detail)}
        >
          <vscode-button appearance="secondary" @click=${() => this.host.command('chooseModel')}
            >${t('Choose Model…')}</vscode-button
          >
          ${
            this.panel?.subset
              ? html`<vscode-button appearance="secondary" @click=${() => (this.again = false)}
                  >${t('Back to Subset')}</vscode-button
                >`
              : nothing
          }
        </clipcov-form>
      </section>
      ${recentRuns(recent, this.busy, (id) => this.host.repeat(id))}`;
  }

  private run({ run, subset }: PanelState): TemplateResult | typeof nothing {
    if (!run) return nothing;
    return html`<clipcov-run
      .run=${run}
      .previews=${subset === null}
      @cancel-run=${() => this.host.cancel()}
      @pause-run=${() => this.host.pause()}
      @show-log=${() => this.host.command('showLog')}
    ></clipcov-run>`;
  }

  private header(panel: PanelState): TemplateResult {
    const { setup, subset, place, result } = panel;
    if (result) return html`<header><h1 dir="auto">${visibleText(result.title)}</h1></header>`;
    const path = (this.again ? setup?.source : subset?.path) ?? setup?.source ?? '';
    const name = setup
      ? (setup.source.split(/[\\/]/).filter(Boolean).at(-1) ?? setup.source)
      : (subset?.name ?? '');
    if (!name) return html`<header class="unseen"><h1>ClipCov</h1></header>`;
    return html`<header>
      <div class="title">
        <h1 dir="auto">${visibleText(name)}</h1>
        <p class="path muted">${visibleText(path)}</p>
      </div>
      ${
        subset && !this.again
          ? html`<div class="actions">
              ${place === 'panel' ? this.button(t('New Selection'), 'settings', () => (this.again = true)) : nothing}
              ${this.button(t('Evaluate'), 'beaker', () => this.evaluate())}
              ${place === 'panel' ? this.button(t('Open Preview'), 'preview', () => this.host.command('openSubset')) : nothing}
              <vscode-button @click=${() => this.host.command('export')}
                >${icon('export', 'start')}${t('Export…')}</vscode-button
              >
            </div>`
          : nothing
      }
    </header>`;
  }

  private button(label: string, glyph: 'settings' | 'beaker' | 'preview', act: () => void): TemplateResult {
    const disabled = this.busy && glyph !== 'preview';
    return html`<vscode-button appearance="secondary" ?disabled=${disabled} @click=${act}
      >${icon(glyph, 'start')}${label}</vscode-button
    >`;
  }

  private evaluate(): void {
    this.choose('evaluation');
    this.host.command('evaluate');
  }

  private type(form: FormValues): void {
    this.form = form;
    this.host.remember({ form });
  }

  private tick(ticked: string[]): void {
    this.ticked = ticked;
    this.host.remember({ ticked });
  }

  private lookAt(look: Look): void {
    this.look = look;
    this.host.remember({ look });
  }

  /** The pairs that meet a condition more, picked or not as they were looked at before. */
  private showPairs(where: PairFilter): void {
    const { view } = this.look;
    this.lookAt({ ...this.look, view: { ...view, where: { ...view.where, ...where } } });
    this.choose('pairs');
  }

  private choose(tab: Tab): void {
    this.tab = tab;
    this.host.remember({ tab });
  }
}

function wait(text: string): TemplateResult {
  return html`<p class="wait muted" role="status">${icon('loading')}${text}</p>`;
}
