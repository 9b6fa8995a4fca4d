// Writes the colours that VS Code gives to webviews in each of its own themes into test/e2e/themes.json, as far as the
// built page asks for them. To be run again when the page uses further colours.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Workbench } from '../e2e/workbench.js';
import { launchBrowser } from './browser.js';
import { installedExtension } from './installedExtension.js';
import { root, testTools } from './paths.js';
import { startVscodeServer } from './vscodeServer.js';

const THEMES = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  'high-contrast': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
};

const script = await readFile(path.join(root, 'dist/webview.js'), 'utf8');
const asked = [...new Set([...script.matchAll(/--vscode-[\w-]+/g)].map(([name]) => name))].sort();
const extensions = await installedExtension();
const folder = path.join(testTools, 'themes');
const captured: Record<string, Record<string, string>> = {};
await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, 'pairs.csv'), 'image,caption\nnone.png,nothing\n');
const browser = await launchBrowser();
for (const [name, theme] of Object.entries(THEMES)) {
  const settings = { 'workbench.colorTheme': theme, 'window.autoDetectColorScheme': false };
  const server = await startVscodeServer({ extensions, trust: 'all', settings });
  const workbench = new Workbench(await browser.newPage());
  await workbench.openFolder(server, folder);
  await workbench.chooseInExplorer('pairs.csv', 'ClipCov: Select Subset…');
  const panel = await workbench.webview('ClipCov: pairs.csv');
  const values = await panel.locator('html').evaluate((html, names) => {
    const styles = getComputedStyle(html);
    return Object.fromEntries(names.map((wanted) => [wanted, styles.getPropertyValue(wanted).trim()]));
  }, asked);
  captured[name] = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  await workbench.page.close();
  await server.dispose();
}
await browser.close();
await rm(folder, { recursive: true, force: true });
await writeFile(path.join(root, 'test/e2e/themes.json'), `${JSON.stringify(captured, null, 2)}\n`);
