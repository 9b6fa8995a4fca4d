import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Explanation, PairRow } from '../../server/protocol/pairs.js';
import type { PairFilter } from '../../server/protocol/pairView.js';
import type { PanelState } from '../../server/protocol/panel.js';
import type { FromPanel } from '../../server/protocol/panelMessages.js';
import { root } from '../setup/paths.js';
import { playMap } from './playMap.js';

export const THEMES = ['light', 'dark', 'high-contrast', 'high-contrast-light'] as const;
export type Theme = (typeof THEMES)[number];

/** The colours that VS Code gives to a webview, by theme; captured by test/setup/captureThemes.ts. */
const themes = JSON.parse(readFileSync(join(root, 'test/e2e/themes.json'), 'utf8')) as Record<
  Theme,
  Record<string, string>
>;

const ADDRESS = 'http://clipcov.test/';

export interface PageOptions {
  theme: Theme;
  width: number;
  /** Translations that the host hands over, and the language they are in. */
  language?: { name: string; bundle: Record<string, string> };
  /** Pairs of its maps. */
  rows?: number;
}

/** The page as built, under the policy of the product, with a host that this test plays. */
export class PanelPage {
  private constructor(readonly page: Page) {}

  /** `host` readies a page for another host than the one played here. */
  static async open(
    browser: Browser,
    { theme, width, language, rows = 5000 }: PageOptions,
    host = (page: Page): Promise<unknown> =>
      page.addInitScript(playHost, { pairs: samplePairs(), explanation }),
  ): Promise<PanelPage> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const script = readFileSync(join(root, 'dist/webview.js'));
    // Functions that tsx compiled ask for it.
    await page.addInitScript('globalThis.__name ??= (value) => value');
    await page.addInitScript(playMap, rows);
    await host(page);
    await page.route(`${ADDRESS}**`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({ contentType: 'text/html', body: markup(theme, language) }),
    );
    await page.goto(ADDRESS);
    await page.locator('clipcov-app').waitFor({ state: 'attached' });
    return new PanelPage(page);
  }

  async show(state: PanelState): Promise<void> {
    await this.page.evaluate((shown) => window.postMessage({ type: 'state', state: shown }), state);
    // A snapshot is drawn in the frame after it comes.
    await this.page.waitForTimeout(150);
  }

  /** What the page has told its host. */
  sent(): Promise<FromPanel[]> {
    return this.page.evaluate('window.sentToHost') as Promise<FromPanel[]>;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** As extension/panel/html.ts makes it, with the colours and classes that VS Code adds. */
export function markup(theme: Theme, language: PageOptions['language']): string {
  const policy = [
    ...[`default-src 'none'`, `img-src data:`, `script-src 'nonce-test'`],
    `style-src 'nonce-test'`,
  ].join('; ');
  const colours = Object.entries(themes[theme]).map(([name, value]) => `${name}:${value}`);
  const bundle = JSON.stringify(language?.bundle ?? {}).replaceAll('<', '\\u003c');
  return `<!DOCTYPE html><html lang="${language?.name ?? 'en'}"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta property="csp-nonce" content="test">
<style nonce="test">:root{${colours.join(';')}}</style>
<meta name="viewport" content="width=device-width, initial-scale=1"><title>ClipCov</title></head>
<body class="vscode-${theme}" data-vscode-theme-kind="vscode-${theme}"><clipcov-app></clipcov-app>
<script type="application/json" id="clipcov-l10n">${bundle}</script>
<script nonce="test" src="webview.js"></script></body></html>`;
}

/** Runs in the page: answers what a panel asks its host for, and keeps what it says. */
function playHost({ pairs, explanation }: { pairs: PairRow[]; explanation: Explanation }): void {
  const sent: FromPanel[] = [];
  let kept: unknown;
  const answer = (message: unknown): void => window.postMessage(message);
  const byClass = (a: PairRow, b: PairRow): number =>
    (a.latentClass ?? '~').localeCompare(b.latentClass ?? '~');
  const found = ({ selected, search = '' }: PairFilter): PairRow[] =>
    pairs.filter(
      ({ rank, caption }) =>
        (selected === undefined || selected === (rank !== null)) && (caption ?? '').includes(search),
    );
  Object.assign(window, {
    sentToHost: sent,
    acquireVsCodeApi: () => ({
      getState: () => kept,
      setState: (state: unknown) => (kept = state),
      postMessage: (message: FromPanel) => {
        sent.push(message);
        if (!('request' in message)) return;
        const { request } = message;
        const map = window.answerMap(message);
        if (map) answer(map);
        if (message.type === 'rows') {
          const { offset, limit, view } = message;
          const rows = found(view.where);
          if (view.byClass) rows.sort(byClass);
          answer({ type: 'rows', request, rows: rows.slice(offset, offset + limit), total: rows.length });
        }
        if (message.type === 'pairs') {
          const rows = pairs.filter(({ id }) => message.ids.includes(id));
          answer({ type: 'rows', request, rows, total: rows.length });
        }
        if (message.type === 'pairAt') {
          // Every other row is none of the picks, and so not at hand.
          const rows = message.row % 2 ? [] : [pairs[message.row % 60]!];
          answer({ type: 'rows', request, rows, total: rows.length });
        }
        if (message.type === 'classes') {
          const rows = found(message.where).sort(byClass);
          const classes = [...new Set(rows.map(({ latentClass }) => latentClass))].map((name) => {
            const own = rows.filter(({ latentClass }) => latentClass === name);
            return { name, pairs: own.length, picks: own.filter(({ rank }) => rank !== null).length };
          });
          answer({ type: 'classes', request, classes });
        }
        if (message.type === 'thumbnails') {
          const thumbnails = message.ids.map((id) => ({ id, uri: null, reason: 'the file is not there' }));
          answer({ type: 'thumbnails', request, thumbnails });
        }
        if (message.type === 'explain')
          answer({ type: 'explanation', request, explanation: { ...explanation, id: message.id } });
      },
    }),
  });
}

/** What an attacker may write into a dataset. */
export const HOSTILE = [
  '<img src=x onerror="window.pwned = 1">',
  '<script>window.pwned = 1</script>',
  '\u202eright to left\u202c مرحبا 👩‍👩‍👧',
  'control \u0007\u001b[31m characters',
  'long '.repeat(2000),
];

/** 60 picks and 30 pairs that were not picked. */
function samplePairs(): PairRow[] {
  return Array.from({ length: 90 }, (_, i) => ({
    id: i * 3,
    rank: i < 60 ? i : null,
    gain: i < 60 ? 1.5 - i / 100 : null,
    latentClass:
      i === 89
        ? null
        : ['arrow', 'weather', 'a class with a rather long name that has to wrap somewhere'][i % 3]!,
    clipScore: i === 89 ? null : 0.31 + i / 1000,
    terms: i === 89 ? null : { cross: 0.2 + i / 500, label: 0.25, inter: -0.01 },
    left: i === 89 ? 'exact-duplicate' : null,
    image: `images/${i}.png`,
    caption: i % 7 === 3 ? null : (HOSTILE[i - 60] ?? `an icon of thing number ${i}`),
  }));
}

const explanation: Explanation = {
  ...{ id: 0, image: 'images/0.png', caption: 'an icon', outcome: 'picked', rank: 4, latentClass: 'arrow' },
  reason: 'Picked as number 5 of 60, 1 of its class before it.',
  ...{ classSize: 30, classPicks: 20, clipScore: 0.31 },
  gain: {
    value: 1.2,
    terms: { cross: 0.6, self: 0.62, label: 0.1, inter: 0.02, redundancy: -0.14, balance: 0 },
  },
  nearest: { id: 9, rank: 3, cosine: 0.91 },
  neighbours: {
    picked: [9, 18, 27].map((id, i) => ({ id, rank: id / 3, cosine: 0.91 - i / 50 })),
    dropped: [180, 189, 198].map((id, i) => ({ id, rank: null, cosine: 0.95 - i / 50 })),
  },
};
