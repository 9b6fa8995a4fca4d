import * as vscode from 'vscode';
import type { ModelPlan } from '../../server/protocol/models.js';
import { byteCount } from '../run/figures.js';
import { progressText } from '../run/progressText.js';
import type { Services } from '../services.js';
import { notice } from '../text/notice.js';

/**
 * Makes a model of the hub ready: one that is in the cache at once, any other when the user has seen what would be
 * fetched from where, and agreed. The name to set; undefined where he cancelled.
 */
export async function fetchModel(services: Services, name: string): Promise<string | undefined> {
  const { models } = await services.server.request('listModels', {});
  const isThere = models.some((model) =>
    model.variants.some((variant) => name === model.name || name === `${model.name}:${variant}`),
  );
  if (isThere) return name;
  const plan = await planned(services, name);
  if (!plan || (plan.missingBytes > 0 && !(await agreed(plan)))) return undefined;
  return pulled(services, plan);
}

async function planned({ server }: Services, name: string): Promise<ModelPlan | undefined> {
  const title = vscode.l10n.t('Asking the hub what {0} is made of', name);
  return cancellable(title, (token) => server.request('planModel', { name }, { token }));
}

async function agreed({ name, host, folder, files, missingBytes }: ModelPlan): Promise<boolean> {
  const { t } = vscode.l10n;
  const missing = files.filter(({ present }) => !present);
  const lines = [
    ...missing.map(({ path, size }) => `${notice(path)} · ${byteCount(size)}`),
    '',
    t('{0} in all, kept in {1}', byteCount(missingBytes), notice(folder)),
  ];
  const download = t('Download');
  const choice = await vscode.window.showInformationMessage(
    t('Download {0} from {1}?', notice(name), notice(host)),
    { modal: true, detail: lines.join('\n') },
    download,
  );
  return choice === download;
}

async function pulled({ server, runs }: Services, { name }: ModelPlan): Promise<string | undefined> {
  const title = vscode.l10n.t('Downloading {0}', name);
  const done = await cancellable(title, (token, report) => {
    if (runs.busy) report({ message: vscode.l10n.t('waits for the running job') });
    let shown = 0;
    return server.request(
      'pullModel',
      { name },
      {
        token,
        onProgress: (progress) => {
          const percent = progress.total > 0 ? (100 * progress.done) / progress.total : 0;
          report({ message: progressText(progress), increment: percent - shown });
          shown = percent;
        },
      },
    );
  });
  return done?.name;
}

/** Shows that something is under way until it is done; undefined where the user cancels. */
async function cancellable<T>(
  title: string,
  work: (
    token: vscode.CancellationToken,
    report: (step: { message?: string; increment?: number }) => void,
  ) => Promise<T>,
): Promise<T | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: notice(title),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (shown, token) => {
    try {
      return await work(token, (step) => shown.report(step));
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}
