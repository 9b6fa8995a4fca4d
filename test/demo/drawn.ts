import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble, DEFAULT_OUT, type Assembled } from './assemble.js';

/** The sizes that tests use: few, since each is drawn once. */
export type DrawnPairs = 300 | 500 | 1300;
export const DRAWN: readonly DrawnPairs[] = [300, 500, 1300];

/** Demonstration data of a test's own, copied from a drawing that all tests share: drawing takes ten times as long. */
export async function drawn(out: string, pairs: DrawnPairs): Promise<Assembled> {
  const shared = await sharedDrawing(pairs);
  await cp(join(shared.folder, 'icons'), out, { recursive: true });
  return { ...shared.assembled, table: join(out, 'pairs.csv') };
}

async function sharedDrawing(pairs: DrawnPairs): Promise<{ folder: string; assembled: Assembled }> {
  const folder = join(DEFAULT_OUT, '..', 'drawn', String(pairs));
  if (!existsSync(folder)) {
    // Tests that run side by side draw apart; whose is there first stays.
    const aside = `${folder}.${process.pid}`;
    await assemble(join(aside, 'icons'), { pairs });
    await rename(aside, folder).catch(() => rm(aside, { recursive: true, force: true }));
  }
  return { folder, assembled: await assemble(join(folder, 'icons'), { pairs }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const pairs of DRAWN) await sharedDrawing(pairs);
