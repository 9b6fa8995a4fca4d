import { homedir, hostname, userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { DoctorReport } from '../../server/protocol/doctor.js';
import { toPanelError } from '../panel/errors.js';
import type { Services } from '../services.js';
import { readSettings } from '../settings/settings.js';
import { anonymous } from './redact.js';

/**
 * Opens what a report of a defect needs as a document of its own: versions, settings, what `clipcov doctor` finds, and the
 * end of the log, without names and secrets. It is for the user to read and to send; nothing is sent.
 */
export async function collectDiagnostics({ server, log }: Services, version: string): Promise<void> {
  const { t } = vscode.l10n;
  const { model, storeFolder, ...settings } = readSettings();
  const found = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: t('Collecting diagnostics'),
      cancellable: true,
    },
    (_, token) => {
      const params = { device: settings.device, memory: settings.memory, ...(model && { model }) };
      return server
        .request('doctor', params, { token })
        .catch((error: unknown) => (token.isCancellationRequested ? null : toPanelError(error).message));
    },
  );
  if (found === null) return;
  const content = [
    `# ${t('ClipCov diagnostics')}`,
    t('Nothing of this was sent anywhere. Read it before you do.'),
    section(t('Versions'), [
      `ClipCov ${version}`,
      `VS Code ${vscode.version}${vscode.env.remoteName ? `, remote: ${vscode.env.remoteName}` : ''}`,
      `${process.platform} ${process.arch}`,
    ]),
    section(t('Settings'), [JSON.stringify({ model, storeFolder, ...settings }, null, 2)]),
    section(t('What a run depends on'), typeof found === 'string' ? [found] : found.findings.map(line)),
    section(t('Log'), log.last),
  ].join('\n\n');
  const document = await vscode.workspace.openTextDocument({
    language: 'markdown',
    content: `${anonymous(content, places())}\n`,
  });
  await vscode.window.showTextDocument(document);
}

function places(): Parameters<typeof anonymous>[1] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return { home: homedir(), user: userInfo().username, host: hostname(), folders };
}

function section(title: string, lines: readonly string[]): string {
  // More backticks than any line has: what a log repeats of captions ends no block.
  const longest = Math.max(
    2,
    ...lines.flatMap((text) => [...text.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = '`'.repeat(longest + 1);
  return `## ${title}\n\n${[fence, ...lines, fence].join('\n')}`;
}

function line({ check, state, found, where, fix }: DoctorReport['findings'][number]): string {
  return [`${state} ${check}: ${found}`, where, fix].filter(Boolean).join(' · ');
}
