import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partPaths, tidyParts, type PartPaths } from '../../../server/embeddings/partFiles.js';
import { scratchFolder } from '../cli.js';

const folder = scratchFolder();

describe('partPaths', () => {
  it('pads numbers to int(log10(parts)) + 1 digits, as clip-retrieval does', () => {
    const digits = (parts: number): string =>
      /img_emb_(\d+)\.npy$/.exec(partPaths('/s', 0, parts).images)![1]!;
    for (const [parts, width] of [
      [1, 1],
      [9, 1],
      [10, 2],
      [99, 2],
      [100, 3],
      [1000, 4],
    ] as const)
      expect(digits(parts), `${parts} parts`).toHaveLength(width);
    expect(partPaths('/s', 7, 12)).toEqual({
      images: join('/s/img_emb/img_emb_07.npy'),
      texts: join('/s/text_emb/text_emb_07.npy'),
      metadata: join('/s/metadata/metadata_07.parquet'),
      skipped: join('/s/skipped/skipped_07.jsonl'),
    });
  });
});

describe('tidyParts', () => {
  const kinds = ['img_emb', 'text_emb', 'metadata', 'skipped'] as const;
  const extension = { img_emb: 'npy', text_emb: 'npy', metadata: 'parquet', skipped: 'jsonl' };

  it('renames to the new width, removes what is unfinished, and retires what is beyond', async () => {
    const store = join(folder, 'store');
    for (const kind of kinds) {
      mkdirSync(join(store, kind), { recursive: true });
      for (let part = 0; part < 12; part++)
        writeFileSync(
          join(store, kind, `${kind}_${String(part).padStart(2, '0')}.${extension[kind]}`),
          `${part}`,
        );
      writeFileSync(join(store, kind, `${kind}_03.${extension[kind]}.partial`), 'half');
      writeFileSync(join(store, kind, 'notes.txt'), 'mine');
    }
    const retired: PartPaths[] = [];
    await tidyParts(store, 9, async (paths) => void retired.push(paths));
    expect(retired.map((paths) => paths.images)).toEqual(
      ['09', '10', '11'].map((number) => join(store, 'img_emb', `img_emb_${number}.npy`)),
    );
    for (const kind of kinds) {
      const names = readdirSync(join(store, kind));
      expect(names.filter((name) => name.endsWith('.partial'))).toEqual([]);
      expect(names).toContain('notes.txt');
      for (let part = 0; part < 9; part++) expect(names).toContain(`${kind}_${part}.${extension[kind]}`);
    }
  });
});
