import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { VscodeServer, WorkbenchQuery } from '../setup/vscodeServer.js';
import { artifacts } from '../setup/paths.js';

/** The first load scans extensions and compiles caches; on a busy machine that takes a while. */
const startTimeout = 60_000;

/** What a person sees of VS Code and does in it. */
export class Workbench {
  constructor(readonly page: Page) {
    page.setDefaultTimeout(15_000);
  }

  /** Opens a folder and waits until its files are listed. */
  async openFolder(server: VscodeServer, folder: string, query: WorkbenchQuery = {}): Promise<void> {
    await this.page.goto(server.folderUrl(folder, query), { waitUntil: 'commit' });
    await this.page.locator('.monaco-workbench').waitFor({ timeout: startTimeout });
    await this.explorerRows.first().waitFor({ timeout: startTimeout });
  }

  get explorerRows(): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row');
  }

  explorerRow(label: string): Locator {
    return this.explorerRows.filter({ has: this.page.getByText(label, { exact: true }) });
  }

  /**
   * Right-clicks a file or folder and leaves its menu open. A menu opened before the extension was scanned
   * never gains the extension's entry, so it is closed and opened again until the entry is there.
   */
  async rightClickInExplorer(label: string, entry: string): Promise<Locator> {
    const item = this.menuItem(entry);
    await this.until(`“${entry}” in the menu of ${label}`, startTimeout, async () => {
      await this.page.keyboard.press('Escape');
      await this.explorerRow(label).click({ button: 'right' });
      return appears(item, 1_000);
    });
    return item;
  }

  /** The entries of the menu that is open, in order. */
  async menuEntries(): Promise<string[]> {
    return this.page.locator('.monaco-menu .action-label').allInnerTexts();
  }

  menuItem(label: string): Locator {
    return this.page.locator('.monaco-menu').getByRole('menuitem', { name: label, exact: true });
  }

  /** Chooses from the menu that is open. */
  async chooseMenuItem(label: string): Promise<void> {
    // A menu ignores the mouse for a moment after it opened, so that the opening click chooses nothing.
    await this.until(`the menu closes on “${label}”`, 10_000, async () => {
      await this.menuItem(label).click({ timeout: 2_000 });
      return disappears(this.menuItem(label), 500);
    });
  }

  /**
   * Right-clicks and chooses until what comes of it is seen: the menu of what has just got the focus back may close on the
   * click and do nothing.
   */
  async chooseFromMenuOf(item: Locator, entry: string, outcome: Locator): Promise<void> {
    await this.until(`what comes of “${entry}”`, 30_000, async () => {
      await item.click({ button: 'right' });
      await this.chooseMenuItem(entry);
      return appears(outcome, 3_000);
    });
  }

  /** Right-clicks a file or folder and chooses from its menu. */
  async chooseInExplorer(label: string, entry: string): Promise<void> {
    await this.rightClickInExplorer(label, entry);
    await this.chooseMenuItem(entry);
  }

  /** Runs a command by its full title, “Category: Title”, once the palette offers it. */
  async runPaletteCommand(title: string): Promise<void> {
    const row = this.pick(title);
    await this.until(`“${title}” in the palette`, startTimeout, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      if (!(await appears(this.quickInput, 5_000))) return false;
      await this.quickInput.fill(`>${title}`, { timeout: 1_000 });
      return appears(row, 2_000);
    });
    await row.click();
  }

  /** The text field of the palette, a quick pick or an input box. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) .quick-input-box input');
  }

  /** What the quick pick offers. */
  get picks(): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row');
  }

  /** A row of the quick pick; `state` is a further selector, as `.focused`. */
  pick(label: string, state = ''): Locator {
    return this.page
      .locator(`.quick-input-list .monaco-list-row${state}`)
      .filter({ has: this.page.locator('.label-name').getByText(label, { exact: true }) })
      .first();
  }

  async choosePick(label: string): Promise<void> {
    await this.pick(label).click();
  }

  /** Types into an input box that asks for the given thing, and confirms. */
  async answerInput(text: string, asks?: string | RegExp): Promise<void> {
    if (asks !== undefined) await this.page.locator('.quick-input-widget').getByText(asks).first().waitFor();
    await this.quickInput.fill(text);
    await this.quickInput.press('Enter');
  }

  /** Gives a dialog that saves or opens a full path; what is there already is overwritten. */
  async answerFileDialog(file: string): Promise<void> {
    const widget = this.page.locator('.quick-input-widget');
    // The dialog fills in its proposal when it has listed the folder, over what was typed before.
    await this.until('the file dialog has listed a folder', 15_000, () => appears(this.picks.first(), 1_000));
    await this.until(`${file} in the file dialog`, 15_000, async () => {
      await this.quickInput.fill(file, { timeout: 1_000 });
      await this.page.waitForTimeout(250);
      return (await this.quickInput.inputValue()) === file;
    });
    await this.until('the file dialog closes', 15_000, async () => {
      const exists = widget.filter({ hasText: 'already exists' });
      if (await exists.isVisible())
        await exists.getByRole('button', { name: 'OK' }).click({ timeout: 1_000 });
      // While it looks at what was typed, the dialog overhears the key.
      else if (await this.quickInput.isVisible()) await this.quickInput.press('Enter', { timeout: 1_000 });
      return disappears(this.quickInput, 2_000);
    });
  }

  /** The content of the webview in a tab, which is brought to the front, or else of the active editor. */
  async webview(title?: string): Promise<FrameLocator> {
    const groups = this.page.locator('.editor-group-container');
    if (title === undefined) return this.webviewIn(this.page.locator('.editor-group-container.active'));
    const tab = this.tab(title);
    await this.until(`the tab “${title}” is in front`, startTimeout, async () => {
      await tab.click({ timeout: 2_000 });
      return (await tab.getAttribute('aria-selected')) === 'true';
    });
    return this.webviewIn(groups.filter({ has: tab }));
  }

  /** The content of the webview that is shown over a part of the window: it lies elsewhere in the document. */
  async webviewIn(area: Locator): Promise<FrameLocator> {
    const frames = this.page.locator('iframe.webview.ready');
    let name: string | undefined;
    await this.until('a webview is shown', startTimeout, async () => {
      const place = await area.boundingBox({ timeout: 1_000 });
      const before = name;
      name = undefined;
      for (const frame of await frames.all()) {
        const box = (await frame.isVisible()) ? await frame.boundingBox({ timeout: 1_000 }) : null;
        if (place && box && isInside(box, place)) name = (await frame.getAttribute('name')) ?? undefined;
      }
      // The webview that was in front before is taken away only when the next one is laid out.
      if (name !== undefined && name === before) return true;
      await this.page.waitForTimeout(100);
      return false;
    });
    return this.page.frameLocator(`iframe.webview[name="${name}"]`).frameLocator('iframe#active-frame');
  }

  /** A tab of the editor area. */
  tab(title: string): Locator {
    return this.page
      .locator('.tabs-container .tab')
      .filter({ has: this.page.getByText(title, { exact: true }) });
  }

  async closeTab(title: string): Promise<void> {
    await this.tab(title).click({ button: 'middle' });
    await this.tab(title).waitFor({ state: 'detached' });
  }

  /** A notification that has this text; its buttons are inside it. */
  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-list-item')
      .filter({ has: this.page.locator('.notification-list-item-message').getByText(text) });
  }

  /** Presses a button of a notification. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    await this.notification(text).getByRole('button', { name: button, exact: true }).click();
  }

  /** The button of a message that blocks the window. */
  dialogButton(label: string): Locator {
    return this.page.locator('.monaco-dialog-box').getByRole('button', { name: label, exact: true });
  }

  /** An item of the status bar that has this text. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item').filter({ hasText: text });
  }

  async statusBarText(): Promise<string> {
    const texts = await this.page.locator('.statusbar-item:visible').allInnerTexts();
    return texts
      .map((text) => text.replace(/\s+/g, ' ').trim())
      .filter(Boolean)
      .join(' | ');
  }

  /** Saves what is seen under test/artifacts, and says where. */
  async screenshot(name: string): Promise<string> {
    await mkdir(artifacts, { recursive: true });
    const file = path.join(artifacts, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  private async until(what: string, timeout: number, attempt: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + timeout;
    let reason: unknown;
    while (Date.now() < end) {
      // An attempt may meet an element that is just being replaced.
      const done = await attempt().catch((error: unknown) => {
        reason = error;
        return false;
      });
      if (done) return;
    }
    await this.screenshot(`timeout-${Date.now()}`).catch(() => undefined);
    throw new Error(`Not within ${timeout / 1_000} s: ${what}`, { cause: reason });
  }
}

type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;

function isInside(box: Box, place: Box): boolean {
  const [x, y] = [box.x + box.width / 2 - place.x, box.y + box.height / 2 - place.y];
  return x > 0 && y > 0 && x < place.width && y < place.height;
}

function appears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
}

function disappears(locator: Locator, timeout: number): Promise<boolean> {
  return locator.waitFor({ state: 'hidden', timeout }).then(
    () => true,
    () => false,
  );
}
