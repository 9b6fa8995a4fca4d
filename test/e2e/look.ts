import type { Page } from 'playwright-core';
import { THEMES, type Theme } from './page.js';

export interface Look {
  theme: Theme;
  width: number;
  /** Which of axe's rules: a theme changes colours alone. */
  rules: 'all' | 'colours';
}

/**
 * What the panel is looked at in. Themes differ in colours and widths in layout, so each is looked at once; E2E_LOOK=1 looks at
 * every theme in both widths, by every rule, and leaves all of it as pictures.
 */
export const LOOKS: readonly Look[] =
  process.env['E2E_LOOK'] === '1'
    ? THEMES.flatMap((theme) => [400, 1200].map((width): Look => ({ theme, width, rules: 'all' })))
    : [
        { theme: 'dark', width: 1200, rules: 'all' },
        { theme: 'light', width: 400, rules: 'all' },
        { theme: 'high-contrast', width: 1200, rules: 'colours' },
        { theme: 'high-contrast-light', width: 1200, rules: 'colours' },
      ];

/** What axe finds wrong with the page as it is, a line each; the page must have been given axe. */
export async function violations(page: Page, rules: Look['rules']): Promise<string[]> {
  const only = rules === 'all' ? '' : `{ runOnly: { type: 'rule', values: ['color-contrast'] } }`;
  return (await page.evaluate(`axe.run(${only}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + JSON.stringify(target) + ' ' + failureSummary)))`)) as string[];
}

/** Whether something is wider or higher than the window, which is then scrolled as a whole by whatever brings a part into sight. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(
    'document.scrollingElement.scrollWidth > innerWidth || document.scrollingElement.scrollHeight > innerHeight',
  ) as Promise<boolean>;
}
