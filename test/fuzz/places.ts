import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from '../../server/dataset/roots.js';
import { root } from '../setup/paths.js';
import type { Access } from './trace.js';

/** Folders and files that a run may read, and those that it may change; what may be changed may be read. */
export interface Places {
  read: string[];
  write: string[];
}

/** What any program reads to run at all: libraries, and what the system says of itself. */
const SYSTEM = [
  ...['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/usr/share/zoneinfo', '/etc/localtime'],
  ...['/etc/ld.so.cache', '/etc/ld.so.preload', '/etc/ssl/openssl.cnf', '/usr/lib/ssl'],
  // What Node's resolver of names reads before it is asked for any; an answer would need a connection.
  ...['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/netsvc.conf', '/etc/svc.conf'],
  // Where libvips looks for itself: the place that it was built in, and the folders of programs.
  ...['/target/lib', ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/sharp`)],
  // Where ONNX Runtime looks for devices.
  ...['/sys/class/drm', '/sys/class/accel', '/sys/bus/pci/devices', '/sys/devices/pci0000:00'],
  // A loader asks whether names of files differ by their case.
  root.toUpperCase(),
  ...['/proc/cpuinfo', '/proc/meminfo', '/proc/stat', '/proc/version_signature', '/proc/sys'],
  ...['/sys/devices/system', '/sys/fs/cgroup', '/sys/kernel/mm/transparent_hugepage', '/dev/urandom'],
];
/** What a process may read of itself: its environment and its memory are not among it. */
const OF_ITSELF =
  /^\/proc\/(self|thread-self|\d+)\/(cgroup|exe|fd|maps|mountinfo|stat|statm|status|task)(\/\d+)?$/;
const CHANGED = ['/dev/null'];

/** The first accesses that lie elsewhere; nothing is said of where a link leads, which is looked up before it is judged. */
export function strayed(accesses: Access[], { read, write }: Places): Access[] {
  const changed = [...write.map((place) => realpathSync(place)), ...write, ...CHANGED];
  const readable = [...changed, ...read, ...SYSTEM, root, dirname(process.execPath)];
  const within = (places: string[], path: string): boolean => places.some((place) => isInside(place, path));
  return accesses.filter(({ how, what, call }) => {
    switch (how) {
      case 'look':
        return false;
      case 'address':
        return !/^127\.0\.0\.1:\d+$/.test(what);
      case 'write':
        return !within(changed, what);
      case 'read':
        return (
          !within(readable, what) &&
          !OF_ITSELF.test(what) &&
          !isSearched(what) &&
          !(isAbove(readable, what) && !call.startsWith('open'))
        );
    }
  });
}

/** Whether it is a folder on the way to a place. */
function isAbove(places: string[], path: string): boolean {
  return places.some((place) => isInside(path, place));
}

/** What Node and its loader look for in the folders above a program. */
function isSearched(path: string): boolean {
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    for (const name of ['package.json', 'tsconfig.json', 'node_modules'])
      if (isInside(join(folder, name), path)) return true;
    if (folder === dirname(folder)) return false;
  }
}
