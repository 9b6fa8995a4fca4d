import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { produceAside, writeAside } from '../../../server/embeddings/aside.js';
import { asideOf } from '../../../server/embeddings/unfinished.js';

describe('what is written aside', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clipcov-aside-'));
  });

  it('is removed where a program that is gone left it, and no other file is', async () => {
    const ours = basename(await asideOf(join(mkdtempSync(join(tmpdir(), 'clipcov-aside-')), 'a.npy')));
    const gone = ours.replace(String(process.pid), String(processThatIsGone()));
    const elsewhere = 'a.npy.other-host-4026531836-17.partial';
    for (const name of [gone, ours, elsewhere, 'a.partial', 'a.npy']) writeFileSync(join(folder, name), 'x');
    await writeAside(join(folder, 'b.json'), '{}');
    expect(readdirSync(folder).sort()).toEqual(['a.npy', 'a.partial', 'b.json', elsewhere, ours].sort());
  });

  it('of another machine is removed when it has not grown for a day', async () => {
    const elsewhere = join(folder, 'a.npy.other-host-4026531836-17.partial');
    writeFileSync(elsewhere, 'x');
    const before = Date.now() / 1000 - 25 * 3600;
    utimesSync(elsewhere, before, before);
    await writeAside(join(folder, 'b.json'), '{}');
    expect(readdirSync(folder)).toEqual(['b.json']);
  });

  it('of a program that runs here stays, however far the clock jumps', async () => {
    const ours = basename(await asideOf(join(mkdtempSync(join(tmpdir(), 'clipcov-aside-')), 'a.npy')));
    const running = join(folder, ours.replace(String(process.pid), String(process.ppid)));
    writeFileSync(running, 'x');
    for (const days of [-400, 400]) {
      const time = Date.now() / 1000 + days * 24 * 3600;
      utimesSync(running, time, time);
      mkdirSync(join(folder, String(days)));
      renameSync(running, join(folder, String(days), basename(running)));
      await writeAside(join(folder, String(days), 'b.json'), '{}');
      expect(readdirSync(join(folder, String(days))).sort()).toEqual([basename(running), 'b.json'].sort());
      renameSync(join(folder, String(days), basename(running)), running);
    }
  });

  it('is gone when the writing fails', async () => {
    const failing = produceAside(join(folder, 'a.npy'), async (aside) => {
      expect(dirname(aside)).toBe(folder);
      writeFileSync(aside, 'half');
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    await expect(failing).rejects.toThrow('Cannot write: the disk is full.');
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** A number that a process had a moment ago. */
function processThatIsGone(): number {
  return Number(spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).stdout);
}
