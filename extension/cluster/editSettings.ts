import * as path from 'node:path';
import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { localSource } from '../select/selectSubset.js';

/** What stands in a new file: every setting, with values to put one's own in the place of. */
const TEMPLATE = {
  partition: 'gpu',
  time: '4:00:00',
  gres: 'gpu:1',
  cpus: 8,
  modules: [],
  container: [],
  concurrent: 64,
  retries: 2,
  stages: { select: { memory: '64G', cpus: 32 } },
};

/** Opens the settings that a dataset's folder has for a cluster; a new file starts from a template. */
export async function editSettings(uri: vscode.Uri | undefined): Promise<void> {
  const source = await localSource(uri);
  if (!source) return;
  const folder = (await stat(source)).isDirectory() ? source : path.dirname(source);
  const file = vscode.Uri.file(path.join(folder, '.clipcov', 'cluster.json'));
  const isThere = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!isThere)
    await vscode.workspace.fs.writeFile(file, Buffer.from(`${JSON.stringify(TEMPLATE, null, 2)}\n`));
  await vscode.window.showTextDocument(file);
}
