import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import type { Inspection } from '../../server/protocol/dataset.js';
import type { SubsetView } from '../../server/protocol/pairs.js';
import type { PairsState, RunState } from '../../server/protocol/panel.js';
import type { RunOptions } from '../../server/protocol/panelMessages.js';
import { commandLine, selectArguments } from '../run/commandLine.js';
import { RunKeeper } from '../run/runKeeper.js';
import type { Services } from '../services.js';
import { hubEnvironment, readSettings, sourceParams } from '../settings/settings.js';
import { SUBSET_END } from '../subsets/grouping.js';
import { reached } from '../text/milestones.js';
import { askTarget } from './reselect.js';
import { selectParams } from './selectParams.js';
import { askName } from './subsetName.js';

/** What a session shows when a run starts. */
interface Shown {
  source: string | null;
  subset: string | null;
  marks: PairsState['marks'] | null;
  /** The model that embeds, where it is known. */
  model: string | null;
  /** The columns that were chosen for the dataset. */
  columns: Inspection['columns'];
}

/** What the runs of a session read of it, and what they change. */
export interface RunHost {
  now(): Shown;
  reveal(): void;
  visible(): boolean;
  show(run: RunState): void;
  /** Settles once the subset is open that was asked for last. */
  opened(): Promise<void>;
  /** What a report knows beyond the saved document is laid over it. */
  openSubset(subset: string, report?: Partial<SubsetView>): Promise<void>;
  /** Makes room for a selection that begins. */
  leaveSubset(): void;
  /** A selection is over: the runs there were are others, and what is embedded may be, where `embedded` says so. */
  selected(embedded: boolean): void;
  evaluated(evaluation: SubsetView['evaluation']): void;
  clearMarks(): void;
}

type SubsetParams = ReturnType<typeof sourceParams> & Pick<RequestParams<'evaluate'>, 'device' | 'subset'>;

/** The jobs that a session's buttons start: selections, new and repeated, and what makes another subset of the one shown. */
export class SessionRuns {
  /** Shows a run that saves another subset than the one that is shown. */
  private readonly bystander = {
    changed: (run: RunState): void => this.host.show(run),
    reveal: (): void => this.host.reveal(),
    visible: (): boolean => this.host.visible(),
  };
  private readonly viewer = {
    ...this.bystander,
    changed: (run: RunState): void => {
      this.host.show(run);
      // The picks are shown from the moment they are saved: the evaluation may take longer than the selection.
      const saved = run.progress?.subset;
      if (saved && saved !== this.host.now().subset) void this.host.openSubset(saved);
    },
  };

  constructor(
    private readonly services: Services,
    private readonly host: RunHost,
  ) {}

  async evaluate(): Promise<void> {
    const { subset } = this.host.now();
    if (!subset) return;
    await this.host.opened();
    const title = vscode.l10n.t('Evaluating {0}', path.basename(subset));
    const evaluation = await this.services.runs.start('evaluate', title, this.paramsOf(subset), this.viewer);
    if (evaluation) this.host.evaluated(evaluation);
  }

  async select(options: RunOptions): Promise<void> {
    const params = await this.params(options);
    if (params) await this.run(params);
  }

  async copyCommand(options: RunOptions): Promise<void> {
    const asked = await this.params(options);
    if (!asked) return;
    const { columns } = this.host.now();
    const params = { ...asked, ...(columns && { columns }) };
    await vscode.env.clipboard.writeText(
      commandLine(selectArguments(params), hubEnvironment(), process.platform),
    );
    vscode.window.setStatusBarMessage(vscode.l10n.t('The command line is in the clipboard.'), 5_000);
  }

  /** Runs one of the kept runs once more. */
  async repeat(id: number): Promise<void> {
    await this.again(this.services.kept.run(id));
  }

  /** Goes on with the run that was paused or interrupted. */
  async resume(): Promise<void> {
    const { source } = this.host.now();
    if (source) await this.again(this.services.kept.unfinished(source));
  }

  /** Selects again what this subset was selected with, and the marked pairs besides. */
  async reselect(): Promise<void> {
    const { subset, marks } = this.host.now();
    if (!subset || !marks) return;
    const target = await askTarget(subset);
    if (target === undefined) return;
    const params = {
      ...this.paramsOf(subset),
      ...{ include: marks.in, exclude: marks.out, ...(target !== null && { out: target }) },
    };
    const title = vscode.l10n.t('Selecting again from {0}', path.basename(subset));
    const report = await this.services.runs.start('reselect', title, params, this.bystander);
    if (!report) return;
    this.host.clearMarks();
    if (target !== null) await this.showNew(report.subset);
    else await this.host.openSubset(report.subset);
  }

  /** Saves the first picks as a subset of their own. */
  async cut(picks: number): Promise<void> {
    const { subset } = this.host.now();
    if (!subset) return;
    const out = await askName(subset, `${path.basename(subset, SUBSET_END)}-${picks}`);
    if (out === undefined) return;
    const params = { ...this.paramsOf(subset), budget: String(picks), out };
    const title = vscode.l10n.t('Cutting {0}', path.basename(subset));
    const report = await this.services.runs.start('cut', title, params, this.bystander);
    if (report) await this.showNew(report.subset);
  }

  private paramsOf(subset: string): SubsetParams {
    const { device } = readSettings();
    return { ...sourceParams(this.host.now().source ?? path.dirname(subset)), device, subset };
  }

  private async params(options: RunOptions): Promise<RequestParams<'select'> | undefined> {
    const { source } = this.host.now();
    const asked = source && (await selectParams(options));
    return asked ? { ...sourceParams(source), ...asked } : undefined;
  }

  /** Runs what was run before. Which folders are approved is said by the settings of now. */
  private async again(params: RequestParams<'select'> | null): Promise<void> {
    if (params) await this.run({ ...params, approvedRoots: readSettings().approvedRoots });
  }

  private async run(params: RequestParams<'select'>): Promise<void> {
    const title = vscode.l10n.t('Selecting from {0}', path.basename(params.source));
    // A run that is refused, since another one is going on, leaves the panel as it is.
    const { runs, kept } = this.services;
    if (runs.busy) return void (await runs.start('select', title, params, this.viewer));
    this.host.leaveSubset();
    const keeper = new RunKeeper(kept, params, this.host.now().model);
    const viewer = {
      ...this.viewer,
      changed: (run: RunState): void => {
        keeper.changed(run);
        this.viewer.changed(run);
        if (!['running', 'pausing', 'cancelling'].includes(run.status))
          this.host.selected(run.status !== 'failed');
      },
    };
    const report = await runs.start('select', title, params, viewer);
    if (!report) return;
    await this.host.opened();
    reached('hasSelected');
    await this.host.openSubset(report.subset, { warnings: report.warnings, evaluation: report.evaluation });
  }

  /** Another subset is the affair of an editor of its own: what is shown here stays. */
  private async showNew(subset: string): Promise<void> {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(subset), { preview: false });
  }
}
