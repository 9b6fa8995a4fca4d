import * as vscode from 'vscode';
import type { ClusterStatus } from '../../server/protocol/cluster.js';
import { ClipcovError } from '../../server/errors.js';
import { count, shortDuration } from '../run/figures.js';
import { localSource } from '../select/selectSubset.js';
import { readSettings } from '../settings/settings.js';
import { notice } from '../text/notice.js';
import { NotAgreed, type ClusterCli, type ClusterPlan } from './clusterCli.js';
import { clusterOptions, placeOptions } from './clusterSettings.js';

/** What a selection on a cluster is asked to do. */
interface Asked {
  source: string;
  options: string[];
}

/** Settings of a dataset's folder become scripts that run in the user's name. */
function demandTrust(): void {
  if (!vscode.workspace.isTrusted)
    throw new ClipcovError(
      'untrusted',
      vscode.l10n.t('ClipCov submits to a cluster only from a trusted workspace.'),
      {
        fix: vscode.l10n.t('Trust it with the command “Workspaces: Manage Workspace Trust”.'),
      },
    );
}

async function ask(title: string, uri: vscode.Uri | undefined): Promise<Asked | undefined> {
  demandTrust();
  const { t } = vscode.l10n;
  const source = await localSource(uri);
  if (!source) return undefined;
  const budget = await vscode.window.showInputBox({
    ignoreFocusOut: true,
    title,
    prompt: t('Budget: a share such as 10%, or a number of pairs'),
    value: readSettings().budget,
  });
  if (!budget) return undefined;
  const shards = await vscode.window.showInputBox({
    ignoreFocusOut: true,
    title,
    prompt: t('Tasks that embed, each a part of the dataset'),
    value: '8',
    validateInput: (text) =>
      /^[1-9]\d{0,5}$/.test(text.trim()) ? null : t('Enter a whole number from 1 on.'),
  });
  if (!shards) return undefined;
  const options = [
    `--budget=${budget.trim()}`,
    `--shards=${shards.trim()}`,
    ...clusterOptions(),
    ...placeOptions(),
  ];
  return { source, options };
}

/** Shows the graph, the estimate and the scripts; submits nothing. */
export async function planRun(cluster: ClusterCli, uri: vscode.Uri | undefined): Promise<void> {
  const asked = await ask(vscode.l10n.t('Plan Cluster Run'), uri);
  if (!asked) return;
  const { source, options } = asked;
  const plan = await cluster.run<ClusterPlan>(['plan', source, ...options]);
  const { t } = vscode.l10n;
  const { pairs, seconds } = plan.estimate;
  const estimate = seconds
    ? t(
        '{0} pairs: {1} a task, {2} for all, without waiting in the queue',
        count(pairs!),
        shortDuration(seconds.task),
        shortDuration(seconds.all),
      )
    : t('No estimate yet: no task of this dataset was measured.');
  await showScripts(plan.scripts, [
    ...plan.stages.map(({ name, tasks, what }) => `# ${name} × ${tasks ?? 1}: ${what}`),
    `# ${estimate}`,
  ]);
}

async function showScripts(scripts: ClusterPlan['scripts'], above: string[]): Promise<void> {
  const lines = [
    ...above,
    ...Object.entries(scripts).map(([stage, script]) => `\n# ── ${stage}.sbatch\n${script}`),
  ];
  const document = await vscode.workspace.openTextDocument({
    language: 'shellscript',
    content: `${lines.join('\n')}\n`,
  });
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Submits a selection; scripts that were never agreed to, or have changed, are shown and asked about first. */
export async function submitRun(cluster: ClusterCli, uri: vscode.Uri | undefined): Promise<void> {
  const { t } = vscode.l10n;
  const asked = await ask(t('Submit to Cluster'), uri);
  if (!asked) return;
  const done = await agreed(cluster, ['submit', asked.source, ...asked.options]);
  if (done)
    void vscode.window.showInformationMessage(
      t('Submitted: {0} jobs. The Subsets view shows how they stand.', done.jobs.length),
    );
}

interface Submitted {
  jobs: unknown[];
}

/** Agrees to the very scripts that were shown: those that change meanwhile are asked about again. */
async function agreed(cluster: ClusterCli, args: string[]): Promise<Submitted | null> {
  let answer: string[] = [];
  for (;;) {
    try {
      return await cluster.run<Submitted>([...args, ...answer]);
    } catch (error) {
      if (!(error instanceof NotAgreed)) throw error;
      if (!(await agreeTo(error.scripts))) return null;
      answer = [`--agree=${error.hash}`];
    }
  }
}

async function agreeTo(scripts: ClusterPlan['scripts']): Promise<boolean> {
  await showScripts(scripts, []);
  const { t } = vscode.l10n;
  const submit = t('Submit');
  const choice = await vscode.window.showWarningMessage(
    t('Submit these scripts?'),
    {
      modal: true,
      detail: t('They run in your name on the cluster. They are new, or have changed since you last agreed.'),
    },
    submit,
  );
  return choice === submit;
}

/** Goes on with what is missing; shards that always fail can be left out, which the user decides. */
export async function resumeRun(cluster: ClusterCli, uri: vscode.Uri | undefined): Promise<void> {
  demandTrust();
  const { t } = vscode.l10n;
  const source = await localSource(uri);
  if (!source) return;
  const { stages } = await cluster.run<ClusterStatus>(['status', source, ...placeOptions()]);
  const failed = stages.find(({ stage }) => stage === 'embed')?.causes ?? [];
  const skip = failed.length > 0 ? await shardsToSkip(failed) : [];
  if (!skip) return;
  const args = ['resume', source, ...placeOptions(), ...(skip.length ? [`--skip-shard=${skip.join()}`] : [])];
  const done = await agreed(cluster, args);
  if (done)
    void vscode.window.showInformationMessage(
      t('Submitted: {0} jobs. The Subsets view shows how they stand.', done.jobs.length),
    );
}

async function shardsToSkip(
  causes: ClusterStatus['stages'][number]['causes'],
): Promise<number[] | undefined> {
  const { t } = vscode.l10n;
  const items = causes.flatMap(({ cause, tasks }) =>
    tasks.map((shard) => ({ label: t('Shard {0}', shard), description: notice(cause), shard })),
  );
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: t('Resume Cluster Run'),
    placeHolder: t('Shards to leave out for good; none tries all again'),
    ignoreFocusOut: true,
  });
  return picked?.map(({ shard }) => shard);
}

/** Ends every job of the run. */
export async function cancelRun(cluster: ClusterCli, uri: vscode.Uri | undefined): Promise<void> {
  demandTrust();
  const { t } = vscode.l10n;
  const source = await localSource(uri);
  if (!source) return;
  const title = t('Ending the jobs of the run');
  const { cancelled, left } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title },
    () => cluster.run<{ cancelled: string[]; left: string[] }>(['cancel', source, ...placeOptions()]),
  );
  void vscode.window.showInformationMessage(
    left.length === 0
      ? t('{0} jobs ended. What they have done is kept.', cancelled.length)
      : t('Jobs {0} were asked to end and have not yet.', left.join(', ')),
  );
}

/** Opens the log of a task, the latest first. */
export async function showLogs(cluster: ClusterCli, uri: vscode.Uri | undefined): Promise<void> {
  demandTrust();
  const source = await localSource(uri);
  if (!source) return;
  const files = await cluster.run<string[]>(['logs', source, ...placeOptions()]);
  const items = files
    .reverse()
    .map((file) => ({ label: notice(file.split(/[\\/]/).at(-1) ?? file), file: vscode.Uri.file(file) }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Logs of the Cluster Run'),
    ignoreFocusOut: true,
  });
  if (picked) await vscode.window.showTextDocument(picked.file, { preview: true });
}
