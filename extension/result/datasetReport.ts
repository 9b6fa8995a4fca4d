import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { QualityPair } from '../../server/protocol/quality.js';
import type { Sessions } from '../panel/sessions.js';
import { localSource } from '../select/selectSubset.js';
import { readSettings, sourceParams } from '../settings/settings.js';
import { notice } from '../text/notice.js';
import type { Results } from './results.js';

/** Pairs of a finding that are shown with a picture: a kilobyte or two each. */
const PICTURES = 200;

/** Looks a dataset over before anything is selected from it; what is found can be left out of a selection. */
export async function datasetReport(
  results: Results,
  sessions: Sessions,
  uri: vscode.Uri | undefined,
): Promise<void> {
  const { t } = vscode.l10n;
  const source = await localSource(uri, t('Dataset to report on'), sessions.sources());
  if (!source) return;
  const name = path.basename(source);
  const title = t('Dataset report: {0}', name);
  const session = results.panel(title);
  const params = { ...sourceParams(source), device: readSettings().device };
  const running = t('Looking over {0}', name);
  let listed: readonly QualityPair[] = [];
  const first = await session.run('report', running, params);
  if (!first) return;
  session.show({ kind: 'dataset', title, report: first.report, listed: null });
  session.actions = {
    save: (out) => session.run('report', running, { ...params, out }),
    selectWithout: (findings) => void sessions.openSource(source, findings),
    async listFinding(finding) {
      const answer = await session.run('report', running, { ...params, finding, pictures: PICTURES });
      if (!answer) return;
      listed = answer.pairs ?? [];
      session.show({
        kind: 'dataset',
        title,
        report: answer.report,
        listed: { finding, pairs: answer.pairs ?? [] },
      });
    },
    async openImage(id) {
      const image = listed.find((pair) => pair.id === id)?.image;
      if (image) await openImage(source, image);
    },
  };
}

/** Opens an image in the editor where it is a file of its own in the dataset's folder; else says where it lies. */
async function openImage(source: string, image: string): Promise<void> {
  const info = await stat(source);
  const folder = info.isDirectory() ? source : path.dirname(source);
  const file = path.resolve(folder, image);
  const inside = path.relative(folder, file);
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile || inside.startsWith('..') || path.isAbsolute(inside))
    return void vscode.window.showInformationMessage(
      notice(vscode.l10n.t('{0} is no file of its own in the dataset’s folder.', image)),
    );
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file), { preview: true });
}
