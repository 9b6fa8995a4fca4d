import { Worker } from 'node:worker_threads';
import type { Page } from 'playwright-core';
import type { Handshake } from '../../extension/server/handshake.js';
import type { Holdups } from './holdups.js';
import type { Told } from './panelHost.js';
import type { FromHost, ToHost } from './panelHostThread.js';
import { measuring } from './panelMeasuring.js';

/** The built page with its host, and what is measured of both. */
export class PanelPage {
  private drawn: (after: number) => void = () => undefined;
  /** Milliseconds from the page's birth until its first pairs were drawn. */
  readonly firstRows = new Promise<number>((resolve) => (this.drawn = resolve));

  private constructor(private readonly host: Worker) {}

  /** Readies a page: its messages are taken below what drives the browser, whose own scripts would be measured too. */
  static async on(page: Page, handshake: Handshake, subset: string): Promise<PanelPage> {
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
    const thread = new URL('panelHostThread.ts', import.meta.url).href;
    // A thread does not take TypeScript by what its process was started with.
    const host = new Worker(
      `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(thread)}); });`,
      { eval: true, workerData: { handshake, subset } },
    );
    const panel = new PanelPage(host);
    host.on('message', (message: FromHost) => {
      if (message.type !== 'post') return;
      // A page that was closed meanwhile is told nothing. An editor's messages are no script: written as an object, hundreds of
      // kilobytes of pictures would be compiled.
      const expression = `window.postMessage(JSON.parse(${JSON.stringify(message.message)}))`;
      session.send('Runtime.evaluate', { expression }).catch(() => undefined);
    });
    session.on('Runtime.bindingCalled', ({ payload }) => {
      const told = JSON.parse(payload) as Told;
      if (told.type === 'drawn') panel.drawn(told.after);
      else panel.tell({ type: 'told', message: told });
    });
    await panel.heard('ready');
    return panel;
  }

  /** As a session does when its editor is opened, the page not being there yet; ends when the subset was checked. */
  async open(): Promise<void> {
    this.tell({ type: 'open' });
    await this.heard('checked');
  }

  watch(): void {
    this.tell({ type: 'watch' });
  }

  /** How the host's thread was held up since then. */
  async watched(): Promise<Holdups> {
    this.tell({ type: 'watched' });
    return (await this.heard('held')).holdups;
  }

  async close(): Promise<void> {
    await this.host.terminate();
  }

  private tell(message: ToHost): void {
    this.host.postMessage(message);
  }

  private heard<T extends FromHost['type']>(type: T): Promise<Extract<FromHost, { type: T }>> {
    return new Promise((resolve) => {
      const listen = (message: FromHost): void => {
        if (message.type !== type) return;
        this.host.off('message', listen);
        resolve(message as Extract<FromHost, { type: T }>);
      };
      this.host.on('message', listen);
    });
  }
}
