import * as vscode from 'vscode';
import { ClusterCli } from './cluster/clusterCli.js';
import { chooseModel } from './model/chooseModel.js';
import { collectDiagnostics } from './diagnostics/collect.js';
import { makeDemo } from './demo/makeDemo.js';
import { restorePanels } from './panel/restore.js';
import { Sessions } from './panel/sessions.js';
import { setLocale } from './run/figures.js';
import { registerResults } from './result/register.js';
import { KeptRuns } from './run/keptRuns.js';
import { repeatRun } from './run/repeatRun.js';
import { Runs } from './run/runs.js';
import { selectSubset } from './select/selectSubset.js';
import { ServerLog } from './server/log.js';
import { Server } from './server/server.js';
import { hubEnvironment } from './settings/settings.js';
import { exportSubset } from './subset/exportSubset.js';
import { runEvaluation } from './subset/runEvaluation.js';
import { registerSubsetEditor } from './subset/subsetEditor.js';
import { targetUri } from './subsets/nodes.js';
import { registerSubsetsView } from './subsets/subsetsView.js';

let end = async (): Promise<void> => undefined;

export function activate(context: vscode.ExtensionContext): void {
  setLocale(vscode.env.language);
  const log = new ServerLog();
  const cli = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;
  const server = new Server(cli, log, hubEnvironment);
  const runs = new Runs(server, log);
  const kept = new KeptRuns(context.workspaceState, context.globalState);
  const services = { server, runs, kept, log };
  const sessions = new Sessions(services, context.extensionUri);
  const command = (name: string, run: (uri?: vscode.Uri) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`clipcov.${name}`, (target: unknown) => run(targetUri(target)));
  end = async () => {
    runs.dispose();
    await server.dispose();
  };
  context.subscriptions.push(
    log,
    runs,
    sessions,
    restorePanels(sessions),
    registerSubsetEditor(sessions),
    registerSubsetsView(services, sessions, new ClusterCli(cli, hubEnvironment)),
    registerResults(services, sessions, context.extensionUri),
    command('selectSubset', (uri) => selectSubset(sessions, uri)),
    command('runEvaluation', (uri) => runEvaluation(sessions, uri)),
    command('exportSubset', (uri) => exportSubset(services, sessions, uri)),
    command('chooseModel', () => chooseModel(services)),
    command('makeDemo', () => makeDemo(sessions)),
    command('repeatRun', () => repeatRun(kept, sessions)),
    command('pause', () => runs.pause()),
    command('cancel', () => runs.cancel()),
    command('showLog', () => log.show()),
    command('collectDiagnostics', () => collectDiagnostics(services, versionOf(context))),
  );
}

function versionOf({ extension }: vscode.ExtensionContext): string {
  return (extension.packageJSON as { version: string }).version;
}

/** The window waits for this, so the server is gone before the window is. */
export async function deactivate(): Promise<void> {
  await end();
}
