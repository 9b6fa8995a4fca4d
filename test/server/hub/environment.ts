import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { scratchFolder } from '../cli.js';
import { blobOf, COMMIT, FakeHub } from './fakeHub.js';
import { TOKEN } from './pulling.js';

export const VISION = 'onnx/vision_model.onnx';
export const scratch = scratchFolder();
export const cache = join(scratch, 'cache');
export const folder = join(cache, 'models--fake-owner--tiny-clip/snapshots', COMMIT);
/** A hub of the test that runs, whose address and cache are in the environment. */
export let hub: FakeHub;

beforeEach(async () => {
  hub = await FakeHub.start();
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_TOKEN', TOKEN);
  vi.stubEnv('HF_HUB_CACHE', cache);
  vi.stubEnv('HF_HUB_OFFLINE', '');
  rmSync(cache, { recursive: true, force: true });
});
afterEach(() => void vi.unstubAllEnvs());

/** Where the image tower lies until it is whole. */
export const incomplete = (): string =>
  `${join(folder, '../../blobs', blobOf(hub.files.get(VISION)!))}.incomplete`;
/** Sends the first part of the image tower and then nothing more. */
export const sendOnly = (bytes: number): void => {
  hub.misbehave = (_, response, path) => {
    if (!path.endsWith(VISION)) return false;
    response.writeHead(200, { 'content-length': hub.files.get(VISION)!.length });
    response.write(hub.files.get(VISION)!.subarray(0, bytes));
    return true;
  };
};
export const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 20_000 }).then(() => undefined);
export const arrived = (bytes: number) => (): boolean =>
  (statSync(incomplete(), { throwIfNoEntry: false })?.size ?? 0) === bytes;
