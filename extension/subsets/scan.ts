import * as vscode from 'vscode';
import { byName, groupByDataset, type Grouped } from './grouping.js';

/** What is no place for a subset, and often large. */
const EXCLUDED = '{**/node_modules/**,**/.git/**,**/.venv/**,**/__pycache__/**}';
/** Embeddings, and runs of a cluster: a dataset that was only looked at has neither. */
const KEPT = '**/.clipcov/*/{*/plan.json,cluster/*/run.json}';
export const MOST_SUBSETS = 1_000;
const MOST_DATASETS = 200;
/** A subset's document has tens of kilobytes; one that is larger is listed without being read. */
const MOST_BYTES = 4 * 2 ** 20;
const MOST_ENTRIES = 100;

export interface Found {
  datasets: (Grouped & { uri: vscode.Uri })[];
  /** Whether there are more than are listed. */
  cut: boolean;
}

/** Looks for subsets and kept embeddings in all folders of the workspace; VS Code's own search does it, in its process. */
export async function findDatasets(token: vscode.CancellationToken): Promise<Found> {
  const [subsets, kept] = await Promise.all([
    vscode.workspace.findFiles('**/*.clipcov.json', EXCLUDED, MOST_SUBSETS, token),
    vscode.workspace.findFiles(KEPT, EXCLUDED, MOST_DATASETS, token),
  ]);
  const [any] = [...subsets, ...kept];
  const paths = (uris: vscode.Uri[]): string[] => uris.map(({ path }) => path);
  return {
    datasets: groupByDataset(paths(subsets), paths(kept)).map((found) => ({
      ...found,
      uri: any!.with({ path: found.folder }),
    })),
    cut: subsets.length === MOST_SUBSETS || kept.length === MOST_DATASETS,
  };
}

/** A small JSON document; null where it is not there, too large, or not JSON. */
export async function readSmall(uri: vscode.Uri): Promise<unknown> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_BYTES) return null;
    return JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri))) as unknown;
  } catch {
    return null;
  }
}

/** Names of the folders in a folder of ours, by name; none where it is not there. */
export async function foldersIn(uri: vscode.Uri): Promise<string[]> {
  const entries = await listed(uri);
  return entries
    .filter(([, type]) => type & vscode.FileType.Directory)
    .map(([name]) => name)
    .sort(byName)
    .slice(0, MOST_ENTRIES);
}

export async function countFiles(uri: vscode.Uri, end: string): Promise<number> {
  return (await listed(uri)).filter(([name]) => name.endsWith(end)).length;
}

async function listed(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
  try {
    return await vscode.workspace.fs.readDirectory(uri);
  } catch {
    return [];
  }
}
