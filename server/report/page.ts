import { createHash } from 'node:crypto';
import { escaped } from './escaped.js';

/** One self-contained HTML page: no script, no request, its own policy. `body` is HTML that follows the title. */
export function htmlPage(title: string, style: string, body: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}
