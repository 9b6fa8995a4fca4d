import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { Inspection } from '../../server/protocol/dataset.js';
import type { PanelError, SetupState } from '../../server/protocol/panel.js';
import type { Services } from '../services.js';
import { readSettings, sourceParams } from '../settings/settings.js';
import { reached } from '../text/milestones.js';
import { askColumns } from './askColumns.js';
import { toPanelError } from './errors.js';

/** What the form of a panel shows: what is known of its dataset, and of earlier runs. */
export class SetupForm {
  /** Ends the look at the dataset that is under way. */
  private looking: vscode.CancellationTokenSource | null = null;
  private disposed = false;

  constructor(
    private readonly services: Services,
    private state: SetupState,
    private readonly changed: (state: SetupState) => void,
  ) {}

  static stateOf(services: Services, source: string): SetupState {
    const { budget, device, memory } = readSettings();
    return {
      ...{ source, inspection: null, looked: 0, error: null, memory, rates: {} },
      ...{ defaults: { budget, device }, without: [] },
      ...services.kept.shown(source),
    };
  }

  /** What is known of the model that embeds. */
  get model(): string | null {
    return this.state.inspection?.model ?? null;
  }

  get columns(): Inspection['columns'] {
    return this.state.inspection?.columns ?? null;
  }

  /** Asks what columns to take of a table that calls them otherwise, and looks at it by these. */
  async chooseColumns(): Promise<void> {
    try {
      const columns = await askColumns(this.services.server, this.state.source);
      if (columns && !this.disposed) await this.inspect(false, columns);
    } catch (error) {
      this.services.log.error(error);
      if (!this.disposed) this.set({ inspection: null, error: toPanelError(error) });
    }
  }

  /**
   * `again`: after a run, which changed no more than what is embedded; the form stays as it is meanwhile. Columns stay with the
   * dataset from then on.
   */
  async inspect(again = false, columns?: RequestParams<'inspect'>['columns']): Promise<void> {
    const { memory } = readSettings();
    this.looking?.cancel();
    const looking = (this.looking = new vscode.CancellationTokenSource());
    // Where a later look has begun, this one has nothing to say any more.
    const set = (change: Partial<SetupState>): void => {
      if (this.looking === looking) this.set(change);
    };
    if (!again) set({ inspection: null, looked: 0, error: null, memory });
    try {
      const params = { ...sourceParams(this.state.source), ...(columns && { columns }) };
      const inspection = await this.services.server.request('inspect', params, {
        token: looking.token,
        onProgress: ({ done }) => again || set({ looked: done }),
      });
      reached('hasDataset');
      set({ inspection, error: null, rates: this.services.kept.rates(inspection.model) });
    } catch (error) {
      if (looking.token.isCancellationRequested) return set({ error: this.stopped() });
      this.services.log.error(error);
      set({ inspection: null, error: toPanelError(error) });
    }
  }

  /** Stops the look at the dataset. */
  stop(): void {
    this.looking?.cancel();
  }

  /** Stops it without a word: nobody looks any more. */
  dispose(): void {
    this.stop();
    this.looking = null;
    this.disposed = true;
  }

  private stopped(): PanelError {
    return {
      message: vscode.l10n.t('Looking at the dataset was stopped.'),
      ...{ code: 'cancelled', where: this.state.source },
      fix: vscode.l10n.t('Try again to select from it.'),
    };
  }

  /** The next selection leaves out the pairs of these findings of the dataset report. */
  leaveOut(findings: string[]): void {
    this.set({ without: findings });
  }

  /** Tells anew which runs there were. */
  remind(): void {
    this.set(this.services.kept.shown(this.state.source));
  }

  private set(change: Partial<SetupState>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }
}
