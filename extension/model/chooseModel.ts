import * as vscode from 'vscode';
import { notifyError, toPanelError } from '../panel/errors.js';
import type { Services } from '../services.js';
import { readSettings } from '../settings/settings.js';
import { notice } from '../text/notice.js';
import { fetchModel } from './fetchModel.js';
import { EMBEDDED, modelItems, type ModelItem } from './modelItems.js';

/** Asks which model to use, fetches it where the user agrees to that, and keeps the choice as the setting of this machine. */
export async function chooseModel(services: Services): Promise<void> {
  try {
    const { models } = await services.server.request('listModels', {});
    const item = await vscode.window.showQuickPick(modelItems(models, readSettings().model), {
      placeHolder: vscode.l10n.t('Model to embed pairs with'),
      matchOnDescription: true,
      matchOnDetail: true,
      ignoreFocusOut: true,
    });
    const model = item && (await modelOf(item, services));
    if (model === undefined) return;
    const section = vscode.workspace.getConfiguration('clipcov');
    await section.update('model', model === EMBEDDED ? undefined : model, vscode.ConfigurationTarget.Global);
    const shown = model === EMBEDDED ? item!.label : model;
    void vscode.window.showInformationMessage(
      notice(vscode.l10n.t('ClipCov now uses the model {0}.', shown)),
    );
  } catch (error) {
    services.log.error(error);
    void notifyError(toPanelError(error), () => services.log.show());
  }
}

/** What to set for an entry; undefined where the user thought better of it. */
async function modelOf(item: ModelItem, services: Services): Promise<string | undefined> {
  switch (item.source) {
    case 'ready':
      return item.model;
    case 'folder':
      return askFolder();
    case 'hub': {
      const name = await askName();
      return name && fetchModel(services, name);
    }
  }
}

async function askFolder(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Folder of a CLIP model in ONNX'),
    openLabel: vscode.l10n.t('Use'),
    canSelectFolders: true,
    canSelectFiles: false,
  });
  return chosen?.[0]?.fsPath;
}

async function askName(): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Model of the Hugging Face Hub'),
    prompt: vscode.l10n.t('OWNER/NAME of a CLIP in ONNX, with @REVISION or :fp16 or :quantized if need be'),
    placeHolder: 'Xenova/clip-vit-base-patch32',
    ignoreFocusOut: true,
    validateInput: (text) =>
      isName(text.trim())
        ? undefined
        : vscode.l10n.t('Write it as OWNER/NAME, for instance {0}.', 'Xenova/clip-vit-base-patch32'),
  });
  return name?.trim();
}

/** Its shape alone, to help with typing: the server decides what a name is. */
function isName(text: string): boolean {
  return /^[\w.-]+\/[\w.-]+(@[\w.+/-]+)?(:(fp16|quantized))?$/.test(text);
}
