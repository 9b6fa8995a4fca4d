import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { notifyError, toPanelError } from '../panel/errors.js';
import type { Services } from '../services.js';
import { targetUri } from '../subsets/nodes.js';
import { compareMethods, showEvaluations } from './compareMethods.js';
import { datasetReport } from './datasetReport.js';
import { evaluateModel } from './evaluateModel.js';
import { Results } from './results.js';

/** The commands whose outcome is a panel of its own. */
export function registerResults(
  services: Services,
  sessions: Sessions,
  extensionUri: vscode.Uri,
): vscode.Disposable {
  const results = new Results(services, extensionUri);
  const command = (name: string, run: (uri?: vscode.Uri) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(`clipcov.${name}`, async (target: unknown) => {
      try {
        await run(targetUri(target));
      } catch (error) {
        services.log.error(error);
        void notifyError(toPanelError(error), () => services.log.show());
      }
    });
  return vscode.Disposable.from(
    results,
    command('evaluateModel', () => evaluateModel(services, results)),
    command('compareMethods', (uri) => compareMethods(results, sessions, uri)),
    command('showEvaluations', (uri) => showEvaluations(services, results, sessions, uri)),
    command('datasetReport', (uri) => datasetReport(results, sessions, uri)),
  );
}
