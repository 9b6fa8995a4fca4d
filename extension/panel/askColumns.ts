import * as vscode from 'vscode';
import type { RequestParams } from '../../server/protocol/contract.js';
import { ClipcovError } from '../../server/errors.js';
import type { Server } from '../server/server.js';
import { notice } from '../text/notice.js';

type Columns = NonNullable<RequestParams<'inspect'>['columns']>;

/** Asks which columns of a table hold images and captions; undefined where the user thought better of it. */
export async function askColumns(server: Server, source: string): Promise<Columns | undefined> {
  const { t } = vscode.l10n;
  const { names } = await server.request('tableColumns', { source });
  if (names.length < 2)
    throw new ClipcovError('column-missing', t('The table has not two columns to choose from.'), {
      where: source,
      fix: t('Give a table with a column for images and one for captions.'),
    });
  const image = await pick(names, t('Column of the images, 1 of 2'));
  if (image === undefined) return undefined;
  const others = names.filter((name) => name !== image);
  const caption = await pick(others, t('Column of the captions, 2 of 2'));
  return caption === undefined ? undefined : { image, caption };
}

/** Names are the dataset's own words: as labels, `$(…)` in them would be drawn as icons. */
async function pick(names: string[], placeHolder: string): Promise<string | undefined> {
  const items = names.map((name) => ({ label: notice(name).replaceAll('$(', '$ ('), name }));
  return (await vscode.window.showQuickPick(items, { placeHolder, ignoreFocusOut: true }))?.name;
}
