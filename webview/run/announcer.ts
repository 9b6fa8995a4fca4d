import type { RunState } from '../../server/protocol/panel.js';
import { duration } from '../text/format.js';
import { t } from '../text/l10n.js';
import { stageLabel } from './stages.js';

const QUIET_MS = 10_000;

/** What a screen reader is told of a run: each stage, and its percents no more often than every ten seconds. */
export class Announcer {
  private said = '';
  private stage = '';
  private at = -Infinity;

  constructor(private readonly now: () => number = Date.now) {}

  say(run: RunState): string {
    const stage = run.status === 'running' ? (run.progress?.stage ?? '') : run.status;
    if (stage === this.stage && this.now() - this.at < QUIET_MS) return this.said;
    this.stage = stage;
    this.at = this.now();
    this.said = sentence(run);
    return this.said;
  }
}

function sentence({ status, progress, title }: RunState): string {
  switch (status) {
    case 'cancelling':
      return t('Cancelling.');
    case 'cancelled':
      return t('Cancelled.');
    case 'pausing':
      return t('Pausing.');
    case 'paused':
      return t('Paused.');
    case 'failed':
      return '';
    case 'done':
      return t('{0}: done.', title);
    case 'running': {
      if (!progress) return `${title}.`;
      const { stage, done, total, secondsLeft } = progress;
      const parts = [
        stageLabel(stage),
        total > 0 ? t('{0} percent', Math.floor((done / total) * 100)) : null,
        secondsLeft === null ? null : t('{0} left', duration(secondsLeft)),
      ];
      return `${parts.filter(Boolean).join(', ')}.`;
    }
  }
}
