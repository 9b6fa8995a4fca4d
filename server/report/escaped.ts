const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls but tab and line feed, and signs that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Any text as text of HTML, between tags and inside quotes alike; what cannot be seen is made visible. */
export function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign]!)
    .replace(UNSEEN, (sign) => (sign === '\t' || sign === '\n' ? sign : '\ufffd'));
}

/** A text in a cell of a Markdown table: one line, of which nothing is a sign of Markdown or HTML. */
export function markdownCell(text: string): string {
  return escaped(text).replace(/[|\\`*_[\]\n]/g, (sign) => (sign === '\n' ? ' ' : `\\${sign}`));
}
