import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { datasetHome } from '../dataset/home.js';
import { openSource, type Source } from '../dataset/source.js';
import { writeAside, writeError } from '../embeddings/aside.js';
import { openGivenStore, type DataCompModel } from '../embeddings/dataComp.js';
import { createEncoder, type Encoder } from '../embeddings/encoder.js';
import { encoderWithNext, endsTheRun } from '../embeddings/encoderWithNext.js';
import { loadModel, type ProxyModel } from '../embeddings/model.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { chooseDevice, nextDevice } from '../engine/chooseDevice.js';
import type { Device } from '../engine/device.js';
import { EngineProducts } from '../engine/products.js';
import { findModel } from '../hub/findModel.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import type { DeviceChoice } from '../protocol/contract.js';
import type { Products } from '../selection/products.js';

/** What every job starts from: the source, and model, device and encoder once something asks for them. */
export interface Workspace {
  source: Source;
  /** Where catalogue and stores of this dataset lie: below `.clipcov` beside it, or below the folder the user gave. */
  home: string;
  /** Makes that folder; it keeps itself out of version control. */
  makeHome(): Promise<void>;
  /** The embeddings of a source that is a store; null for a dataset. */
  givenStore(): Promise<EmbeddingStore | null>;
  model(): Promise<ProxyModel>;
  /** The device of the run; another one after the encoder lost it. */
  device(): Promise<Device>;
  encoder(): Promise<Encoder>;
  /** Products of rows of this width, on the device. */
  products(dim: number): Promise<Products>;
  release(): Promise<void>;
}

export interface WorkspaceParams {
  source: string;
  model?: string | undefined;
  store?: string | undefined;
  embeddings?: DataCompModel | undefined;
  device: DeviceChoice;
}

/** How the devices of a run are found. */
export interface Devices {
  choose: typeof chooseDevice;
  next: typeof nextDevice;
  open: typeof createEncoder;
}

export async function openWorkspace(
  params: WorkspaceParams,
  context: Pick<JobContext, 'cancelled'>,
  { choose, next, open }: Devices = { choose: chooseDevice, next: nextDevice, open: createEncoder },
): Promise<Workspace> {
  const source = await openSource(params.source, () => throwIfCancelled(context));
  const model = once(() => openModel(params.model));
  let chosen: Promise<Device> | null = null;
  const device = (): Promise<Device> => (chosen ??= choose(params.device));
  const base = params.store === undefined ? join(source.root, '.clipcov') : resolve(params.store);
  const home = datasetHome(source.kind === 'store' ? source.root : source.path, source.root, base);
  const products: EngineProducts[] = [];
  let made = false;
  const encoder = once(async () => {
    made = true;
    return encoderWithNext(await model(), await device(), {
      onLost: params.device === 'auto' ? (lost, reason) => (chosen = next(lost, reason)) : endsTheRun,
      open,
    });
  });
  return {
    source,
    home,
    async makeHome() {
      try {
        await mkdir(home, { recursive: true });
      } catch (cause) {
        throw writeError(home, cause);
      }
      await writeAside(join(base, '.gitignore'), '*\n');
    },
    givenStore: once(async () =>
      source.kind === 'store' ? openGivenStore(source.root, home, params.embeddings) : null,
    ),
    model,
    device,
    encoder,
    async products(dim) {
      const own = new EngineProducts(await device(), dim);
      products.push(own);
      return own;
    },
    async release() {
      for (const own of products) await own.release();
      if (made) await (await encoder()).release();
    },
  };
}

/** The model of a folder, or of a hub name that is in the cache; the embedded one where none is named. */
export async function openModel(named: string | undefined): Promise<ProxyModel> {
  if (named === undefined) return loadModel();
  const { folder, ...found } = findModel(named);
  return loadModel(folder, found);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
