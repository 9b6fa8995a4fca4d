import { createWriteStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { produceAside } from '../embeddings/aside.js';
import { ClipcovError } from '../errors.js';
import { exporters, imageFile } from '../export/formats.js';
import { checkPicks, picksPath, readPicks, type StoredPick } from '../export/picks.js';
import { readSubset } from '../export/subsetDocument.js';
import type { ExportReport, ValidParams } from '../protocol/contract.js';
import { throwIfCancelled, type JobContext } from '../context.js';

const PAGE = 50_000;

/** Writes the picks in a target's format, by rank, a page at a time. */
export async function exportJob(params: ValidParams<'export'>, context: JobContext): Promise<ExportReport> {
  const file = resolve(params.subset);
  const out = resolve(params.out);
  const document = await readSubset(file);
  await checkPicks(file, document);
  const exporter = exporters[params.format];
  const imageRoot = document.imageRoot === null ? null : resolve(dirname(file), document.imageRoot);
  const warnings: string[] = [];
  let rows = 0;
  async function* pages(): AsyncGenerator<string> {
    yield exporter.header();
    for (let offset = 0; ; offset += PAGE) {
      throwIfCancelled(context);
      const picks = await readPicks(picksPath(file, document), offset, PAGE);
      const bare =
        exporter.needsPairs &&
        picks.find((pick) => pick.caption === null || imageFile(pick, { imageRoot, out }) === null);
      if (bare)
        throw new ClipcovError(
          'export-needs-pairs',
          `The format ${params.format} needs an image file and a caption a pick; the store of this subset names ${describe(bare)} for pair ${bare.id}.`,
          {
            where: file,
            fix: 'Export it as jsonl or text, or select from the dataset instead of the bare store.',
          },
        );
      // The first page that gives cause says enough.
      const warning = warnings.length ? null : exporter.warning(picks);
      if (warning) warnings.push(warning);
      rows += picks.length;
      yield exporter.rows(picks, { imageRoot, out });
      if (picks.length < PAGE) return;
    }
  }
  await produceAside(out, (aside) => pipeline(Readable.from(pages()), createWriteStream(aside)));
  return { out, rows, command: exporter.command(out, rows), warnings };
}

function describe({ image, caption }: StoredPick): string {
  if (image === null) return 'no image';
  return caption === null ? 'no caption' : `'${image}', which is no absolute path,`;
}
