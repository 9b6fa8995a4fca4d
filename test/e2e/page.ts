import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { FromPanel, PanelState, Pick } from '../../server/protocol/contract.js';
import { root } from '../setup/paths.js';

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
}

/** The page as built, under the policy of the product, with a host that this test plays. */
export class PanelPage {
  private constructor(readonly page: Page) {}

  static async open(browser: Browser, { theme, width, language }: PageOptions): Promise<PanelPage> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const script = readFileSync(join(root, 'dist/webview.js'));
    await page.addInitScript(playHost, samplePicks());
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
function markup(theme: Theme, language: PageOptions['language']): string {
  const policy = [
    ...[`default-src 'none'`, `img-src data:`, `font-src data:`, `script-src 'nonce-test'`],
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
function playHost(picks: Pick[]): void {
  const sent: FromPanel[] = [];
  let kept: unknown;
  const answer = (message: unknown): void => window.postMessage(message);
  Object.assign(window, {
    sentToHost: sent,
    acquireVsCodeApi: () => ({
      getState: () => kept,
      setState: (state: unknown) => (kept = state),
      postMessage: (message: FromPanel) => {
        sent.push(message);
        if (message.type === 'rows') {
          const { request, offset, limit } = message;
          answer({ type: 'rows', request, rows: picks.slice(offset, offset + limit), total: picks.length });
        }
        if (message.type === 'thumbnails') {
          const { request, ids } = message;
          const thumbnails = ids.map((id) => ({ id, uri: null, reason: 'the file is not there' }));
          answer({ type: 'thumbnails', request, thumbnails });
        }
      },
    }),
  });
}

function samplePicks(): Pick[] {
  return Array.from({ length: 60 }, (_, i) => ({
    id: i * 3,
    rank: i + 1,
    gain: 1.5 - i / 100,
    latentClass: ['arrow', 'weather', 'a class with a rather long name that has to wrap somewhere'][i % 3]!,
    clipScore: 0.31 + i / 1000,
    image: `images/${i}.png`,
    caption: i % 7 === 3 ? null : `an icon of thing number ${i}`,
  }));
}
