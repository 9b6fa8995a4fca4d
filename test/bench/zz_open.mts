import { launchBrowser } from '../setup/browser.js';
import { Client } from '../../extension/server/client.js';
import { startProcess } from '../../extension/server/process.js';
import { CLI, median } from './measure.js';
import { servePage } from './pageServer.js';
import { panelData } from './panelData.js';
import { PanelHost } from './panelHost.js';
import { readFileSync } from 'node:fs';
const data = await panelData(1_000_000);
const server = await startProcess(CLI, () => undefined);
const client = await Client.connect(server.handshake);
const browser = await launchBrowser();
const served = await servePage();
const times: number[] = [];
for (let i = 0; i < Number(process.argv[2] ?? 8); i++) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  const host = await PanelHost.on(page, client, data.tenth);
  let checked: Promise<unknown> = Promise.resolve();
  const last = process.argv[3] && i === 2;
  if (last) await browser.startTracing(page, { path: '/tmp/tt/open.json', categories: ['devtools.timeline', 'toplevel', 'v8.execute', 'v8'] });
  served.opened = () => (checked = host.open().catch(() => undefined));
  await page.goto(served.address);
  times.push(await host.firstRows);
  await checked;
  if (last) await browser.stopTracing();
  await context.close();
}
console.log(median(times).toFixed(0), times.map((t) => t.toFixed(0)).join(' '));
await browser.close(); served.close(); client.dispose(); await server.stop();
if (process.argv[3]) {
  const { traceEvents: ev } = JSON.parse(readFileSync('/tmp/tt/open.json', 'utf8'));
  const nav = ev.filter((e: any) => e.name === 'navigationStart' || e.name === 'ResourceSendRequest').sort((a: any, b: any) => a.ts - b.ts);
  const main = ev.find((e: any) => e.name === 'EvaluateScript' && e.args?.data?.url?.endsWith('webview.js'));
  const t0 = nav.find((e: any) => e.name === 'ResourceSendRequest')?.ts ?? main.ts;
  for (const e of ev.filter((e: any) => e.ph === 'X' && e.pid === main.pid && e.tid === main.tid && e.dur > 1500 && !/RunTask|ThreadControllerImpl/.test(e.name)).sort((a: any, b: any) => a.ts - b.ts))
    console.log(((e.ts - t0) / 1000).toFixed(1).padStart(8), (e.dur / 1000).toFixed(1).padStart(6), e.name, e.args?.data?.url?.split('/').pop() ?? e.args?.data?.type ?? e.args?.data?.functionName ?? '');
}
