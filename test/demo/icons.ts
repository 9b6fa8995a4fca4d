/** The icons of the installed Iconify packages, with names, classes and licences. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Icon {
  set: string;
  id: string;
  /** Name in words, lower case, as icon-clip's held-out captions: `alarm clock plus`. */
  name: string;
  /** One of icon-clip's class names, or null where the icon belongs to none. */
  latentClass: string | null;
  body: string;
  viewBox: string;
  /** Whether the icon is one colour, `currentColor`, and so can be drawn in another. */
  plain: boolean;
}

export interface IconSet {
  prefix: string;
  title: string;
  author: string;
  url: string;
  licence: string;
  licenceUrl: string | null;
  /** Version of the npm package. */
  version: string;
  icons: Icon[];
}

interface IconsJson {
  width?: number;
  height?: number;
  icons: Record<string, Box & { body: string; hidden?: boolean }>;
}

interface Box {
  left?: number;
  top?: number;
  width?: number;
  height?: number;
}

interface InfoJson {
  name: string;
  palette: boolean;
  author: { name: string; url: string };
  license: { spdx: string; url?: string };
}

const SETS = ['twemoji', 'lucide', 'carbon', 'heroicons'];
const MODEL = new URL('../../models/icon-clip/', import.meta.url);
const { resolve } = createRequire(import.meta.url);

/** Skin tones, and Heroicons drawn again for 16 and 20 px: near duplicates that no ground truth would list. */
const VARIANT = /skin-tone|-(?:16|20)-solid$/;

export function readIconSets(): IconSet[] {
  const classOf = readClasses();
  // Aliases are a list of their own in the packages, but some icons are one picture under two names: the first stays.
  const seen = new Set<string>();
  return SETS.map((prefix) => {
    const read = <T>(file: string): T =>
      JSON.parse(readFileSync(resolve(`@iconify-json/${prefix}/${file}`), 'utf8')) as T;
    const info = read<InfoJson>('info.json');
    const json = read<IconsJson>('icons.json');
    const icons = Object.entries(json.icons)
      .filter(([id, icon]) => icon.hidden !== true && !VARIANT.test(id))
      .filter(([, icon]) => !seen.has(icon.body) && seen.add(icon.body))
      .map(([id, icon]): Icon => {
        const name = id.replaceAll('-', ' ').toLowerCase();
        const box = { ...json, ...icon };
        const viewBox = [box.left ?? 0, box.top ?? 0, box.width ?? 16, box.height ?? 16].join(' ');
        const latentClass = classOf(prefix, id, name);
        return { set: prefix, id, name, latentClass, body: icon.body, viewBox, plain: !info.palette };
      });
    return {
      prefix,
      title: info.name,
      author: info.author.name,
      url: info.author.url,
      licence: info.license.spdx,
      licenceUrl: info.license.url ?? null,
      version: read<{ version: string }>('package.json').version,
      icons,
    };
  });
}

/** The class that icon-clip's card states for a held-out icon; for one that it does not list, its own name. */
function readClasses(): (set: string, id: string, name: string) => string | null {
  const text = (file: string): string => readFileSync(fileURLToPath(new URL(file, MODEL)), 'utf8');
  const names = new Set(JSON.parse(text('classes.json')) as string[]);
  const listed = new Map<string, string | null>();
  for (const line of text('heldout.jsonl').split('\n').filter(Boolean)) {
    const icon = JSON.parse(line) as { set: string; icon: string; latentClass: string | null };
    listed.set(`${icon.set}:${icon.icon}`, icon.latentClass);
  }
  return (set, id, name) => {
    const known = listed.get(`${set}:${id}`);
    return known === undefined ? (names.has(name) ? name : null) : known;
  };
}
