import { expect, it } from 'vitest';
import type * as vscode from 'vscode';
import { PanelChannel } from '../../../extension/panel/channel.js';
import { FirstPage } from '../../../extension/panel/firstPage.js';
import { FIRST_VIEW, PAGE } from '../../../server/protocol/firstLook.js';
import type { PairPage } from '../../../server/protocol/pairs.js';
import type { PanelState } from '../../../server/protocol/panel.js';
import type { FromPanel, ToPanel } from '../../../server/protocol/panelMessages.js';

type Rows = Extract<FromPanel, { type: 'rows' }>;
const asked: Rows = { type: 'rows', request: 1, offset: 0, limit: PAGE, view: FIRST_VIEW, terms: false };
const page = (total: number): PairPage => ({ rows: [], total });

/** A page that comes when it is told to. */
function later(): { coming: Promise<PairPage>; come(page: PairPage): void; fail(): void } {
  let come!: (page: PairPage) => void;
  let fail!: () => void;
  const coming = new Promise<PairPage>((resolve, reject) => {
    come = resolve;
    fail = () => reject(new Error('unreadable'));
  });
  return { coming, come, fail };
}

it('answers whoever asks for the first page while it is on its way, and nobody else', async () => {
  const first = new FirstPage();
  expect(first.answerTo(asked)).toBeNull();
  const { coming, come } = later();
  first.fetch(() => coming);
  for (const other of [
    { offset: PAGE },
    { limit: 5 },
    { terms: true },
    { view: { ...FIRST_VIEW, byClass: true } },
  ])
    expect(first.answerTo({ ...asked, ...other })).toBeNull();
  const answer = first.answerTo(asked);
  expect(first.page).toBeNull();
  come(page(7));
  expect(await answer).toEqual(page(7));
  expect(first.page).toEqual(page(7));
  // What is asked for now may be other pairs.
  expect(first.answerTo(asked)).toBeNull();
});

it('keeps nothing of a subset that is no longer shown, nor of one that cannot be read', async () => {
  const first = new FirstPage();
  const [before, now] = [later(), later()];
  first.fetch(() => before.coming);
  first.fetch(() => now.coming);
  before.come(page(1));
  await before.coming;
  expect(first.page).toBeNull();
  now.fail();
  await expect(first.answerTo(asked)).rejects.toThrow('unreadable');
  await Promise.resolve();
  expect(first.page).toBeNull();
  expect(first.answerTo(asked)).toBeNull();
});

it('goes out with one snapshot of each page that says that it is ready', () => {
  const sent: ToPanel[] = [];
  let say!: (message: FromPanel) => void;
  const panel = {
    visible: true,
    webview: {
      postMessage: (message: ToPanel) => sent.push(message),
      onDidReceiveMessage: (listener: typeof say) => {
        say = listener;
        return { dispose: () => undefined };
      },
    },
    onDidChangeViewState: () => ({ dispose: () => undefined }),
  };
  let first: PairPage | null = null;
  const state = { place: 'editor' } as PanelState;
  const channel = new PanelChannel(
    panel as unknown as vscode.WebviewPanel,
    () => state,
    () => undefined,
    () => first,
  );
  first = page(7);
  channel.changed();
  expect(sent).toEqual([]);
  say({ type: 'ready' });
  expect(sent).toEqual([{ type: 'state', state, first: page(7) }]);
  channel.changed();
  expect(sent.at(-1)).toEqual({ type: 'state', state });
  say({ type: 'ready' });
  expect(sent.at(-1)).toEqual({ type: 'state', state, first: page(7) });
  channel.dispose();
});
