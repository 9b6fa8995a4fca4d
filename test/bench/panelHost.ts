import type { WebviewPanel } from 'vscode';
import { PanelChannel } from '../../extension/panel/channel.js';
import { FirstPage } from '../../extension/panel/firstPage.js';
import type { Client } from '../../extension/server/client.js';
import type { PanelState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';

/** What the page says: to its host, or that the first pairs are drawn, and when. */
export type Told = FromPanel | { type: 'drawn'; after: number };

/** Opens a subset in a page: what the extension's session does, by its channel, without an editor around it. */
export class PanelHost {
  private state: PanelState = {
    ...{ place: 'editor', setup: null, run: null, subset: null, pairs: null, result: null, error: null },
  };
  private readonly channel: PanelChannel;
  private readonly first = new FirstPage();
  private take: (message: FromPanel) => void = () => undefined;
  private looked: () => void = () => undefined;
  private readonly firstLook = new Promise<void>((resolve) => (this.looked = resolve));

  constructor(
    /** Takes a message to the page as an editor does: as text. */
    post: (message: string) => void,
    private readonly client: Client,
    private readonly subset: string,
  ) {
    const webview = {
      postMessage: (message: ToPanel) => post(JSON.stringify(message)),
      onDidReceiveMessage: (take: (message: FromPanel) => void) => {
        this.take = take;
        return { dispose: () => undefined };
      },
    };
    const panel = { webview, visible: true, onDidChangeViewState: () => ({ dispose: () => undefined }) };
    this.channel = new PanelChannel(
      panel as unknown as WebviewPanel,
      () => this.state,
      (message) => void this.answer(message).then((answer) => answer && this.channel.post(answer)),
      () => this.state.subset && this.first.page,
    );
  }

  /** What the page says. */
  told(message: FromPanel): void {
    this.take(message);
  }

  /** As a session does when its editor is opened: the page is not there yet. */
  async open(): Promise<void> {
    const { subset, client } = this;
    this.first.fetch((offset, limit, view) =>
      client.request('page', { subset, offset, limit, view, terms: false }),
    );
    this.set({ subset: await client.request('openSubset', { subset }) });
    const opened = await client.request('openPairs', { subset });
    this.set({ pairs: { ...opened, reading: null, error: null, marks: { in: [], out: [] } } });
    await this.firstLook;
    await client.request('checkSubset', { subset });
  }

  private set(change: Partial<PanelState>): void {
    this.state = { ...this.state, ...change };
    this.channel.changed();
  }

  private async answer(message: FromPanel): Promise<ToPanel | null> {
    const { subset, client } = this;
    if (!('request' in message)) return null;
    const { request } = message;
    try {
      switch (message.type) {
        case 'rows': {
          const { offset, limit, view, terms } = message;
          const coming = this.first.answerTo(message);
          const page = await (coming ?? client.request('page', { subset, offset, limit, view, terms }));
          this.looked();
          return { type: 'rows', request, ...page };
        }
        case 'pairs': {
          const rows = await client.request('pairsById', { subset, ids: message.ids });
          return { type: 'rows', request, rows, total: rows.length };
        }
        case 'classes': {
          const classes = await client.request('pairClasses', { subset, where: message.where });
          return { type: 'classes', request, classes };
        }
        case 'thumbnails': {
          const { ids, size } = message;
          const thumbnails = await client.request('thumbnails', { subset, ids, size });
          this.looked();
          return { type: 'thumbnails', request, thumbnails };
        }
        default:
          return { type: 'failed', request, message: 'there are no embeddings here' };
      }
    } catch (error) {
      return { type: 'failed', request, message: (error as Error).message };
    }
  }
}
