import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { markup } from '../e2e/page.js';
import { root } from '../setup/paths.js';

export interface PageServer {
  address: string;
  /** Called when a page is asked for, which is when an editor would be opened. */
  opened: () => void;
  close(): void;
}

/** Serves the built page from this machine, as an editor does: a browser's driver that answers for it takes longer. */
export async function servePage(): Promise<PageServer> {
  const script = readFileSync(join(root, 'dist/webview.js'));
  const page = markup('dark', undefined);
  const server = createServer(({ url }, response) => {
    const isScript = url === '/webview.js';
    if (!isScript && url !== '/') return void response.writeHead(404).end();
    if (!isScript) served.opened();
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const served: PageServer = {
    address: `http://127.0.0.1:${port}/`,
    opened: () => undefined,
    close: () => void server.close(),
  };
  return served;
}
