import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createRequire } from 'node:module';
import type { ShippedPackage } from './shipped.js';

export const NOTICES = 'THIRD_PARTY_NOTICES.txt';

const RULE = '─'.repeat(78);

/** Every package with its licence in full: what the package says of it, or where it has no such file, SPDX's text. */
export async function thirdPartyNotices(packages: readonly ShippedPackage[]): Promise<string> {
  const parts = await Promise.all(
    packages.map(async (one) => {
      const texts = await ownTexts(one.folder);
      const text = texts.length > 0 ? texts.join('\n\n') : standardTexts(one);
      return `${RULE}\n${one.name} ${one.version}: ${one.license}\n${RULE}\n\n${text.trim()}\n`;
    }),
  );
  return `ClipCov comes with these packages, of which some are bundled into its own files. The models and lists of names in\nmodels/ have their licences beside them.\n\n${parts.join('\n')}`;
}

async function ownTexts(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) =>
    /^(licen[cs]e|copying|copyright|notices?|thirdpartynotices)\b[\w.-]*$/i.test(name),
  );
  return Promise.all(names.sort().map((name) => readFile(path.join(folder, name), 'utf8')));
}

interface Standard {
  readonly name: string;
  readonly licenseText: string;
}

function standardTexts({ name, license }: ShippedPackage): string {
  const standard = createRequire(import.meta.url)('spdx-license-list/full') as Record<string, Standard>;
  // The lesser licence is additions to the general one.
  const wanted = license.startsWith('LGPL-3.0') ? ['LGPL-3.0-or-later', 'GPL-3.0-or-later'] : [license];
  return wanted
    .map((id) => {
      const text = standard[id]?.licenseText;
      if (!text) throw new Error(`${name} has no licence file, and SPDX knows no ${id}`);
      return text;
    })
    .join('\n\n');
}
