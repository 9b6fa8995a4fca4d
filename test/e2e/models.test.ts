import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { drawn } from '../demo/drawn.js';
import { FakeHub, REPO } from '../server/hub/fakeHub.js';
import { useSession } from './session.js';
import type { Workbench } from './workbench.js';

const session = useSession();

/** The settings of the machine that the extension runs on, where a workspace has no say. */
const machineSettings = (): string => join(session.server.data, 'user-data', 'Machine', 'settings.json');
const setting = (name: string): unknown => readMachineSettings()[name];

const readMachineSettings = (): Record<string, unknown> =>
  JSON.parse(readFileSync(machineSettings(), 'utf8')) as Record<string, unknown>;

async function chooseFromHub(workbench: Workbench, name: string): Promise<void> {
  await workbench.runPaletteCommand('ClipCov: Choose Model…');
  await workbench.choosePick('From the Hugging Face hub…');
  await workbench.answerInput(name, /OWNER\/NAME of a CLIP/);
}

it('fetches a model from the hub when the user agrees, and nothing when not; a selection then runs with it', async () => {
  const hub = await FakeHub.start();
  const cache = join(session.folder, 'cache');
  await mkdir(dirname(machineSettings()), { recursive: true });
  const settings = { 'clipcov.hub.endpoint': hub.endpoint, 'clipcov.hub.cache': cache };
  await writeFile(machineSettings(), JSON.stringify(settings));
  const contents = (): unknown[] => hub.asked.filter(({ path }) => path.includes('/resolve/'));

  const folder = join(session.folder, 'chosen');
  await drawn(join(folder, 'icons'), 300);
  const workbench = await session.open(folder);
  await workbench.chooseInExplorer('icons', 'ClipCov: Select Subset…');
  const panel = await workbench.webview('ClipCov: icons');
  await panel.getByText('icon-clip', { exact: true }).waitFor({ timeout: 60_000 });

  // Refused by the shape of the name; then by the user.
  await chooseFromHub(workbench, 'no-name');
  await workbench.page.getByText('Write it as OWNER/NAME').waitFor();
  expect(hub.asked).toEqual([]);
  await workbench.answerInput(REPO);
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText(`Download ${REPO} from 127.0.0.1:${hub.port}?`).waitFor();
  const asked = await dialog.innerText();
  expect(asked).toMatch(/onnx\/vision_model\.onnx · 9\.\d+ MB/);
  expect(asked).toMatch(/\d+\.?\d* MB in all, kept in .*models--fake-owner--tiny-clip/);
  await workbench.screenshot('model-consent');
  await workbench.dialogButton('Cancel').click();
  await dialog.waitFor({ state: 'detached' });
  expect(contents()).toEqual([]);
  expect(existsSync(cache)).toBe(false);
  expect(setting('clipcov.model')).toBeUndefined();

  // A download that was begun can be cancelled; what has come is kept for the next time.
  const vision = hub.files.get('onnx/vision_model.onnx')!;
  hub.misbehave = (_, response, path) => {
    if (!path.endsWith('onnx/vision_model.onnx')) return false;
    response.writeHead(200, { 'content-length': vision.length });
    response.write(vision.subarray(0, 5_000_000));
    return true;
  };
  await chooseFromHub(workbench, REPO);
  await workbench.dialogButton('Download').click();
  const downloading = workbench.notification(new RegExp(`Downloading ${REPO}`));
  await downloading.getByText(/Downloading \d+ % · [\d.]+ [kM]?B of 19\.9 MB/).waitFor({ timeout: 30_000 });
  await workbench.screenshot('model-downloading');
  await downloading.getByRole('button', { name: 'Cancel' }).click();
  await downloading.waitFor({ state: 'detached' });
  expect(setting('clipcov.model')).toBeUndefined();
  hub.misbehave = () => false;

  await chooseFromHub(workbench, REPO);
  await workbench.dialogButton('Download').click();
  await workbench.notification(`ClipCov now uses the model ${REPO}.`).waitFor({ timeout: 60_000 });
  expect(contents().length).toBeGreaterThan(0);
  await expect.poll(() => setting('clipcov.model')).toBe(REPO);

  // The form has noticed.
  await panel.getByText(REPO, { exact: true }).waitFor();
  await panel.getByRole('button', { name: 'Start' }).click();
  await panel.getByRole('tab', { name: 'Pairs' }).waitFor({ timeout: 120_000 });
  const subset = join(folder, 'icons', 'subsets', 'clipcov-10pct.clipcov.json');
  expect((JSON.parse(readFileSync(subset, 'utf8')) as { model: { name: string } }).model.name).toBe(REPO);

  // From now on it is one of the models to choose from, and choosing it connects to nobody.
  const before = hub.asked.length;
  await chooseFromHub(workbench, REPO);
  await workbench.runPaletteCommand('ClipCov: Choose Model…');
  await workbench.pick(REPO).waitFor();
  await workbench.choosePick('icon-clip');
  // Said when VS Code has done with the file: written by another before that, it is not read again.
  await workbench.notification('ClipCov now uses the model icon-clip.').waitFor();
  expect(setting('clipcov.model')).toBeUndefined();
  expect(hub.asked.length).toBe(before);

  // Another cache from now on, without a reload: the model is in none of its folders.
  const moved = { ...readMachineSettings(), 'clipcov.hub.cache': join(session.folder, 'another') };
  await expect
    .poll(
      async () => {
        // VS Code hears of files by a watcher, which may miss one that is written while it writes itself.
        await writeFile(machineSettings(), JSON.stringify(moved));
        await workbench.runPaletteCommand('ClipCov: Choose Model…');
        await workbench.pick('icon-clip').waitFor();
        return workbench.pick(REPO).count();
      },
      { timeout: 30_000 },
    )
    .toBe(0);
  expect(session.problems).toEqual([]);
});
