/** Whose icons the demonstration data shows, and under which licence. */
import type { IconSet } from './icons.js';

export function attribution(sets: readonly IconSet[]): string {
  const lines = sets.map((set) => {
    const licence = set.licenceUrl === null ? set.licence : `[${set.licence}](${set.licenceUrl})`;
    const packageName = `@iconify-json/${set.prefix} ${set.version}`;
    return `| [${set.title}](${set.url}) | ${set.author} | ${licence} | ${packageName} | ${set.icons.length} |`;
  });
  return [
    '# Icons in this data',
    '',
    '| set | author | licence | package | icons to choose from |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    'Changed from the originals: drawn at 96×96 pixels on white; some coloured, made smaller, turned, moved, cropped,',
    'tinted or cut short. The captions come from the icons’ names; many are wrong on purpose.',
    '',
  ].join('\n');
}
