import { posix } from 'node:path';
import * as vscode from 'vscode';
import { stageText, stateText } from '../cluster/clusterTree.js';
import { EDITOR_TYPE } from '../panel/sessions.js';
import { count, shortNumber } from '../run/figures.js';
import { notice } from '../text/notice.js';
import { storeFacts, subsetFacts, type MeasureFact } from './documents.js';
import { SUBSET_END } from './grouping.js';
import type {
  CauseNode,
  ClusterNode,
  DatasetNode,
  EvaluationNode,
  MeasureNode,
  Node,
  StageNode,
  StoreNode,
  SubsetNode,
  SweepNode,
} from './nodes.js';
import { countFiles, readSmall } from './scan.js';

const { t } = vscode.l10n;
const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** How an entry looks. Names and documents may be anybody's: tooltips are plain text, without Markdown. */
export async function itemOf(node: Node): Promise<vscode.TreeItem> {
  switch (node.kind) {
    case 'dataset':
      return datasetItem(node);
    case 'subset':
      return subsetItem(node);
    case 'evaluation':
      return evaluationItem(node);
    case 'measure':
      return measureItem(node);
    case 'store':
      return storeItem(node);
    case 'sweep':
      return sweepItem(node);
    case 'cluster':
      return clusterItem(node);
    case 'stage':
      return stageItem(node);
    case 'cause':
      return causeItem(node);
  }
}

function datasetItem({ uri, subsets }: DatasetNode): vscode.TreeItem {
  const owner = vscode.workspace.getWorkspaceFolder(uri);
  const isRoot = owner?.uri.path === uri.path;
  const name = isRoot ? owner.name : vscode.workspace.asRelativePath(uri, false);
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1 && !isRoot;
  const number = subsets.length === 1 ? t('1 subset') : t('{0} subsets', count(subsets.length));
  return item(node(uri, 'dataset'), {
    label: name,
    description: several && owner ? `${owner.name} · ${number}` : number,
    tooltip: uri.fsPath,
    state: Expanded,
    icon: 'database',
  });
}

async function subsetItem({ uri }: SubsetNode): Promise<vscode.TreeItem> {
  const { picks, pairs, method, budget, model, device, measures } = subsetFacts(await readSmall(uri));
  const name = posix.basename(uri.path).slice(0, -SUBSET_END.length);
  const isRead = picks !== null && method !== null;
  const number = picks === null || pairs === null ? null : t('{0} of {1} pairs', count(picks), count(pairs));
  const shown = item(node(uri, measures ? 'subset.evaluated' : 'subset'), {
    label: name,
    description: isRead ? [number, method, budget].filter(Boolean).join(' · ') : t('cannot be read'),
    tooltip: [
      uri.fsPath,
      number,
      method && t('Method: {0}', method),
      budget && t('Budget: {0}', budget),
      model && t('Model: {0}', model),
      device && t('Device: {0}', device),
    ]
      .filter(Boolean)
      .join('\n'),
    state: measures ? Collapsed : None,
    icon: isRead ? 'filter' : 'warning',
  });
  shown.command = { command: 'vscode.openWith', title: t('Open'), arguments: [uri, EDITOR_TYPE] };
  return shown;
}

function evaluationItem({ uri, measures }: EvaluationNode): vscode.TreeItem {
  const others = measures[0]?.values.slice(1).map(({ column }) => column) ?? [];
  return item(node(uri, 'evaluation'), {
    label: t('Evaluation'),
    description: others.length > 0 ? t('beside {0}', others.join(', ')) : '',
    tooltip: uri.fsPath,
    state: Collapsed,
    icon: 'beaker',
  });
}

function measureItem({ uri, measure }: MeasureNode): vscode.TreeItem {
  const { label, meaning, values } = measure;
  const [own, ...others] = values;
  return item(node(uri, 'measure', label), {
    label,
    description: [own && figure(own.mean), others.length > 0 && `(${others.map(named).join(', ')})`]
      .filter(Boolean)
      .join(' '),
    tooltip: meaning,
    state: None,
    icon: 'dash',
  });
}

async function storeItem({ uri, home }: StoreNode): Promise<vscode.TreeItem> {
  const { model, pairs, parts } = storeFacts(await readSmall(vscode.Uri.joinPath(uri, 'plan.json')));
  const there = await countFiles(vscode.Uri.joinPath(uri, 'metadata'), '.parquet');
  const isWhole = parts !== null && there >= parts;
  return item(node(uri, 'store'), {
    label: t('Embeddings of {0}', model ?? posix.basename(uri.path)),
    description: [
      home === 'images' ? null : home,
      pairs === null ? null : t('{0} pairs', count(pairs)),
      isWhole || parts === null ? null : t('{0} of {1} parts', count(there), count(parts)),
    ]
      .filter(Boolean)
      .join(' · '),
    tooltip: uri.fsPath,
    state: None,
    icon: 'layers',
  });
}

function sweepItem({ uri, count: measured }: SweepNode): vscode.TreeItem {
  return item(node(uri, 'sweep'), {
    label: t('Sweeps'),
    description: measured === 1 ? t('1 measured run') : t('{0} measured runs', count(measured)),
    tooltip: uri.fsPath,
    state: None,
    icon: 'graph',
  });
}

function clusterItem({ uri, status }: ClusterNode): vscode.TreeItem {
  return item(node(uri, status ? `cluster.${status.state}` : 'cluster'), {
    label: t('Cluster run'),
    description: status ? stateText(status.state) : t('Slurm does not answer'),
    tooltip: status ? status.folder : uri.fsPath,
    state: Expanded,
    icon: 'server-process',
  });
}

function stageItem({ uri, stage }: StageNode): vscode.TreeItem {
  return item(node(uri, 'stage', stage.stage), {
    label: stage.stage,
    description: stageText(stage),
    tooltip: stageText(stage),
    state: stage.causes.length > 0 ? Expanded : None,
    icon:
      stage.failed > 0
        ? 'error'
        : stage.done === stage.tasks
          ? 'pass'
          : stage.running > 0
            ? 'sync'
            : 'circle',
  });
}

function causeItem({ uri, cause: { cause, tasks } }: CauseNode): vscode.TreeItem {
  return item(node(uri, 'cause', cause), {
    label: cause,
    description: t('tasks {0}', tasks.join(', ')),
    tooltip: cause,
    state: None,
    icon: 'warning',
  });
}

function named({ column, mean }: MeasureFact['values'][number]): string {
  return `${column} ${figure(mean)}`;
}

function figure(value: number): string {
  return shortNumber(value).replace('-', '−');
}

interface Look {
  label: string;
  description: string;
  tooltip: string;
  state: vscode.TreeItemCollapsibleState;
  icon: string;
}

/** Identity of an entry, so that what is unfolded stays so when the list is read anew. */
function node(uri: vscode.Uri, context: string, part = ''): { id: string; context: string } {
  return { id: `${context.split('.')[0]} ${uri.toString()} ${part}`, context };
}

function item({ id, context }: { id: string; context: string }, look: Look): vscode.TreeItem {
  const shown = new vscode.TreeItem(notice(look.label), look.state);
  shown.id = id;
  shown.contextValue = context;
  shown.description = notice(look.description);
  shown.tooltip = look.tooltip.split('\n').map(plain).join('\n');
  shown.iconPath = new vscode.ThemeIcon(look.icon);
  return shown;
}

/** A tooltip is given as a string, which VS Code shows as it is; what could hide something is taken out all the same. */
function plain(line: string): string {
  return notice(line).slice(0, 1_000);
}
