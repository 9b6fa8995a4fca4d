import type { CDPSession, Page } from 'playwright-core';
import type { WebviewPanel } from 'vscode';
import { PanelChannel } from '../../extension/panel/channel.js';
import { FirstPage } from '../../extension/panel/firstPage.js';
import type { Client } from '../../extension/server/client.js';
import type { PanelState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import { measuring } from './panelMeasuring.js';

/** What the page says: to its host, or that the first pairs are drawn, and when. */
type Told = FromPanel | { type: 'drawn'; after: number };

/** Opens a subset in the built page: what the extension's session does, by its channel, without an editor around it. */
export class PanelHost {
  private state: PanelState = {
    ...{ place: 'editor', setup: null, run: null, subset: null, pairs: null, result: null, error: null },
  };
  private readonly channel: PanelChannel;
  private readonly first = new FirstPage();
  private take: (message: FromPanel) => void = () => undefined;
  private looked: () => void = () => undefined;
  private readonly firstLook = new Promise<void>((resolve) => (this.looked = resolve));
  private drawn: (after: number) => void = () => undefined;
  /** Milliseconds from the page's birth until its first pairs were drawn. */
  readonly firstRows = new Promise<number>((resolve) => (this.drawn = resolve));

  private constructor(
    session: CDPSession,
    private readonly client: Client,
    private readonly subset: string,
  ) {
    const webview = {
      // A page that was closed meanwhile is told nothing. An editor's messages are no script: written as an object, hundreds of
      // kilobytes of pictures would be compiled.
      postMessage: (message: ToPanel) =>
        session
          .send('Runtime.evaluate', {
            expression: `window.postMessage(JSON.parse(${JSON.stringify(JSON.stringify(message))}))`,
          })
          .catch(() => undefined),
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
    session.on('Runtime.bindingCalled', ({ payload }) => {
      const told = JSON.parse(payload) as Told;
      if (told.type === 'drawn') this.drawn(told.after);
      else this.take(told);
    });
  }

  /** Readies a page: its messages are taken below what drives the browser, whose own scripts would be measured too. */
  static async on(page: Page, client: Client, subset: string): Promise<PanelHost> {
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.enable');
    await session.send('Runtime.addBinding', { name: 'tellHost' });
    // The runner of these sources names functions by a helper that pages do not have.
    await page.addInitScript('globalThis.__name = (value) => value');
    await page.addInitScript(measuring);
    await page.addInitScript(() => {
      let kept: unknown;
      const { tellHost } = window as unknown as { tellHost(message: string): void };
      Object.assign(window, {
        acquireVsCodeApi: () => ({
          getState: () => kept,
          setState: (state: unknown) => (kept = state),
          postMessage: (message: unknown) => tellHost(JSON.stringify(message)),
        }),
      });
    });
    return new PanelHost(session, client, subset);
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
