import * as vscode from 'vscode';
import type { ClusterStatus } from '../../server/protocol/cluster.js';
import { Debounce } from '../text/debounce.js';
import { subsetFacts } from './documents.js';
import { itemOf } from './items.js';
import type { DatasetNode, Node } from './nodes.js';
import { countFiles, findDatasets, foldersIn, readSmall, type Found } from './scan.js';

/** A run writes several files one after another. */
const QUIET_MS = 400;

/** Datasets of the workspace with what belongs to them; each level is read when it is unfolded. */
export class SubsetsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly soon = new Debounce(() => this.changed.fire(), QUIET_MS);
  private search: vscode.CancellationTokenSource | null = null;

  constructor(
    private readonly tell: (found: Found) => void,
    private readonly clusterStatus: (source: string) => Promise<ClusterStatus | null>,
  ) {}

  /** Reads everything anew, once nothing has changed for a moment. */
  refresh(): void {
    this.soon.request();
  }

  getTreeItem(node: Node): Promise<vscode.TreeItem> {
    return itemOf(node);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.datasets();
    if (node.kind === 'dataset') return this.ofDataset(node);
    if (node.kind === 'subset') {
      const { measures } = subsetFacts(await readSmall(node.uri));
      return measures ? [{ kind: 'evaluation', uri: node.uri, measures }] : [];
    }
    if (node.kind === 'cluster')
      return (node.status?.stages ?? []).map((stage) => ({ kind: 'stage', uri: node.uri, stage }));
    if (node.kind === 'stage')
      return node.stage.causes.map((cause) => ({ kind: 'cause', uri: node.uri, cause }));
    if (node.kind === 'evaluation')
      return node.measures.map((measure) => ({ kind: 'measure', uri: node.uri, measure }));
    return [];
  }

  dispose(): void {
    this.search?.cancel();
    this.soon.dispose();
    this.changed.dispose();
  }

  private async datasets(): Promise<Node[]> {
    this.search?.cancel();
    this.search = new vscode.CancellationTokenSource();
    const found = await findDatasets(this.search.token);
    this.tell(found);
    return found.datasets.map(({ uri, subsets }) => ({ kind: 'dataset', uri, subsets }));
  }

  private async ofDataset({ uri, subsets }: DatasetNode): Promise<Node[]> {
    const kept = vscode.Uri.joinPath(uri, '.clipcov');
    const homes = await foldersIn(kept);
    const own = await Promise.all(
      homes.map((home) => this.ofHome(vscode.Uri.joinPath(kept, home), home, uri)),
    );
    return [...subsets.map((path): Node => ({ kind: 'subset', uri: uri.with({ path }) })), ...own.flat()];
  }

  /** Stores are the folders that say what they were made from. */
  private async ofHome(home: vscode.Uri, name: string, dataset: vscode.Uri): Promise<Node[]> {
    const folders = await foldersIn(home);
    const nodes = await Promise.all(
      folders.map(async (folder): Promise<Node[]> => {
        const uri = vscode.Uri.joinPath(home, folder);
        if (folder === 'measured') {
          const measured = await countFiles(uri, '.json');
          return measured > 0 ? [{ kind: 'sweep', uri, count: measured }] : [];
        }
        if (folder === 'cluster') {
          const source = name === 'images' ? dataset : vscode.Uri.joinPath(dataset, name);
          return [{ kind: 'cluster', uri: source, status: await this.clusterStatus(source.fsPath) }];
        }
        return (await readSmall(vscode.Uri.joinPath(uri, 'plan.json')))
          ? [{ kind: 'store', uri, home: name }]
          : [];
      }),
    );
    return nodes.flat();
  }
}
