import type { Page } from 'playwright-core';

/** What axe finds wrong with the page as it is, a line each; the page must have been given axe. */
export async function violations(page: Page): Promise<string[]> {
  return (await page.evaluate(`axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + JSON.stringify(target) + ' ' + failureSummary)))`)) as string[];
}

/** Whether something is wider than the window, which then scrolls sideways as a whole. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate('document.scrollingElement.scrollWidth > innerWidth') as Promise<boolean>;
}
