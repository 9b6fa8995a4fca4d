import * as vscode from 'vscode';
import { readSettings } from '../settings/settings.js';

/** What the user's settings ask of Slurm; `.clipcov/cluster.json` of a dataset says what they leave open. */
interface ClusterSettings {
  partition?: string;
  account?: string;
  qos?: string;
  time?: string;
  memory?: string;
  cpus?: number;
  gres?: string;
  concurrent?: number;
  modules?: string[];
  container?: string;
}

const FLAGS: Record<Exclude<keyof ClusterSettings, 'modules'>, string> = {
  partition: 'partition',
  account: 'account',
  qos: 'qos',
  time: 'time',
  memory: 'job-memory',
  cpus: 'cpus',
  gres: 'gres',
  concurrent: 'concurrent',
  container: 'container',
};

/** The settings as options of the command line. */
export function clusterOptions(): string[] {
  const { modules = [], ...settings } = vscode.workspace
    .getConfiguration('clipcov')
    .get<ClusterSettings>('cluster', {});
  return [
    ...Object.entries(FLAGS).flatMap(([name, flag]) => {
      const value = settings[name as keyof typeof FLAGS];
      return value === undefined || value === '' ? [] : [`--${flag}=${value}`];
    }),
    ...modules.map((name) => `--module=${name}`),
  ];
}

/** Which model embeds and where to: what every action on a dataset must agree about. */
export function placeOptions(): string[] {
  const { model, storeFolder } = readSettings();
  return [...(model ? [`--model=${model}`] : []), ...(storeFolder ? [`--store=${storeFolder}`] : [])];
}
