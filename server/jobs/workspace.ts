import { join, resolve } from 'node:path';
import { openSource, type Source } from '../dataset/source.js';
import { createEncoder, type Encoder } from '../embeddings/encoder.js';
import { loadModel, type ProxyModel } from '../embeddings/model.js';
import { chooseDevice, type Device } from '../engine/device.js';
import type { DeviceChoice } from '../protocol/contract.js';

/** What every job starts from: the source, and model, device and encoder once something asks for them. */
export interface Workspace {
  source: Source;
  /** `.clipcov` beside the dataset, or the folder the user gave. */
  home: string;
  model(): Promise<ProxyModel>;
  device(): Promise<Device>;
  encoder(): Promise<Encoder>;
  release(): Promise<void>;
}

export interface WorkspaceParams {
  source: string;
  model?: string | undefined;
  store?: string | undefined;
  device: DeviceChoice;
}

export async function openWorkspace(params: WorkspaceParams): Promise<Workspace> {
  const source = await openSource(params.source);
  const model = once(() => loadModel(params.model));
  const device = once(() => chooseDevice(params.device));
  let made = false;
  const encoder = once(async () => {
    made = true;
    return createEncoder(await model(), await device());
  });
  return {
    source,
    home: params.store === undefined ? join(source.root, '.clipcov') : resolve(params.store),
    model,
    device,
    encoder,
    async release() {
      if (made) await (await encoder()).release();
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
