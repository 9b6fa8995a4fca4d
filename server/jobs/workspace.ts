import { join } from 'node:path';
import { columnsDocument, columnsFile } from '../dataset/chosenColumns.js';
import { checkColumns } from '../dataset/columnNames.js';
import type { TableColumns } from '../dataset/columns.js';
import { datasetHome, makeFolder, ownFolder } from '../dataset/home.js';
import { openSource, type DatasetSource, type Source } from '../dataset/source.js';
import { writeAside, writeError } from '../embeddings/aside.js';
import { openGivenStore, type DataCompModel } from '../embeddings/dataComp.js';
import type { Encoder } from '../embeddings/encoder.js';
import { encoderWithNext, endsTheRun } from '../embeddings/encoderWithNext.js';
import { loadModel, type ProxyModel } from '../embeddings/model.js';
import type { EmbeddingStore } from '../embeddings/store.js';
import { chooseDevice, nextDevice } from '../engine/chooseDevice.js';
import type { Device } from '../engine/device.js';
import { EngineProducts } from '../engine/products.js';
import { findModel } from '../hub/findModel.js';
import { throwIfCancelled, type JobContext } from '../context.js';
import { ClipcovError } from '../errors.js';
import { encoderInThread } from '../parallel/towerThread.js';
import type { DeviceChoice } from '../protocol/fields.js';
import type { Products } from '../selection/products.js';

/** What every job starts from: the source, and model, device and encoder once something asks for them. */
export interface Workspace {
  source: Source;
  /** The folder that ClipCov keeps for the dataset's folder; all that it stores lies in it. */
  folder: string;
  /** Where catalogue and stores of this dataset lie: below that folder. */
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
  /** The path of a dataset or store, or a dataset that was opened already. */
  source: string | DatasetSource;
  /** Folder below that of the embeddings; by the source's name where absent. */
  name?: string;
  /** To be kept with the dataset. */
  columns?: TableColumns | undefined;
  model?: string | undefined;
  store?: string | undefined;
  embeddings?: DataCompModel | undefined;
  device: DeviceChoice;
}

/** How the devices of a run are found. */
export interface Devices {
  choose: typeof chooseDevice;
  next: typeof nextDevice;
  open: typeof encoderInThread;
}

export async function openWorkspace(
  params: WorkspaceParams,
  context: Pick<JobContext, 'cancelled'>,
  { choose, next, open }: Devices = { choose: chooseDevice, next: nextDevice, open: encoderInThread },
): Promise<Workspace> {
  const source =
    typeof params.source === 'string'
      ? await openSource(params.source, () => throwIfCancelled(context))
      : params.source;
  const model = once(() => openModel(params.model));
  let chosen: Promise<Device> | null = null;
  const device = (): Promise<Device> => (chosen ??= choose(params.device));
  const folder = ownFolder(source.root, params.store);
  const path = source.kind === 'store' ? source.root : source.path;
  const home = params.name === undefined ? datasetHome(path, source.root, folder) : join(folder, params.name);
  const products: EngineProducts[] = [];
  let made = false;
  const encoder = once(async () => {
    made = true;
    return encoderWithNext(await model(), await device(), {
      onLost: params.device === 'auto' ? (lost, reason) => (chosen = next(lost, reason)) : endsTheRun,
      open,
    });
  });
  const makeHome = async (): Promise<void> => {
    try {
      await makeFolder(home);
      await writeAside(join(folder, '.gitignore'), '*\n');
    } catch (cause) {
      throw storeRefused(home, cause);
    }
  };
  if (params.columns) {
    await checkColumns(source, params.columns);
    await makeHome();
    await writeAside(columnsFile(home), columnsDocument(params.columns));
  }
  return {
    source,
    folder,
    home,
    makeHome,
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

/** A folder of ours that cannot be made: mostly that of a dataset which nobody may change. */
function storeRefused(where: string, cause: unknown): unknown {
  const error = writeError(where, cause);
  if (!(error instanceof ClipcovError) || error.code !== 'cannot-write') return error;
  return new ClipcovError(error.code, error.message, {
    where,
    fix: 'Change the permissions or make room, or keep embeddings in another folder (--store, setting clipcov.storeFolder).',
    cause,
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
