import { parentPort, workerData } from 'node:worker_threads';
import { Client } from '../../extension/server/client.js';
import type { Handshake } from '../../extension/server/handshake.js';
import type { FromPanel } from '../../server/protocol/panelMessages.js';
import { HoldupWatch, type Holdups } from './holdups.js';
import { PanelHost } from './panelHost.js';

/** A panel's host in a thread of its own, as an editor's is: what drives the browser is none of its work. */
export type ToHost =
  { type: 'told'; message: FromPanel } | { type: 'open' } | { type: 'watch' } | { type: 'watched' };
export type FromHost =
  | { type: 'ready' }
  | { type: 'post'; message: string }
  | { type: 'checked' }
  /** Since it was told to watch. */
  | { type: 'held'; holdups: Holdups };

const port = parentPort!;
const post = (message: FromHost): void => port.postMessage(message);
const { handshake, subset } = workerData as { handshake: Handshake; subset: string };
const client = await Client.connect(handshake);
const host = new PanelHost((message) => post({ type: 'post', message }), client, subset);
const watch = new HoldupWatch();
port.on('message', (message: ToHost) => {
  switch (message.type) {
    case 'told':
      return host.told(message.message);
    case 'open':
      return void host
        .open()
        .catch(() => undefined)
        .then(() => post({ type: 'checked' }));
    case 'watch':
      return watch.start();
    case 'watched':
      return post({ type: 'held', holdups: watch.stop() });
  }
});
post({ type: 'ready' });
