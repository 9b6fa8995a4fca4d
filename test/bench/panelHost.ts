import type { Page } from 'playwright-core';
import type { Client } from '../../extension/server/client.js';
import type { PanelState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';

/** Opens subsets in the built page: what the extension's session does, without an editor around it. */
export class PanelHost {
  private state: PanelState = {
    ...{ place: 'editor', setup: null, run: null, subset: null, pairs: null, result: null, error: null },
  };

  private looked: () => void = () => undefined;
  private readonly firstLook = new Promise<void>((resolve) => (this.looked = resolve));

  constructor(
    private readonly page: Page,
    private readonly client: Client,
    private readonly subset: string,
  ) {}

  async listen(): Promise<void> {
    await this.page.exposeFunction('tellHost', (message: FromPanel) => this.receive(message));
    // The runner of these sources names functions by a helper that pages do not have.
    await this.page.addInitScript('globalThis.__name = (value) => value');
    await this.page.addInitScript(measuring);
    await this.page.addInitScript(() => {
      let kept: unknown;
      Object.assign(window, {
        acquireVsCodeApi: () => ({
          getState: () => kept,
          setState: (state: unknown) => (kept = state),
          postMessage: (message: unknown) =>
            (window as unknown as { tellHost(message: unknown): Promise<unknown> })
              .tellHost(message)
              .then((answer) => answer && window.postMessage(answer)),
        }),
      });
    });
  }

  private async receive(message: FromPanel): Promise<ToPanel | null> {
    const { subset, client } = this;
    if (message.type === 'ready') {
      this.state = { ...this.state, subset: await client.request('openSubset', { subset }) };
      // As the session does: what else there is comes after the picks.
      void this.lookForMore();
      return { type: 'state', state: this.state };
    }
    if (!('request' in message)) return null;
    const { request } = message;
    try {
      switch (message.type) {
        case 'rows': {
          const { offset, limit, view, terms } = message;
          const page = await client.request('page', { subset, offset, limit, view, terms });
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
          return {
            type: 'thumbnails',
            request,
            thumbnails: await client.request('thumbnails', { subset, ids, size }),
          };
        }
        default:
          return { type: 'failed', request, message: 'there are no embeddings here' };
      }
    } catch (error) {
      return { type: 'failed', request, message: (error as Error).message };
    }
  }

  private async lookForMore(): Promise<void> {
    const opened = await this.client.request('openPairs', { subset: this.subset });
    this.state = {
      ...this.state,
      pairs: { ...opened, reading: null, error: null, marks: { in: [], out: [] } },
    };
    await this.page.evaluate((state) => window.postMessage({ type: 'state', state }), this.state);
    await this.firstLook;
    await this.client.request('checkSubset', { subset: this.subset }).catch(() => undefined);
  }
}

/** Runs in the page: when the first pair was drawn, and how long frames take. */
function measuring(): void {
  const path = ['clipcov-app', 'clipcov-subset', 'clipcov-pairs', 'clipcov-pair-list'];
  const look = (): void => {
    let root: ParentNode | null | undefined = document;
    for (const name of path) root = root?.querySelector(name)?.shadowRoot;
    if (root?.querySelector('.caption')) {
      requestAnimationFrame(() => Object.assign(window, { firstRows: performance.now() }));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  let on = false;
  let before = 0;
  let work: number[] = [];
  let gaps: number[] = [];
  const channel = new MessageChannel();
  let began = 0;
  // Comes after the frame's own style, layout and paint; events of the frame come before its callbacks.
  channel.port1.onmessage = () => work.push(performance.now() - began);
  const frame = (time: number): void => {
    if (!on) return;
    if (before > 0) gaps.push(time - before);
    before = time;
    began = time;
    channel.port2.postMessage(null);
    requestAnimationFrame(frame);
  };
  Object.assign(window, {
    measureFrames: () => {
      on = true;
      before = 0;
      work = [];
      gaps = [];
      requestAnimationFrame(frame);
    },
    framesMeasured: () => {
      on = false;
      return { work, gaps };
    },
  });
}
