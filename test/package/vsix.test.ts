import { readFile, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOTICES } from '../../.ci/package/notices.js';
import { SBOM } from '../../.ci/package/sbom.js';
import { HERE, targetOf } from '../../.ci/package/targets.js';
import { packExtension } from '../../.ci/package/vsix.js';
import { testTools } from '../setup/paths.js';

/** Entries below extension/, and the texts of the wanted ones. */
async function contents(
  vsix: string,
  wanted: string[],
): Promise<{ names: string[]; texts: Map<string, string> }> {
  const bytes = await readFile(vsix);
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    fromBuffer(bytes, { lazyEntries: true }, (error, file) => (error ? reject(error) : resolve(file))),
  );
  const names: string[] = [];
  const texts = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      const name = entry.fileName.replace(/^extension\//, '');
      names.push(name);
      if (!wanted.includes(name)) return zip.readEntry();
      zip.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        texts.set(name, await text(stream));
        zip.readEntry();
      });
    });
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.readEntry();
  });
  return { names, texts };
}

describe('the extension as it is packed', () => {
  let vsix: string;
  let names: string[];
  let texts: Map<string, string>;
  beforeAll(async () => {
    vsix = await packExtension({ into: testTools });
    ({ names, texts } = await contents(vsix, [NOTICES, SBOM]));
  }, 120_000);

  it('keeps to its budget', async () => {
    expect((await stat(vsix)).size).toBeLessThan(targetOf(HERE).budget * 1e6);
  });

  it('holds the native files of its platform and no other’s', () => {
    const native = names.filter((name) => /\.(node|so|dll|dylib)(\.|$)/.test(name));
    expect(native.length).toBeGreaterThan(4);
    const platform = /(linux|win32|darwin)[-/](musl-)?(x64|arm64)/;
    for (const name of native) expect(platform.exec(name)?.[0].replace('/', '-'), name).toBe(HERE);
  });

  it('holds nothing that only development needs', () => {
    expect(names.filter((name) => /\.(map|ts)$|^(test|server|webview|extension|\.ci)\//.test(name))).toEqual(
      [],
    );
    expect(names).toContain('models/icon-clip/onnx/vision_model.onnx');
    expect(names).toContain('models/icon-clip/ATTRIBUTION.md');
  });

  it('lists each package that it holds, with its licence, as files or in a bundle', () => {
    const bom = JSON.parse(texts.get(SBOM)!) as { components: { name: string; version: string }[] };
    const listed = new Set(bom.components.map(({ name }) => name));
    const folders = names
      .filter((name) => /^node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(name))
      .map((name) => name.slice('node_modules/'.length, -'/package.json'.length));
    for (const name of [...folders, 'ws', 'zod', 'vscode-jsonrpc', 'lit-html', 'ml-matrix'])
      expect(listed, name).toContain(name);
    const notices = texts.get(NOTICES)!;
    for (const { name, version } of bom.components) {
      const at = notices.indexOf(`${name} ${version}: `);
      expect(at, name).toBeGreaterThan(0);
      // A heading without a text under it would be no licence.
      expect(notices.slice(at).split('─\n\n')[1]!.slice(0, 400), name).toMatch(/copyright|licen[cs]e/i);
    }
  });

  it('says the same of the same packages', () => {
    expect(texts.get(SBOM)).not.toMatch(/timestamp|serialNumber/);
    expect(texts.get(SBOM)).not.toContain(process.cwd());
  });
});
