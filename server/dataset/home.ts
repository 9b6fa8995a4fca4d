import { basename, join } from 'node:path';

/**
 * Where catalogue and stores of a dataset lie: below `.clipcov` beside it, or below the folder the user gave. A folder of a
 * name of its own for each table: two tables of one folder must not undo each other's stores.
 */
export function datasetHome(path: string, root: string, base: string | null): string {
  return join(base ?? join(root, '.clipcov'), path === root ? 'images' : basename(path));
}
