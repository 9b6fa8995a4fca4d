import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Database } from '../../dataset/database.js';
import { partPaths, partRows } from '../../embeddings/partFiles.js';
import { readPlan } from '../../embeddings/store.js';
import { checkPicks } from '../../export/picks.js';
import { readSubset, SUBSET_EXTENSION } from '../../export/subsetDocument.js';
import type { DoctorFinding } from '../../protocol/doctor.js';
import { failed } from './system.js';

const MAKE_AGAIN = 'Nothing is lost: the next run makes again what is damaged, and keeps the rest.';

/** Reads every finished part of the stores below a dataset's home, whole, and says which are damaged. */
export async function storesFound(
  home: string,
  check: (part: number, parts: number) => void,
): Promise<DoctorFinding[]> {
  const found: DoctorFinding[] = [];
  const database = await Database.open();
  try {
    for (const name of existsSync(home) ? (await readdir(home)).sort() : []) {
      const folder = join(home, name);
      if (!existsSync(join(folder, 'metadata'))) continue;
      found.push(await storeFound(folder, database, check));
    }
  } finally {
    database.close();
  }
  return found;
}

async function storeFound(
  folder: string,
  database: Database,
  check: (part: number, parts: number) => void,
): Promise<DoctorFinding> {
  try {
    const plan = readPlan(folder);
    if (plan === null)
      return { check: 'store', state: 'note', found: 'made by another program', where: folder };
    const parts = Math.ceil(plan.pairs / plan.partRows);
    const [damaged, missing]: [string[], number[]] = [[], []];
    for (let part = 0; part < parts; part++) {
      check(part, parts);
      const paths = partPaths(folder, part, parts);
      if (!existsSync(paths.metadata)) missing.push(part);
      else if ((await partRows(paths, database)) === null) damaged.push(basename(paths.metadata));
    }
    if (damaged.length > 0)
      return {
        check: 'store',
        state: 'warning',
        found: `${damaged.length} of ${parts} parts are damaged: ${damaged.slice(0, 5).join(', ')}${damaged.length > 5 ? ', …' : ''}`,
        where: folder,
        fix: MAKE_AGAIN,
      };
    const left = missing.length > 0 ? `, ${missing.length} still to be made` : '';
    return {
      check: 'store',
      state: 'ok',
      found: `${parts - missing.length} of ${parts} parts, all sound${left}`,
      where: folder,
    };
  } catch (error) {
    return failed('store', error);
  }
}

/** Opens every subset of a folder, and holds its picks against what its document says of them. */
export async function subsetsFound(folder: string): Promise<DoctorFinding[]> {
  if (!existsSync(folder)) return [];
  const found: DoctorFinding[] = [];
  let sound = 0;
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(SUBSET_EXTENSION)).sort())
    try {
      const file = join(folder, name);
      await checkPicks(file, await readSubset(file));
      sound++;
    } catch (error) {
      found.push(failed('subset', error));
    }
  if (sound > 0) found.unshift({ check: 'subset', state: 'ok', found: `${sound} sound`, where: folder });
  return found;
}
