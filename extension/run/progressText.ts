import * as vscode from 'vscode';
import type { JobProgress, Stage } from '../../server/protocol/progress.js';
import { byteCount, percentDone, shortDuration, shortNumber } from './figures.js';

function stageText(stage: Stage): string {
  switch (stage) {
    case 'read':
      return vscode.l10n.t('Reading');
    case 'embed':
      return vscode.l10n.t('Embedding');
    case 'classes':
      return vscode.l10n.t('Finding classes');
    case 'classify':
      return vscode.l10n.t('Classifying');
    case 'select':
      return vscode.l10n.t('Selecting');
    case 'write':
      return vscode.l10n.t('Writing');
    case 'download':
      return vscode.l10n.t('Downloading');
    case 'evaluate':
      return vscode.l10n.t('Evaluating');
    case 'project':
      return vscode.l10n.t('Projecting');
    case 'layout':
      return vscode.l10n.t('Laying out');
    case 'place':
      return vscode.l10n.t('Placing');
  }
}

/** `Embedding 45 % · 120 pairs/s · 2 min left · cpu (2 threads)`: with the device really used, where a device is used. */
export function progressText(progress: JobProgress): string {
  const { stage, done, total, rate, unit, secondsLeft, device } = progress;
  const isBytes = unit === 'bytes';
  return [
    `${stageText(stage)} ${percentDone(progress)} %`,
    isBytes ? vscode.l10n.t('{0} of {1}', byteCount(done), byteCount(total)) : null,
    rate === null ? null : isBytes ? `${byteCount(rate)}/s` : `${shortNumber(rate)} ${unit}/s`,
    secondsLeft === null ? null : vscode.l10n.t('{0} left', shortDuration(secondsLeft)),
    device,
  ]
    .filter(Boolean)
    .join(' · ');
}
