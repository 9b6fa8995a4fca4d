import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

/** A stack with places in the TypeScript sources: VS Code shows those in the bundle, whatever Node is told. */
export function stackInSources(stack = ''): string {
  const map = new SourceMap(JSON.parse(readFileSync(`${__filename}.map`, 'utf8')));
  const lines = stack.split(__filename);
  return lines
    .map((rest, index) => {
      const [place, line, column] = /^:(\d+):(\d+)/.exec(rest) ?? [];
      if (index === 0) return rest;
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (place === undefined || !('originalSource' in entry)) return __filename + rest;
      const source = path.resolve(__dirname, entry.originalSource);
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}${rest.slice(place.length)}`;
    })
    .join('');
}
