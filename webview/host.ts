import { isFirstPage } from '../server/protocol/firstLook.js';
import type {
  Distributions,
  Explanation,
  PairClass,
  PairPage,
  PairRow,
  Thumbnail,
} from '../server/protocol/pairs.js';
import type { PairFilter, PairView, ProjectionKind } from '../server/protocol/pairView.js';
import type { MapColumn, MapView, PairMark, PanelCommand, PanelState } from '../server/protocol/panel.js';
import type { FromPanel, RunOptions, ToPanel } from '../server/protocol/panelMessages.js';

interface VsCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

interface Waiting {
  resolve(message: ToPanel): void;
  reject(error: Error): void;
}

/** The extension host, as the webview sees it. */
export class Host {
  private readonly api = acquireVsCodeApi();
  private readonly waiting = new Map<number, Waiting>();
  private nextRequest = 1;
  /** Came with the newest snapshot, for the first that asks: what is asked later may be other pairs. */
  private first: PairPage | null = null;

  constructor(private readonly onState: (state: PanelState) => void) {
    window.addEventListener('message', (event: MessageEvent<ToPanel>) => this.receive(event.data));
  }

  ready(): void {
    this.api.postMessage({ type: 'ready' });
  }

  start(options: RunOptions): void {
    this.api.postMessage({ type: 'start', options });
  }

  cancel(): void {
    this.api.postMessage({ type: 'cancel' });
  }

  pause(): void {
    this.api.postMessage({ type: 'pause' });
  }

  copyCommand(options: RunOptions): void {
    this.api.postMessage({ type: 'copyCommand', options });
  }

  repeat(id: number): void {
    this.api.postMessage({ type: 'repeat', id });
  }

  listFinding(finding: string): void {
    this.api.postMessage({ type: 'listFinding', finding });
  }

  selectWithout(findings: string[]): void {
    this.api.postMessage({ type: 'selectWithout', findings });
  }

  openImage(id: number): void {
    this.api.postMessage({ type: 'openImage', id });
  }

  command(command: PanelCommand): void {
    this.api.postMessage({ type: 'command', command });
  }

  mark(ids: number[], how: PairMark | null): void {
    this.api.postMessage({ type: 'mark', ids, how });
  }

  reveal(id: number): void {
    this.api.postMessage({ type: 'reveal', id });
  }

  cut(picks: number): void {
    this.api.postMessage({ type: 'cut', picks });
  }

  async rows(offset: number, limit: number, view: PairView, terms: boolean): Promise<PairPage> {
    const { first } = this;
    this.first = null;
    if (first && isFirstPage(offset, limit, view, terms)) return first;
    return this.ask('rows', (request) => ({ type: 'rows', request, offset, limit, view, terms }));
  }

  async pairs(ids: number[]): Promise<PairRow[]> {
    return (await this.ask('rows', (request) => ({ type: 'pairs', request, ids }))).rows;
  }

  async pairAt(row: number): Promise<PairRow | null> {
    return (await this.ask('rows', (request) => ({ type: 'pairAt', request, row }))).rows[0] ?? null;
  }

  async classes(where: PairFilter): Promise<PairClass[]> {
    return (await this.ask('classes', (request) => ({ type: 'classes', request, where }))).classes;
  }

  async thumbnails(ids: number[], size: 'small' | 'large' = 'small'): Promise<Thumbnail[]> {
    return (await this.ask('thumbnails', (request) => ({ type: 'thumbnails', request, ids, size })))
      .thumbnails;
  }

  async explain(id: number): Promise<Explanation> {
    return (await this.ask('explanation', (request) => ({ type: 'explain', request, id }))).explanation;
  }

  async map(by: ProjectionKind): Promise<MapView> {
    return (await this.ask('map', (request) => ({ type: 'map', request, by }))).map;
  }

  async distributions(): Promise<Distributions> {
    return (await this.ask('distributions', (request) => ({ type: 'distributions', request }))).distributions;
  }

  cancelMap(): void {
    this.api.postMessage({ type: 'cancelMap' });
  }

  async mapColumns(by: ProjectionKind, columns: MapColumn[], offset: number): Promise<string[]> {
    return (await this.ask('mapColumns', (request) => ({ type: 'mapColumns', request, by, columns, offset })))
      .columns;
  }

  /** What outlives this page: VS Code destroys it when it is hidden. */
  remembered<T extends object>(): Partial<T> {
    return (this.api.getState() as Partial<T> | undefined) ?? {};
  }

  remember(change: object): void {
    this.api.setState({ ...this.remembered(), ...change });
  }

  private async ask<T extends ToPanel['type']>(
    type: T,
    message: (request: number) => FromPanel,
  ): Promise<Extract<ToPanel, { type: T }>> {
    const request = this.nextRequest++;
    const answer = await new Promise<ToPanel>((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.api.postMessage(message(request));
    });
    if (answer.type !== type) throw new Error('The answer is of another kind.');
    return answer as Extract<ToPanel, { type: T }>;
  }

  private receive(message: ToPanel): void {
    if (message.type === 'state') {
      this.first = message.first ?? null;
      return this.onState(message.state);
    }
    const waiting = this.waiting.get(message.request);
    this.waiting.delete(message.request);
    if (message.type === 'failed') waiting?.reject(new Error(message.message));
    else waiting?.resolve(message);
  }
}
