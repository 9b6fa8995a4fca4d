import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedModelFolder, loadModel, type ProxyModel } from '../../../server/embeddings/model.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();
let made = 0;
/** The embedded model with other files beside or instead of its own. */
function modelWith(files: Record<string, string>): string {
  const path = join(folder, `${++made}`);
  cpSync(embeddedModelFolder(), path, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

const own = JSON.parse(
  readFileSync(join(embeddedModelFolder(), 'preprocessor_config.json'), 'utf8'),
) as Record<string, unknown>;
const preprocessed = (change: Record<string, unknown>): Promise<ProxyModel> =>
  loadModel(modelWith({ 'preprocessor_config.json': JSON.stringify({ ...own, ...change }) }));

describe('the pixel plan', () => {
  it('is what the preprocessor asks for', async () => {
    const plain = { kernel: 'cubic', cropWidth: 64, cropHeight: 64, rescale: 1 / 255 };
    const cases: [Record<string, unknown>, Record<string, unknown>][] = [
      [{}, { ...plain, resize: { shortestEdge: 64 } }],
      [
        { size: 80, crop_size: 64 },
        { ...plain, resize: { shortestEdge: 80 } },
      ],
      [{ size: { height: 70, width: 90 } }, { ...plain, resize: { height: 70, width: 90 } }],
      [
        { size: { height: 70, width: 90 }, do_center_crop: false },
        { resize: { height: 70, width: 90 }, cropWidth: 90, cropHeight: 70 },
      ],
      [{ do_rescale: false }, { rescale: 1 }],
      [{ do_normalize: false }, { mean: [0, 0, 0], std: [1, 1, 1] }],
      [{ resample: 0 }, { kernel: 'nearest' }],
      [{ resample: 1 }, { kernel: 'lanczos3' }],
      [{ resample: 2 }, { kernel: 'linear' }],
      [{ do_convert_rgb: false }, plain],
      [
        { image_mean: undefined, image_std: null },
        { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
      ],
    ];
    for (const [change, plan] of cases) expect((await preprocessed(change)).pixels).toMatchObject(plan);
  });

  it('is refused with file and key where it cannot be followed', async () => {
    for (const [change, key] of [
      [{ do_resize: false }, /do_resize/],
      [{ do_center_crop: false }, /do_center_crop/],
      [{ resample: 5 }, /resample is 5/],
      [{ size: 32 }, /crop_size/],
    ] as const)
      await expect(preprocessed(change)).rejects.toMatchObject({
        code: 'model-incomplete',
        message: expect.stringMatching(key),
        where: expect.stringMatching(/preprocessor_config\.json$/),
      });
  });
});

describe('the fingerprint', () => {
  it('changes with every file that an embedding depends on, and with no other', async () => {
    const before = (await loadModel()).fingerprint;
    expect((await loadModel(modelWith({ 'README.md': 'other' }))).fingerprint).toBe(before);
    const tokenizer = JSON.parse(
      readFileSync(join(embeddedModelFolder(), 'tokenizer_config.json'), 'utf8'),
    ) as object;
    for (const files of [{ 'tokenizer_config.json': JSON.stringify({ ...tokenizer, model_max_length: 9 }) }])
      expect((await loadModel(modelWith(files))).fingerprint).not.toBe(before);
  });
});
