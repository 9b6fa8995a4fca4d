import * as vscode from 'vscode';
import { notifyError, toPanelError } from '../panel/errors.js';
import type { ServerLog } from '../server/log.js';
import { targetUri } from '../subsets/nodes.js';
import { editSettings } from './editSettings.js';
import type { ClusterCli } from './clusterCli.js';
import { cancelRun, planRun, resumeRun, showLogs, submitRun } from './clusterCommands.js';

/** The commands about runs on a cluster; `changed` after each. */
export function registerCluster(cluster: ClusterCli, log: ServerLog, changed: () => void): vscode.Disposable {
  const command = (
    name: string,
    run: (cluster: ClusterCli, uri: vscode.Uri | undefined) => Promise<void>,
  ): vscode.Disposable =>
    vscode.commands.registerCommand(`clipcov.cluster.${name}`, async (target: unknown) => {
      try {
        await run(cluster, targetUri(target));
      } catch (error) {
        log.error(error);
        void notifyError(toPanelError(error), () => log.show());
      } finally {
        changed();
      }
    });
  return vscode.Disposable.from(
    command('plan', planRun),
    command('submit', submitRun),
    command('resume', resumeRun),
    command('cancel', cancelRun),
    command('logs', showLogs),
    command('editSettings', (_, uri) => editSettings(uri)),
  );
}
