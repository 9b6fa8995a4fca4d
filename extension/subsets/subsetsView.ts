import * as vscode from 'vscode';
import type { ClusterCli } from '../cluster/clusterCli.js';
import { ClusterStatuses } from '../cluster/clusterTree.js';
import { registerCluster } from '../cluster/register.js';
import { EDITOR_TYPE, type Sessions } from '../panel/sessions.js';
import { notifyError, toPanelError } from '../panel/errors.js';
import { count } from '../run/figures.js';
import { selectSubset } from '../select/selectSubset.js';
import type { Services } from '../services.js';
import type { DatasetNode, Node } from './nodes.js';
import { remove } from './remove.js';
import { foldersIn, MOST_SUBSETS, type Found } from './scan.js';
import { SubsetsTree } from './tree.js';

export const VIEW = 'clipcov.subsets';

/** The side bar's list of datasets and subsets, and what can be done with its entries. */
export function registerSubsetsView(
  services: Services,
  sessions: Sessions,
  cluster: ClusterCli,
): vscode.Disposable {
  const tree: SubsetsTree = new SubsetsTree(
    (found) => tellCut(found),
    (source) => statuses.of(source),
  );
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: tree, showCollapseAll: true });
  const statuses = new ClusterStatuses(
    cluster,
    () => view.visible,
    () => tree.refresh(),
  );
  const tellCut = ({ cut }: Found): void => {
    if (cut) view.message = vscode.l10n.t('Only the first {0} subsets are listed.', count(MOST_SUBSETS));
    else delete (view as { message?: string }).message;
  };
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.clipcov.json');
  const command = (name: string, run: (node: Node) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`${VIEW}.${name}`, async (node?: Node) => {
      if (node?.uri === undefined) return;
      try {
        await run(node);
      } catch (error) {
        services.log.error(error);
        void notifyError(toPanelError(error), () => services.log.show());
      }
    });
  return vscode.Disposable.from(
    tree,
    view,
    statuses,
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) statuses.shown();
    }),
    registerCluster(cluster, services.log, () => tree.refresh()),
    watcher,
    watcher.onDidCreate(() => tree.refresh()),
    watcher.onDidChange(() => tree.refresh()),
    watcher.onDidDelete(() => tree.refresh()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => tree.refresh()),
    // Stores are excluded from the watcher: they change at the end of a run.
    services.runs.onEnded(() => tree.refresh()),
    vscode.commands.registerCommand(`${VIEW}.refresh`, () => tree.refresh()),
    command('select', async (node) => {
      const source = node.kind === 'dataset' ? await sourceOf(node) : undefined;
      if (source) await selectSubset(sessions, source);
    }),
    command('open', ({ uri }) => vscode.commands.executeCommand('vscode.openWith', uri, EDITOR_TYPE)),
    command('openText', ({ uri }) => vscode.commands.executeCommand('vscode.openWith', uri, 'default')),
    command('evaluate', ({ uri }) => vscode.commands.executeCommand('clipcov.runEvaluation', uri)),
    command('export', ({ uri }) => vscode.commands.executeCommand('clipcov.exportSubset', uri)),
    command('reveal', ({ uri }) => vscode.commands.executeCommand('revealInExplorer', uri)),
    command('copyPath', ({ uri }) => vscode.env.clipboard.writeText(uri.fsPath)),
    command('delete', async (node) => {
      await remove(services, node);
      tree.refresh();
    }),
  );
}

/** The folder of a dataset, or the table in it that was selected from; the user says which where there are several. */
async function sourceOf({ uri }: DatasetNode): Promise<vscode.Uri | undefined> {
  const homes = await foldersIn(vscode.Uri.joinPath(uri, '.clipcov'));
  const sources = homes.map((home) => (home === 'images' ? uri : vscode.Uri.joinPath(uri, home)));
  if (sources.length < 2) return sources[0] ?? uri;
  const items = sources.map((source) => ({ label: vscode.workspace.asRelativePath(source, false), source }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Dataset to select from'),
    ignoreFocusOut: true,
  });
  return picked?.source;
}
