import * as vscode from 'vscode';
import type { ClusterStageStatus, ClusterStatus } from '../../server/protocol/cluster.js';
import { count, shortNumber } from '../run/figures.js';
import type { ClusterCli } from './clusterCli.js';
import { placeOptions } from './clusterSettings.js';

/** How often a run that goes on is asked about while somebody looks. */
const EVERY_MS = 5_000;

/** How runs on a cluster stand, for the entries of the side bar; asks again while one goes on and the view is seen. */
export class ClusterStatuses implements vscode.Disposable {
  private readonly known = new Map<string, ClusterStatus>();
  private timer: NodeJS.Timeout | null = null;
  /** A run went on while nobody looked. */
  private behind = false;

  constructor(
    private readonly cluster: ClusterCli,
    private readonly visible: () => boolean,
    private readonly changed: () => void,
  ) {}

  /** Null where it cannot be told, for instance since Slurm is not there. */
  async of(source: string): Promise<ClusterStatus | null> {
    if (!vscode.workspace.isTrusted) return null;
    const status = await this.cluster
      .run<ClusterStatus>(['status', source, ...placeOptions()])
      .catch(() => this.known.get(source) ?? null);
    if (status) this.known.set(source, status);
    if (status?.state === 'running') this.again();
    return status;
  }

  /** The view is seen again. */
  shown(): void {
    if (!this.behind) return;
    this.behind = false;
    this.changed();
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private again(): void {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.visible()) this.changed();
      else this.behind = true;
    }, EVERY_MS);
  }
}

export function stateText(state: ClusterStatus['state']): string {
  switch (state) {
    case 'done':
      return vscode.l10n.t('done');
    case 'running':
      return vscode.l10n.t('running');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'cancelled':
      return vscode.l10n.t('cancelled');
  }
}

/** `12 of 64 done · 4 running · 1 failed · 52 pairs/s a task` */
export function stageText({ tasks, done, running, waiting, failed, rate }: ClusterStageStatus): string {
  const { t } = vscode.l10n;
  return [
    t('{0} of {1} done', count(done), count(tasks)),
    running > 0 && t('{0} running', count(running)),
    waiting > 0 && t('{0} waiting', count(waiting)),
    failed > 0 && t('{0} failed', count(failed)),
    rate !== null && t('{0} pairs/s a task', shortNumber(rate)),
  ]
    .filter(Boolean)
    .join(' · ');
}
