import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand, type Ran } from '../server/cli.js';
import { findOnPath } from '../setup/chromium.js';

/** What a program asked the system for. */
export interface Access {
  /** `read` opens a file or asks what it is, `write` changes something, `look` asks where a link leads. */
  how: 'read' | 'write' | 'look' | 'address';
  /** A full path, or an address as `127.0.0.1:80`. */
  what: string;
  /** The call, as strace wrote it. */
  call: string;
}

export interface Traced {
  ran: Ran;
  /** Each thing once, for each way in which it was asked for. */
  accesses: Access[];
}

const NETWORK = ['connect', 'bind', 'sendto', 'sendmsg', 'sendmmsg'];
const RING = 'io_uring_setup';
const OPTIONS = ['-ff', '--seccomp-bpf', '-y', '-e', `trace=%file,${NETWORK.join(',')},${RING}`];

/** Why no program can be traced on this machine, or null. */
export function whyNoTrace(): string | null {
  if (process.platform !== 'linux') return 'programs are traced on Linux alone';
  if (findOnPath('strace') === undefined)
    return 'strace is not on this machine: npm run test:setup installs it where apt-get may be used';
  const { status } = spawnSync('strace', ['-f', '--seccomp-bpf', '-o', '/dev/null', 'true']);
  return status === 0 ? null : 'strace may trace nothing on this machine';
}

/** Runs a program with all that it starts, and tells every file and address that they asked for. */
export async function traced(
  command: string[],
  { cwd, env, folder }: { cwd: string; env: Record<string, string>; folder: string },
): Promise<Traced> {
  mkdirSync(folder, { recursive: true });
  try {
    // What goes through a ring is no call that could be seen.
    const variables = Object.entries({ ...env, UV_USE_IO_URING: '0' }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const strace = ['strace', ...OPTIONS, '-o', join(folder, 'of'), ...command];
    const ran = await runCommand('env', ['-i', '-C', cwd, ...variables, ...strace]).ended;
    const found = new Map<string, Access>();
    for (const file of readdirSync(folder))
      for (const line of readFileSync(join(folder, file), 'latin1').split('\n'))
        for (const access of accessesOf(line, cwd)) found.set(`${access.how} ${access.what}`, access);
    return { ran, accesses: [...found.values()] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const LOOKS = /^readlink(at)?$/;
const CHANGES =
  /^(creat|mk(dir|nod)(at)?|unlink(at)?|rmdir|rename(at2?)?|(sym)?link(at)?|truncate|l?f?ch(mod|own)(at2?)?|utime(s|nsat)?|futimesat|l?(set|remove)xattr|u?mount2?|chroot|pivot_root)$/;
/** A path, after the folder that it is relative to where the call names one. */
const PATH = /(?:(?:AT_FDCWD|-?\d+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"/g;

/** What a line of strace says was asked for: nothing where it is about signals, or the end of a thread. */
export function accessesOf(line: string, cwd: string): Access[] {
  const [, name, rest] = /^(\w+)\((.*)$/.exec(line) ?? [];
  if (name === undefined || rest === undefined || name === 'getcwd') return [];
  if (name === RING) return [{ how: 'address', what: RING, call: line }];
  if (NETWORK.includes(name)) return addressesOf(rest, cwd).map((access) => ({ ...access, call: line }));
  const how = LOOKS.test(name)
    ? 'look'
    : CHANGES.test(name) || (/^open/.test(name) && /O_(WRONLY|RDWR|CREAT|TRUNC)/.test(rest))
      ? 'write'
      : 'read';
  const all = [...rest.matchAll(PATH)];
  // Behind the path of most calls come answers; two paths have only those that change something, and what a link says is none.
  const paths =
    how !== 'write' || /^open/.test(name) ? all.slice(0, 1) : all.slice(/^symlink/.test(name) ? 1 : 0, 2);
  const asked = paths.map(([, from, path]) => resolve(cwd, plain(from ?? ''), plain(path!)));
  // The file that a link led to.
  const opened = /^open/.test(name) ? / = \d+<(\/[^>]*)>/.exec(rest)?.[1] : undefined;
  if (opened !== undefined) asked.push(plain(opened));
  return asked.map((what) => ({ how, what, call: line }));
}

function addressesOf(rest: string, cwd: string): Omit<Access, 'call'>[] {
  const [, family] = /sa_family=(\w+)/.exec(rest) ?? [];
  if (family === undefined || family === 'AF_UNSPEC') return [];
  const port = /port=htons\((\d+)\)/.exec(rest)?.[1];
  const host = /inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"/.exec(rest);
  if (host) return [{ how: 'address', what: `${host[1] ?? host[2]}:${port}` }];
  const path = /sun_path="((?:[^"\\]|\\.)*)"/.exec(rest)?.[1];
  if (path !== undefined) return [{ how: 'write', what: resolve(cwd, plain(path)) }];
  return [{ how: 'address', what: family }];
}

/** Without strace's escapes: it writes bytes in octal. */
function plain(text: string): string {
  const bytes = text.replaceAll(/\\(?:([0-7]{1,3})|(.))/g, (_, octal?: string, sign = '') =>
    octal === undefined
      ? (ESCAPED[sign as string] ?? (sign as string))
      : String.fromCharCode(parseInt(octal, 8)),
  );
  return Buffer.from(bytes, 'latin1')
    .toString()
    .replace(/ \(deleted\)$/, '')
    .replace(/\(deleted\)$/, '');
}

const ESCAPED: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };
