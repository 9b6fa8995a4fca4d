import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { RunState } from '../../server/protocol/panel.js';
import type { JobProgress } from '../../server/protocol/progress.js';
import { cssom } from '../dom/cssom.js';
import { icon } from '../dom/icon.js';
import { cardStyles } from '../grid/cardStyles.js';
import { errorNote, infoNote } from '../note/note.js';
import { notes, shared } from '../styles/shared.js';
import { count, duration, rate } from '../text/format.js';
import { t } from '../text/l10n.js';
import { visibleText } from '../text/visible.js';
import { Announcer } from './announcer.js';
import { previewList } from './previews.js';
import { runStyles } from './runStyles.js';
import { stageLabel, stageList } from './stages.js';

/** A run: its stages, its figures, a sample of its work, and how it ended. */
@customElement('clipcov-run')
export class RunView extends LitElement {
  static override styles = [shared, notes, cardStyles, runStyles];

  @property({ attribute: false }) run!: RunState;
  /** Off where the picks themselves are shown beneath. */
  @property({ type: Boolean }) previews = false;
  private readonly announcer = new Announcer();

  override render(): TemplateResult {
    const { status, error } = this.run;
    const going = isGoing(status);
    return html`${going ? this.going() : nothing}
      ${status === 'cancelled' ? infoNote(t('Cancelled. Run it again to go on: finished parts are kept.')) : nothing}
      ${
        status === 'failed' && error
          ? errorNote(
              error,
              html`<vscode-button appearance="secondary" @click=${() => this.fire('show-log')}
                >${icon('output', 'start')}${t('Show Log')}</vscode-button
              >`,
            )
          : nothing
      }
      <p class="unseen" aria-live="polite">${this.announcer.say(this.run)}</p>
      ${this.previews && going ? previewList(this.run.previews) : nothing}`;
  }

  private going(): TemplateResult {
    const { job, progress, status } = this.run;
    const stopping = status !== 'running';
    return html`<div class="top">
        ${stageList(job, progress?.stage ?? null)}
        <div class="buttons">
          ${
            job === 'select'
              ? html`<vscode-button
                  appearance="secondary"
                  title=${t('Ends the run so that it can be resumed, also after VS Code was closed')}
                  ?disabled=${stopping}
                  @click=${() => this.fire('pause-run')}
                  >${icon('pause', 'start')}${status === 'pausing' ? t('Pausing…') : t('Pause')}</vscode-button
                >`
              : nothing
          }
          <vscode-button appearance="secondary" ?disabled=${stopping} @click=${() => this.fire('cancel-run')}
            >${icon('stop', 'start')}${status === 'cancelling' ? t('Cancelling…') : t('Cancel')}</vscode-button
          >
        </div>
      </div>
      ${progress ? bar(progress) : html`<p class="muted">${t('Starting…')}</p>`}`;
  }

  private fire(name: 'cancel-run' | 'pause-run' | 'show-log'): void {
    this.dispatchEvent(new CustomEvent(name));
  }
}

/** Whether a run is still under way, be it to its end. */
export function isGoing(status: RunState['status'] | undefined): boolean {
  return status === 'running' || status === 'cancelling' || status === 'pausing';
}

/** What is counted, in the language of the page; a unit of a later server is named as it says. */
function unitLabel(unit: string): string {
  const known: Record<string, string> = {
    pairs: t('pairs'),
    prompts: t('prompts'),
    files: t('files'),
    iterations: t('iterations'),
    subsets: t('subsets'),
  };
  return known[unit] ?? unit;
}

/** The bar is a new one in each stage: it must not be seen to run backwards. */
function bar(progress: JobProgress): TemplateResult {
  const { stage, done, total, unit, secondsLeft, device, skipped } = progress;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return html`<div
      class="bar"
      role="progressbar"
      aria-label=${stageLabel(stage)}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.floor(share * 100)}
    >
      ${keyed(stage, html`<div ${cssom({ transform: `scaleX(${share})` })}></div>`)}
    </div>
    <dl class="figures">
      ${figure(t('Done'), t('{0} of {1} {2} ({3} %)', count(done), count(total), unitLabel(unit), Math.floor(share * 100)))}
      ${progress.rate === null ? nothing : figure(t('Rate'), `${rate(progress.rate)} ${unitLabel(unit)}/s`)}
      ${secondsLeft === null ? nothing : figure(t('Time left'), duration(secondsLeft))}
      ${figure(t('Device'), visibleText(device))} ${figure(t('Skipped'), count(skipped))}
    </dl>`;
}

function figure(name: string, value: string): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
