/** Longer texts are cut before they reach the page; the file keeps them whole. */
const LONGEST = 4000;

const REPLACEMENT = '\uFFFD';
// Controls, and marks that turn the direction of what follows. Joiners stay: scripts and emoji need them.
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001F\u007F-\u009F\u200B\u2028-\u202E\u2060-\u2069\uFEFF]/g;

/** A caption, class or path as text that cannot hide anything: control characters are shown, not obeyed. */
export function visibleText(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : REPLACEMENT;
  });
}
