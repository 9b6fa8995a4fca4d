import { FIRST_VIEW, isFirstPage, PAGE } from '../../server/protocol/firstLook.js';
import type { PairPage } from '../../server/protocol/pairs.js';
import type { PairView } from '../../server/protocol/pairView.js';
import type { FromPanel } from '../../server/protocol/panelMessages.js';

type Fetch = (offset: number, limit: number, view: PairView) => Promise<PairPage>;

/**
 * The first pairs of a subset as they are looked at first, read while the webview that will show them is still loading: it
 * gets them with its first snapshot, and has nothing to ask and to wait for.
 */
export class FirstPage {
  /** Null until it is there. */
  page: PairPage | null = null;
  private coming: Promise<PairPage> | null = null;

  /** Another call means the subset as it is now, or another one. */
  fetch(read: Fetch): void {
    this.page = null;
    const coming = read(0, PAGE, FIRST_VIEW);
    this.coming = coming;
    const settle = (page: PairPage | null): void => {
      if (this.coming !== coming) return;
      this.coming = null;
      this.page = page;
    };
    // Why it cannot be read is told to the webview, which asks for it then.
    coming.then(settle, () => settle(null));
  }

  /** What a webview asks for that was faster than the page: the same page, once it is there. */
  answerTo(asked: Extract<FromPanel, { type: 'rows' }>): Promise<PairPage> | null {
    return isFirstPage(asked.offset, asked.limit, asked.view, asked.terms) ? this.coming : null;
  }
}
