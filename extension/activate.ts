import * as vscode from 'vscode';
import { chooseModel } from './model/chooseModel.js';
import { restorePanels } from './panel/restore.js';
import { Sessions } from './panel/sessions.js';
import { Runs } from './run/runs.js';
import { selectSubset } from './select/selectSubset.js';
import { ServerLog } from './server/log.js';
import { Server } from './server/server.js';
import { hubEnvironment } from './settings/settings.js';
import { exportSubset } from './subset/exportSubset.js';
import { runEvaluation } from './subset/runEvaluation.js';
import { registerSubsetEditor } from './subset/subsetEditor.js';

let server: Server | null = null;

export function activate(context: vscode.ExtensionContext): void {
  const log = new ServerLog();
  server = new Server(
    vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath,
    log,
    hubEnvironment,
  );
  const runs = new Runs(server, log);
  const services = { server, runs, log };
  const sessions = new Sessions(services, context.extensionUri);
  const command = (name: string, run: (uri?: vscode.Uri) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`clipcov.${name}`, run);
  context.subscriptions.push(
    log,
    runs,
    sessions,
    restorePanels(sessions),
    registerSubsetEditor(sessions),
    command('selectSubset', (uri) => selectSubset(sessions, uri)),
    command('runEvaluation', (uri) => runEvaluation(sessions, uri)),
    command('exportSubset', (uri) => exportSubset(services, sessions, uri)),
    command('chooseModel', () => chooseModel(services)),
    command('cancel', () => runs.cancel()),
    command('showLog', () => log.show()),
  );
}

/** The window waits for this, so the server is gone before the window is. */
export async function deactivate(): Promise<void> {
  await server?.dispose();
  server = null;
}
