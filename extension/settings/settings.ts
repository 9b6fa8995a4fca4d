import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { DeviceChoice } from '../../server/protocol/fields.js';

export interface Settings {
  /** Model folder, or name of a hub model in the cache; the embedded model where absent. */
  model: string | undefined;
  device: DeviceChoice;
  approvedRoots: string[];
  /** Where embeddings of every dataset are kept; beside each dataset where absent. */
  storeFolder: string | undefined;
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
    storeFolder: absolute(section.get<string>('storeFolder')),
    budget: section.get<string>('budget', '10%'),
    memory: section.get<number>('memory', 2),
  };
}

/** What every request about a dataset carries: the model and the folders that this machine's user approved. */
export function sourceParams(source: string): {
  source: string;
  model?: string;
  store?: string;
  approvedRoots: string[];
  memory: number;
} {
  const { model, approvedRoots, memory } = readSettings();
  return { source, approvedRoots, memory, ...(model ? { model } : {}), ...storeParams() };
}

/** The same for what names no dataset, but reads its embeddings. */
export function storeParams(): { store?: string } {
  const { storeFolder } = readSettings();
  return storeFolder ? { store: storeFolder } : {};
}

/** Pictures of a subset may lie anywhere in a workspace that the user trusts, and in the dataset that he chose himself. */
export function subsetRoots(chosen: string[] = []): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  return [...chosen, ...readSettings().approvedRoots, ...folders].slice(0, 64);
}

/** The settings of the hub, as the variables by which the server and Hugging Face's own tools know them. */
export function hubEnvironment(): Record<string, string> {
  const section = vscode.workspace.getConfiguration('clipcov.hub');
  const [endpoint, cache] = ['endpoint', 'cache'].map((name) => section.get<string>(name)?.trim());
  return { ...(endpoint && { HF_ENDPOINT: endpoint }), ...(cache && { HF_HUB_CACHE: cache }) };
}

/** A path of a setting: `~` is the home folder, anything relative starts from the workspace. */
function absolute(setting: string | undefined): string | undefined {
  const text = setting?.trim();
  if (!text) return undefined;
  const base = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
  return path.resolve(base, text.replace(/^~(?=$|[/\\])/, homedir()));
}
