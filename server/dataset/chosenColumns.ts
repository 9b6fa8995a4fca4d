import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ClipcovError } from '../errors.js';
import { refuseNewer } from '../formatVersion.js';
import { tableColumns } from '../protocol/fields.js';
import type { TableColumns } from './columns.js';

const schema = z.object({ schema: z.literal(1), ...tableColumns.shape });

export function columnsFile(home: string): string {
  return join(home, 'columns.json');
}

/** The columns that somebody chose for the dataset of this folder; null where nobody has. */
export function chosenColumns(home: string): TableColumns | null {
  const file = columnsFile(home);
  if (!existsSync(file)) return null;
  try {
    const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const otherwise = 'choose the columns again (--image-column, --caption-column).';
    refuseNewer(document, { known: 1, what: 'The choice of columns', where: file, otherwise });
    const { image, caption } = schema.parse(document);
    return { image, caption };
  } catch (cause) {
    if (cause instanceof ClipcovError) throw cause;
    throw new ClipcovError('columns-damaged', 'What was kept of the chosen columns cannot be read.', {
      where: file,
      fix: 'Choose the columns again (--image-column, --caption-column), or delete the file.',
      cause,
    });
  }
}

/** What is kept of a choice. */
export function columnsDocument({ image, caption }: TableColumns): string {
  return `${JSON.stringify({ schema: 1, image, caption })}\n`;
}
