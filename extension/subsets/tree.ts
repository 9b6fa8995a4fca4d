import * as vscode from 'vscode';
import { Debounce } from '../text/debounce.js';
import { subsetFacts } from './documents.js';
import { itemOf } from './items.js';
import type { DatasetNode, Node, StoreNode, SweepNode } from './nodes.js';
import { countFiles, findDatasets, foldersIn, readSmall, type Found } from './scan.js';

/** A run writes several files one after another. */
const QUIET_MS = 400;

/** Datasets of the workspace with what belongs to them; each level is read when it is unfolded. */
export class SubsetsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly soon = new Debounce(() => this.changed.fire(), QUIET_MS);
  private search: vscode.CancellationTokenSource | null = null;

  constructor(private readonly tell: (found: Found) => void) {}

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
    const own = await Promise.all(homes.map((home) => this.ofHome(vscode.Uri.joinPath(kept, home), home)));
    return [...subsets.map((path): Node => ({ kind: 'subset', uri: uri.with({ path }) })), ...own.flat()];
  }

  /** Stores are the folders that say what they were made from. */
  private async ofHome(home: vscode.Uri, name: string): Promise<(StoreNode | SweepNode)[]> {
    const folders = await foldersIn(home);
    const nodes = await Promise.all(
      folders.map(async (folder): Promise<(StoreNode | SweepNode)[]> => {
        const uri = vscode.Uri.joinPath(home, folder);
        if (folder === 'measured') {
          const measured = await countFiles(uri, '.json');
          return measured > 0 ? [{ kind: 'sweep', uri, count: measured }] : [];
        }
        return (await readSmall(vscode.Uri.joinPath(uri, 'plan.json')))
          ? [{ kind: 'store', uri, home: name }]
          : [];
      }),
    );
    return nodes.flat();
  }
}
