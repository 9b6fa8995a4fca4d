import type * as vscode from 'vscode';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { PairPage } from '../../server/protocol/pairs.js';
import type { PairMark, PairsState } from '../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../server/protocol/panelMessages.js';
import type { Services } from '../services.js';
import { readSettings, sourceParams, storeParams } from '../settings/settings.js';
import { toPanelError } from './errors.js';
import { FirstPage } from './firstPage.js';
import {
  answer,
  answerClasses,
  answerPairAt,
  answerPairs,
  answerRows,
  answerThumbnails,
  revealImage,
  type PairsPlace,
} from './pages.js';

/** As many as are asked for again in one request. */
const MOST_MARKS = 10_000;
/** A panel that is hidden asks for no pairs. */
const UNSEEN_MS = 2_000;

/** The messages that are about pairs. */
export type AboutPairs = Extract<
  FromPanel,
  { type: 'rows' | 'pairs' | 'pairAt' | 'classes' | 'thumbnails' | 'explain' | 'reveal' | 'mark' }
>;

/** What a session knows of the pairs of its subset, and what it answers about them. */
export class SubsetPairs implements vscode.Disposable {
  /** Null until it is known what there is. */
  state: PairsState | null = null;
  private subset: string | null = null;
  private reading: CancellationTokenSource | null = null;
  private explaining: CancellationTokenSource | null = null;
  private readonly first = new FirstPage();
  private looked = (): void => undefined;
  /** When the first pairs have been shown, or nobody seems to look: what takes the server's time comes after it. */
  firstLook: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: Services,
    private readonly place: () => PairsPlace & { source: string | null },
    private readonly post: (message: ToPanel) => void,
    private readonly changed: () => void,
  ) {}

  /** Reads the first pairs of a subset that is about to be opened. */
  lookAhead(subset: string): void {
    const { server } = this.services;
    this.first.fetch((offset, limit, view) =>
      server.request('page', { subset, ...storeParams(), offset, limit, view, terms: false }),
    );
  }

  /** The first pairs, once they are read. */
  get firstPage(): PairPage | null {
    return this.first.page;
  }

  /** Looks what there is of a subset; marks stay with the subset that they were made on. */
  async open(subset: string): Promise<void> {
    if (subset !== this.subset) {
      this.close();
      this.firstLook = new Promise((resolve) => {
        const timer = setTimeout(resolve, UNSEEN_MS);
        this.looked = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.subset = subset;
    const opened = await this.services.server
      .request('openPairs', { subset, ...storeParams() })
      .catch((error: unknown) => void this.services.log.error(error));
    if (!opened || this.subset !== subset) return;
    const { marks = { in: [], out: [] }, reading = null, error = null } = this.state ?? {};
    this.set({ ...opened, marks, reading, error });
  }

  close(): void {
    this.reading?.cancel();
    this.explaining?.cancel();
    this.looked();
    this.subset = null;
    this.state = null;
  }

  dispose(): void {
    this.close();
  }

  async receive(message: AboutPairs): Promise<void> {
    const place = this.place();
    switch (message.type) {
      case 'rows':
        this.post(await answerRows(place, message, this.first.answerTo(message)));
        return this.looked();
      case 'pairs':
        return this.post(await answerPairs(place, message));
      case 'pairAt':
        return this.post(await answerPairAt(place, message));
      case 'classes':
        return this.post(await answerClasses(place, message));
      case 'thumbnails':
        this.post(await answerThumbnails(place, message));
        return this.looked();
      case 'explain':
        return this.explain(message);
      case 'reveal':
        return revealImage(place, message.id);
      case 'mark':
        return this.mark(message.ids, message.how);
    }
  }

  /** Makes the table of all pairs; the panel says how far it is. */
  async read(): Promise<void> {
    const { subset, source } = this.place();
    if (!subset || !source || !this.state || this.reading) return;
    const reading = (this.reading = new CancellationTokenSource());
    this.set({ ...this.state, reading: { stage: null, percent: 0 }, error: null });
    const update = (change: Partial<PairsState>): void => {
      if (this.subset === subset && this.state) this.set({ ...this.state, ...change });
    };
    const { device } = readSettings();
    try {
      await this.services.server.request(
        'readPairs',
        { ...sourceParams(source), device, subset },
        {
          token: reading.token,
          onProgress: ({ stage, done, total }) =>
            update({ reading: { stage, percent: total > 0 ? Math.floor((done / total) * 100) : 0 } }),
        },
      );
      update({ reading: null });
      await this.open(subset);
    } catch (error) {
      const stopped = reading.token.isCancellationRequested;
      if (!stopped) this.services.log.error(error);
      update({ reading: null, error: stopped ? null : toPanelError(error) });
    } finally {
      this.reading = null;
      reading.dispose();
    }
  }

  stopReading(): void {
    this.reading?.cancel();
  }

  clearMarks(): void {
    if (this.state) this.set({ ...this.state, marks: { in: [], out: [] } });
  }

  private mark(ids: number[], how: PairMark | null): void {
    if (!this.state) return;
    const marked = new Set(ids);
    const without = (kind: PairMark): number[] => this.state!.marks[kind].filter((id) => !marked.has(id));
    const marks = { in: without('in'), out: without('out') };
    if (how) marks[how] = [...marks[how], ...marked].slice(0, MOST_MARKS);
    this.set({ ...this.state, marks });
  }

  /** One at a time: whoever looks at another pair no longer waits for the one before. */
  private async explain({ request, id }: Extract<AboutPairs, { type: 'explain' }>): Promise<void> {
    this.explaining?.cancel();
    const explaining = (this.explaining = new CancellationTokenSource());
    const { subset, source } = this.place();
    const { device } = readSettings();
    const message = await answer(request, async () => {
      if (!subset || !source) throw new Error('no subset is shown');
      const params = { ...sourceParams(source), device, subset, id };
      const explanation = await this.services.server.request('explain', params, { token: explaining.token });
      return { type: 'explanation', request, explanation };
    });
    explaining.dispose();
    if (this.explaining === explaining) this.explaining = null;
    this.post(message);
  }

  private set(state: PairsState): void {
    this.state = state;
    this.changed();
  }
}
