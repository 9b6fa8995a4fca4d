import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { produceAside } from '../../embeddings/aside.js';
import { ClipcovError } from '../../errors.js';
import type { Exporter } from '../exporter.js';
import type { StoredPick } from '../picks.js';
import { imageFile, type TableFormat } from './tables.js';

/** Writes the picks by rank as lines of one file, a page at a time. */
export function tableExporter(name: string, format: TableFormat): Exporter {
  return async (subset, { out, checkpoint }) => {
    const place = { imageRoot: subset.imageRoot, out };
    const warnings: string[] = [];
    let rows = 0;
    async function* lines(): AsyncGenerator<string> {
      yield format.header();
      for await (const picks of subset.pages()) {
        await checkpoint(rows);
        const bare =
          format.needsPairs && picks.find((pick) => pick.caption === null || imageFile(pick, place) === null);
        if (bare) throw needsPairs(name, bare, subset.file, subset.imageRoot);
        // The first page that gives cause says enough.
        const warning = warnings.length ? null : format.warning(picks);
        if (warning) warnings.push(warning);
        rows += picks.length;
        yield format.rows(picks, place);
      }
    }
    await produceAside(out, (aside) => pipeline(Readable.from(lines()), createWriteStream(aside)));
    return { rows, command: format.command(out, rows), warnings };
  };
}

function needsPairs(
  name: string,
  { id, image, caption }: StoredPick,
  where: string,
  imageRoot: string | null,
): ClipcovError {
  const lacks =
    image === null
      ? 'names no image'
      : caption === null
        ? 'names no caption'
        : imageRoot === null
          ? `names '${image}', which is no absolute path,`
          : `has its image inside a shard ('${image}')`;
  return new ClipcovError(
    'export-needs-pairs',
    `The format ${name} needs an image file and a caption a pick; the dataset ${lacks} for pair ${id}.`,
    {
      where,
      fix: lacks.startsWith('has')
        ? 'Export it as webdataset, which OpenCLIP trains from as well.'
        : 'Export it as jsonl or text, or select from the dataset instead of the bare store.',
    },
  );
}
