import * as vscode from 'vscode';
import type { DeviceChoice } from '../../server/protocol/contract.js';

export interface Settings {
  /** Model folder; the embedded model where absent. */
  model: string | undefined;
  device: DeviceChoice;
  approvedRoots: string[];
  budget: string;
  /** GiB. */
  memory: number;
}

export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration('clipcov');
  return {
    model: section.get<string>('model')?.trim() || undefined,
    device: section.get<DeviceChoice>('device', 'auto'),
    approvedRoots: section.get<string[]>('approvedRoots', []),
    budget: section.get<string>('budget', '10%'),
    memory: section.get<number>('memory', 2),
  };
}

/** What every request about a dataset carries: the model and the folders that this machine's user approved. */
export function sourceParams(source: string): {
  source: string;
  model?: string;
  approvedRoots: string[];
  memory: number;
} {
  const { model, approvedRoots, memory } = readSettings();
  return { source, approvedRoots, memory, ...(model ? { model } : {}) };
}
