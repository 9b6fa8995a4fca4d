import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Sessions } from '../panel/sessions.js';
import { localSource } from '../select/selectSubset.js';
import type { Services } from '../services.js';
import { readSettings, sourceParams, storeParams } from '../settings/settings.js';
import { pickLabelledSets } from './labelledSets.js';
import type { Results } from './results.js';

/** What is offered to compare; anything else the command line takes. */
const METHODS: readonly (readonly [method: string, picked: boolean])[] = [
  ['clipcov', true],
  ['neg-clip-loss:30% | clipcov', true],
  ['near-duplicates | clipcov', false],
  ['clipcov-notebook', false],
  ['clip-score', true],
  ['neg-clip-loss', true],
  ['semdedup', false],
  ['skmm', false],
  ['random', true],
];

/** Methods side by side at several budgets, over several seeds, on labelled sets where the user has some. */
export async function compareMethods(
  results: Results,
  sessions: Sessions,
  uri: vscode.Uri | undefined,
): Promise<void> {
  const { t } = vscode.l10n;
  const source = await localSource(uri, t('Dataset to compare methods on'), sessions.sources());
  if (!source) return;
  const methods = await vscode.window.showQuickPick(
    METHODS.map(([label, picked]) => ({ label, picked })),
    {
      canPickMany: true,
      ignoreFocusOut: true,
      title: t('Compare Methods'),
      placeHolder: t('Methods to compare'),
    },
  );
  if (!methods?.length) return;
  const budgets = await vscode.window.showInputBox({
    ignoreFocusOut: true,
    title: t('Compare Methods'),
    prompt: t('Budgets, separated by commas'),
    value: '5%,10%,20%',
    validateInput: (text) =>
      /^\s*\d+(\.\d+)?\s*%?(\s*,\s*\d+(\.\d+)?\s*%?)*\s*$/.test(text)
        ? null
        : t('Enter shares or numbers of pairs, as 5%,10%,20%.'),
  });
  if (budgets === undefined) return;
  const on = await pickLabelledSets(t('Compare Methods'), 'optional');
  if (on === undefined) return;
  const name = path.basename(source);
  const title = t('Methods: {0}', name);
  const session = results.panel(title);
  const params = {
    ...sourceParams(source),
    device: readSettings().device,
    methods: methods.map(({ label }) => label),
    budgets: budgets.replace(/\s/g, ''),
    on,
  };
  const running = t('Comparing methods on {0}', name);
  const sweep = await session.run('sweep', running, params);
  if (!sweep) return;
  session.show({ kind: 'sweep', title, sweep });
  session.actions = { save: (out) => session.run('sweep', running, { ...params, out }) };
}

/** What earlier comparisons have measured. */
export async function showEvaluations(
  { server }: Services,
  results: Results,
  sessions: Sessions,
  uri: vscode.Uri | undefined,
): Promise<void> {
  const { t } = vscode.l10n;
  const source = await localSource(uri, t('Dataset whose evaluations to show'), sessions.sources());
  if (!source) return;
  const title = t('Evaluations: {0}', path.basename(source));
  const session = results.panel(title);
  try {
    const kept = await server.request('evaluations', { source, ...storeParams() });
    session.show({ kind: 'evaluations', title, kept });
  } catch (error) {
    session.fail(error);
  }
}
