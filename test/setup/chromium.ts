import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The full path of the first of these programs that is on PATH. */
export function findOnPath(...programs: string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return programs.flatMap((name) => folders.map((folder) => path.join(folder, name))).find(isExecutable);
}

/** The Chromium to test in: the one named by CHROMIUM_EXECUTABLE, or one on PATH. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_EXECUTABLE'];
  if (named === undefined || named === '') return findOnPath(...names);
  if (!isExecutable(named)) throw new Error(`CHROMIUM_EXECUTABLE names no executable: ${named}`);
  return named;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
