import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launchBrowser } from '../setup/browser.js';
import { root } from '../setup/paths.js';

it('draws each icon from the font of the page as from the font of all icons', async () => {
  const names = readFileSync(join(root, 'webview/dom/icon.ts'), 'utf8');
  const icons = [...names.matchAll(/'\\u([0-9a-f]{4})'/g)].map(([, code]) => parseInt(code!, 16));
  const all = readFileSync(join(root, 'node_modules/@vscode/codicons/dist/codicon.ttf'));
  const built = readFileSync(join(root, 'dist/webview.js'), 'utf8');
  const own = Buffer.from(/data:font\/ttf;base64,([\w+/=]+)/.exec(built)![1]!, 'base64');
  expect(own.length).toBeLessThan(all.length / 8);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const drawn = async (font: Buffer, characters: number[]): Promise<string[]> =>
      page.evaluate(draw, { font: font.toString('base64'), characters });
    const expected = await drawn(all, icons);
    expect(icons.length).toBeGreaterThan(30);
    expect(new Set(expected).size).toBe(icons.length);
    expect(await drawn(own, icons)).toEqual(expected);
    // What the page does not name is not in its font.
    expect(await drawn(own, [0xea61])).not.toEqual(await drawn(all, [0xea61]));
  } finally {
    await browser.close();
  }
});

/** Runs in the page. */
async function draw({ font, characters }: { font: string; characters: number[] }): Promise<string[]> {
  const face = new FontFace('drawn', `url(data:font/ttf;base64,${font})`);
  document.fonts.clear();
  document.fonts.add(face);
  await face.load();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 40;
  const context = canvas.getContext('2d')!;
  return characters.map((character) => {
    context.clearRect(0, 0, 40, 40);
    context.font = '32px drawn';
    context.fillText(String.fromCharCode(character), 4, 36);
    return canvas.toDataURL();
  });
}
