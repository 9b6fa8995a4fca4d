import type {
  FromPanel,
  PanelCommand,
  PanelState,
  Pick,
  RunOptions,
  Thumbnail,
  ToPanel,
} from '../server/protocol/contract.js';

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

  async rows(offset: number, limit: number): Promise<{ rows: Pick[]; total: number }> {
    const answer = await this.ask((request) => ({ type: 'rows', request, offset, limit }));
    if (answer.type !== 'rows') throw new Error('The answer is of another kind.');
    return answer;
  }

  async thumbnails(ids: number[]): Promise<Thumbnail[]> {
    const answer = await this.ask((request) => ({ type: 'thumbnails', request, ids }));
    if (answer.type !== 'thumbnails') throw new Error('The answer is of another kind.');
    return answer.thumbnails;
  }

  /** What outlives this page: VS Code destroys it when it is hidden. */
  remembered<T extends object>(): Partial<T> {
    return (this.api.getState() as Partial<T> | undefined) ?? {};
  }

  remember(change: object): void {
    this.api.setState({ ...this.remembered(), ...change });
  }

  private ask(message: (request: number) => FromPanel): Promise<ToPanel> {
    const request = this.nextRequest++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.api.postMessage(message(request));
    });
  }

  private receive(message: ToPanel): void {
    if (message.type === 'state') return this.onState(message.state);
    const waiting = this.waiting.get(message.request);
    this.waiting.delete(message.request);
    if (message.type === 'failed') waiting?.reject(new Error(message.message));
    else waiting?.resolve(message);
  }
}
