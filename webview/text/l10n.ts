/** Where the page has its translations: a data block, which the page's policy lets no code be in. */
export const BUNDLE_ELEMENT = 'clipcov-l10n';

const bundle = readBundle();

/**
 * A text in the language of VS Code, with `{0}`, `{1}`, … replaced. The English text is the key: what has no translation
 * is shown as it stands here.
 */
export function t(message: string, ...values: (string | number)[]): string {
  return fill(bundle[message] ?? message, values);
}

export function fill(text: string, values: readonly (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

/** The language that figures are written in. */
export function pageLanguage(): string {
  return typeof document === 'undefined' ? '' : document.documentElement.lang;
}

function readBundle(): Record<string, string> {
  const element = typeof document === 'undefined' ? null : document.getElementById(BUNDLE_ELEMENT);
  return element ? (JSON.parse(element.textContent || '{}') as Record<string, string>) : {};
}
