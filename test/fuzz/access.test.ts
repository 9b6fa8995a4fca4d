import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../server/cli.js';
import { watchFiles, watchJobs } from './access.js';
import { strayed } from './places.js';
import { accessesOf, traced, whyNoTrace } from './trace.js';

const why = whyNoTrace();
if (why !== null) console.warn(`skipped: ${why}`);
const scratch = scratchFolder();

describe.skipIf(why !== null)('all that the system is asked for', () => {
  it('lies in the dataset, the store, or is ours, whatever a hostile dataset names', async () => {
    const { accesses, strayed } = await watchJobs();
    expect(accesses).toBeGreaterThan(100);
    expect(strayed).toEqual([]);
  }, 180_000);

  it('lies in the temporary folder, or is ours, while damaged files are read', async () => {
    expect((await watchFiles(120, 20, 'given')).strayed).toEqual([]);
  }, 180_000);

  it('is seen: files outside, links to them, and other hosts', async () => {
    const script = `
      const { readFileSync, writeFileSync, symlinkSync, statSync } = require('node:fs');
      const place = ${JSON.stringify(scratch)};
      symlinkSync('/etc/hostname', place + '/a link');
      readFileSync(place + '/a link');
      for (const outside of ['/etc/passwd', '/nowhere/\\u00fcber "all"'])
        try { readFileSync(outside) } catch {}
      try { writeFileSync('/nowhere/written', '') } catch {}
      require('node:worker_threads').threadId === 0 &&
        new (require('node:worker_threads').Worker)('require("node:fs").statSync("/etc/group")', { eval: true });
      require('node:net').connect(9, '127.0.0.2').on('error', () => undefined);
      const socket = require('node:dgram').createSocket('udp4');
      socket.send('x', 9, '127.0.0.3', () => socket.close());
    `;
    const { ran, accesses } = await traced([process.execPath, '-e', script], {
      cwd: scratch,
      env: { PATH: process.env['PATH'] ?? '', HOME: scratch },
      folder: join(scratch, 'trace'),
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const found = strayed(accesses, { read: [], write: [scratch] }).map(({ how, what }) => `${how} ${what}`);
    expect(found.sort()).toEqual([
      'address 0.0.0.0:0',
      'address 127.0.0.2:9',
      'address 127.0.0.3:9',
      'read /etc/group',
      'read /etc/hostname',
      'read /etc/passwd',
      'read /nowhere/über "all"',
      'write /nowhere/written',
    ]);
  }, 180_000);
});

it('a call is read as strace writes it', () => {
  const of = (line: string): string[] => accessesOf(line, '/here').map(({ how, what }) => `${how} ${what}`);
  expect(of('openat(AT_FDCWD</here>, "a/../b", O_RDONLY|O_CLOEXEC) = 3</here/b>')).toEqual([
    'read /here/b',
    'read /here/b',
  ]);
  expect(of('renameat2(5</x>, "a", AT_FDCWD</here>, "/y/b\\303\\251", 0) = 0')).toEqual([
    'write /x/a',
    'write /y/bé',
  ]);
  expect(of('readlink("/proc/self/exe", "/usr/bin/node", 4096) = 13')).toEqual(['look /proc/self/exe']);
  expect(of('execve("/usr/bin/node", ["node", "x"], 0x7ffc /* 35 vars */) = 0')).toEqual([
    'read /usr/bin/node',
  ]);
  expect(of('openat(AT_FDCWD</here>, "/z", O_RDWR|O_CREAT, 0666 <unfinished ...>) = ?')).toEqual([
    'write /z',
  ]);
  expect(of('connect(19<TCP:[7]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1 ENOENT')).toEqual([
    'write /run/x',
  ]);
  expect(of('symlink("/target", "link") = 0')).toEqual(['write /here/link']);
  expect(of('+++ exited with 0 +++')).toEqual([]);
});
