import * as vscode from 'vscode';
import { ResponseError } from 'vscode-jsonrpc';
import type { ErrorData } from '../../server/protocol/contract.js';
import type { PanelError } from '../../server/protocol/panel.js';
import { ClipcovError } from '../../server/errors.js';
import { notice } from '../text/notice.js';

/** What a person is shown of an error: what happened, where, what to do; never a stack trace. */
export function toPanelError(error: unknown): PanelError {
  if (error instanceof ClipcovError) return { message: error.message, ...error.data };
  if (error instanceof ResponseError && isErrorData(error.data)) {
    const { code, where, fix } = error.data;
    return { message: error.message, code, where, fix };
  }
  return {
    message: vscode.l10n.t('Something went wrong in ClipCov: {0}', firstLine(error)),
    code: 'defect',
    where: null,
    fix: vscode.l10n.t('The server log says more; please report it if it happens again.'),
  };
}

/** Shows an error beside the panel; `showLog` opens the log when asked to. */
export async function notifyError(error: PanelError, showLog: () => void): Promise<void> {
  const parts = [error.message, error.where && `(${error.where})`, error.fix];
  const log = vscode.l10n.t('Show Log');
  const choice = await vscode.window.showErrorMessage(
    notice(`ClipCov: ${parts.filter(Boolean).join(' ')}`),
    log,
  );
  if (choice === log) showLog();
}

function isErrorData(data: unknown): data is ErrorData {
  return typeof data === 'object' && data !== null && typeof (data as ErrorData).code === 'string';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}
