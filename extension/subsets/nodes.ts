import type * as vscode from 'vscode';
import type { ClusterStageStatus, ClusterStatus } from '../../server/protocol/cluster.js';
import type { MeasureFact } from './documents.js';

/** An entry of the side bar. `uri` is what actions on it are about. */
export type Node =
  | DatasetNode
  | SubsetNode
  | EvaluationNode
  | MeasureNode
  | StoreNode
  | SweepNode
  | ClusterNode
  | StageNode
  | CauseNode;

export interface DatasetNode {
  kind: 'dataset';
  uri: vscode.Uri;
  subsets: string[];
}
export interface SubsetNode {
  kind: 'subset';
  uri: vscode.Uri;
}
export interface EvaluationNode {
  kind: 'evaluation';
  uri: vscode.Uri;
  measures: MeasureFact[];
}
export interface MeasureNode {
  kind: 'measure';
  uri: vscode.Uri;
  measure: MeasureFact;
}
/** Embeddings of a dataset by one model. */
export interface StoreNode {
  kind: 'store';
  uri: vscode.Uri;
  /** `images`, or the table's name. */
  home: string;
}
/** What sweeps have measured, so that the next one need not. */
export interface SweepNode {
  kind: 'sweep';
  uri: vscode.Uri;
  count: number;
}

/** The latest run of a dataset on a cluster; `uri` is the dataset. */
export interface ClusterNode {
  kind: 'cluster';
  uri: vscode.Uri;
  status: ClusterStatus | null;
}
export interface StageNode {
  kind: 'stage';
  uri: vscode.Uri;
  stage: ClusterStageStatus;
}
/** Why tasks of a stage failed. */
export interface CauseNode {
  kind: 'cause';
  uri: vscode.Uri;
  cause: ClusterStageStatus['causes'][number];
}

/** What a command is about: the address it was called with, or that of an entry of the side bar. */
export function targetUri(target: unknown): vscode.Uri | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  const uri = 'kind' in target && 'uri' in target ? target.uri : target;
  return typeof uri === 'object' && uri !== null && 'fsPath' in uri ? (uri as vscode.Uri) : undefined;
}
