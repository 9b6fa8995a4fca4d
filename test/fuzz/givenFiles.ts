import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import proto from 'onnx-proto';
import sharp from 'sharp';
import { Database, sqlString } from '../../server/dataset/database.js';
import { Incoming } from '../../server/dataset/incoming.js';
import { openSource } from '../../server/dataset/source.js';
import { externalData } from '../../server/embeddings/externalData.js';
import { embeddedModelFolder, loadModel } from '../../server/embeddings/model.js';
import { npyFile, openNpy, readNpyRows } from '../../server/embeddings/npy.js';
import { withPixelInput } from '../../server/embeddings/pixelGraph.js';
import { decodeImage } from '../../server/embeddings/pictures.js';
import { openStore } from '../../server/embeddings/store.js';
import { readSubset } from '../../server/export/subsetDocument.js';
import { tarFile } from '../server/dataset/tarFile.js';

/** A kind of file that may be anybody's: a sound one, and what reads it. */
export interface Target {
  name: string;
  sample: Buffer;
  read(file: string, bytes: Buffer): Promise<unknown>;
  /** Set where that takes long: the others are tried more often. */
  rarely?: true;
}

/** Files that others made: tables, archives, images, models, stores, subsets. */
export async function givenFiles(folder: string): Promise<Target[]> {
  const database = await Database.open();
  const rows = async (file: string): Promise<void> => {
    const source = await openSource(file);
    if (source.kind === 'store') return;
    await database.run('DROP TABLE IF EXISTS incoming');
    await source.load(await Incoming.begin(database, async () => undefined));
  };
  const parquet = join(folder, 'sample.parquet');
  await database.run(
    `COPY (SELECT 'images/' || i || '.png' AS image_path, 'caption ' || i AS caption FROM range(40) t(i)) TO ${sqlString(parquet)} (FORMAT parquet)`,
  );
  const png = await sharp({ create: { width: 24, height: 24, channels: 3, background: '#456' } })
    .png()
    .toBuffer();
  const jpeg = await sharp(png).jpeg().toBuffer();
  const model = embeddedModelFolder();
  const { pixels } = await loadModel();
  const lines = Array.from({ length: 20 }, (_, i) => `images/${i}.png,"a caption, number ${i}"\n`);
  const json = Array.from({ length: 20 }, (_, i) => `{"image":"images/${i}.png","caption":"number ${i}"}\n`);
  const decode = async (_: string, bytes: Buffer): Promise<unknown> =>
    decodeImage(bytes, pixels).catch(() => undefined);
  return [
    { name: 'pairs.csv', sample: Buffer.from(`image,caption\n${lines.join('')}`), read: rows },
    {
      name: 'pairs.tsv',
      sample: Buffer.from(`filepath\ttitle\n${lines.join('').replaceAll(',', '\t')}`),
      read: rows,
    },
    { name: 'pairs.jsonl', sample: Buffer.from(json.join('')), read: rows },
    { name: 'pairs.parquet', sample: readFileSync(parquet), read: rows },
    {
      name: 'shard.tar',
      sample: tarFile([
        { name: '0.png', content: png },
        { name: '0.txt', content: 'a caption' },
        { name: '1.json', content: '{"caption":"another"}' },
        { name: '1.jpg', content: jpeg },
      ]),
      read: rows,
    },
    {
      name: 'rows.npy',
      sample: npyFile(`'<f2'`, '(8, 16)', new Uint8Array(8 * 16 * 2)),
      async read(file) {
        const matrix = openNpy(file);
        if (matrix.columns * Math.min(matrix.rows, 8) > 1e6) return;
        readNpyRows(matrix, 0, new Float32Array(matrix.columns * Math.min(matrix.rows, 8)));
      },
    },
    {
      name: 'plan.json',
      sample: Buffer.from(
        '{"schema":1,"model":{"name":"m","fingerprint":"f","dim":16},"pairs":8,"partRows":1024}',
      ),
      async read(file) {
        for (const side of ['img_emb', 'text_emb']) {
          mkdirSync(join(dirname(file), side), { recursive: true });
          writeFileSync(
            join(dirname(file), side, `${side}_0.npy`),
            npyFile(`'<f2'`, '(8, 16)', new Uint8Array(256)),
          );
        }
        openStore(dirname(file));
      },
    },
    { name: 'a.clipcov.json', sample: Buffer.from(SUBSET), read: readSubset },
    { name: 'image.png', sample: png, read: decode },
    { name: 'image.jpg', sample: jpeg, read: decode },
    {
      name: 'model.onnx',
      sample: smallGraph(),
      async read(file, bytes) {
        externalData(file);
        try {
          withPixelInput(bytes, pixels);
        } catch {
          // Whoever calls it leaves a file that is no graph to the runtime.
        }
      },
    },
    ...['config.json', 'preprocessor_config.json', 'tokenizer_config.json'].map((name) => ({
      name,
      sample: readFileSync(join(model, name)),
      async read(file: string) {
        const own = dirname(file);
        mkdirSync(join(own, 'onnx'));
        for (const tower of ['vision_model', 'text_model'])
          writeFileSync(join(own, 'onnx', `${tower}.onnx`), '');
        for (const other of [
          'config.json',
          'preprocessor_config.json',
          'tokenizer_config.json',
          'tokenizer.json',
        ])
          if (other !== name)
            writeFileSync(
              join(own, other),
              other === 'tokenizer.json' ? '{}' : readFileSync(join(model, other)),
            );
        await loadModel(own);
      },
    })),
  ];
}

/** An image tower of one node, with weights in a file beside it. */
function smallGraph(): Buffer {
  const float = { tensorType: { elemType: 1 } };
  const beside = [{ key: 'location', value: 'weights.bin' }];
  return Buffer.from(
    proto.onnx.ModelProto.encode({
      irVersion: 8,
      opsetImport: [{ version: 17 }],
      graph: {
        name: 'vision',
        input: [{ name: 'pixel_values', type: float }],
        output: [{ name: 'image_embeds', type: float }],
        node: [{ opType: 'MatMul', input: ['pixel_values', 'w'], output: ['image_embeds'] }],
        initializer: [{ name: 'w', dims: [2, 2], dataType: 1, dataLocation: 1, externalData: beside }],
      },
    }).finish(),
  );
}

const SUBSET = JSON.stringify({
  schema: 1,
  source: '..',
  model: { name: 'm', fingerprint: 'f' },
  parameters: { budget: '10%', method: 'clipcov', seed: 0 },
  picksFile: 'a.parquet',
  picks: 3,
});
