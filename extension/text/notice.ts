/** Controls, and marks that turn the direction of what follows. */
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001F\u007F-\u009F\u200B\u2028-\u202E\u2060-\u2069\uFEFF]+/g;

/**
 * A text for a notification: VS Code makes links of `[text](target)` there, commands included, and names of files or
 * captions of a dataset are anybody's. Brackets that would begin a target are parted from it.
 */
export function notice(text: string): string {
  return text.replace(HIDDEN, ' ').replaceAll('](', '] (');
}
