import { crc32 } from 'node:zlib';
import { throwIfCancelled, type JobContext } from '../jobs/context.js';
import type { EmbeddingTable, PairBlock } from './pairBlock.js';
import { KernelMemory } from '../kernels/kernels.js';
import { ClassLayout } from './classLayout.js';
import { readHalfRows, readNpyRows, type NpyMatrix } from './npy.js';
import type { EmbeddingStore, StorePart } from './store.js';

/** Rows read at a time: both sides at d = 512, as stored and widened, stay near a core while they are worked on. */
const CHUNK_ROWS = 1024;

/**
 * Reads a whole store into memory as it is stored (float16 stays float16) with 1/norm of every row. `visit` sees each
 * chunk while it is widened to float32, so that what needs a pass over the rows shares this one; where it answers with
 * the classes of the chunk's rows (of `classes`), the table is laid out by class. The checksum is over all values in the
 * order of the rows, however the store is cut into parts.
 */
export async function readStore(
  store: EmbeddingStore,
  context: Pick<JobContext, 'cancelled'>,
  classes: number | null,
  visit: (chunk: StoreChunk) => Promise<Int32Array | void>,
): Promise<{ table: EmbeddingTable; checksum: string }> {
  const { rows, dim } = store;
  const half = store.parts.every((part) => part.images.type === 'f2' && part.texts.type === 'f2');
  const layout = classes === null ? null : new ClassLayout(rows, classes);
  const size = (layout?.capacity ?? rows) * dim;
  const table: EmbeddingTable = {
    rows,
    dim,
    images: half ? new Uint16Array(size) : new Float32Array(size),
    texts: half ? new Uint16Array(size) : new Float32Array(size),
    imageScale: new Float64Array(rows),
    textScale: new Float64Array(rows),
    ...(layout && { position: layout.position }),
  };
  const chunks = new ChunkReader(dim, half);
  const checksums = { images: 0, texts: 0 };
  for (const part of store.parts) {
    for (let first = 0; first < part.rows; first += CHUNK_ROWS) {
      throwIfCancelled(context);
      const chunk = chunks.read(part, first, Math.min(CHUNK_ROWS, part.rows - first));
      table.imageScale.set(chunk.imageScale, chunk.firstRow);
      table.textScale.set(chunk.textScale, chunk.firstRow);
      for (const side of ['images', 'texts'] as const)
        checksums[side] = crc32(bytesOf(chunk.stored[side]), checksums[side]);
      const labels = await visit(chunk);
      if (layout && labels)
        for (let i = 0; i < chunk.rows; i++) {
          const at = layout.place(chunk.firstRow + i, labels[i]!) * dim;
          table.images.set(chunk.stored.images.subarray(i * dim, (i + 1) * dim), at);
          table.texts.set(chunk.stored.texts.subarray(i * dim, (i + 1) * dim), at);
        }
      else {
        table.images.set(chunk.stored.images, chunk.firstRow * dim);
        table.texts.set(chunk.stored.texts, chunk.firstRow * dim);
      }
    }
  }
  return {
    table,
    checksum: `${rows}x${dim}-${checksums.images.toString(16)}-${checksums.texts.toString(16)}`,
  };
}

/** Reads chunks of rows into the same memory, as stored and widened. */
class ChunkReader {
  private readonly memory: KernelMemory;
  private readonly wide: Record<Side, Float32Array>;
  private readonly half: Record<Side, Uint16Array> | null;
  private readonly scales = { images: new Float64Array(CHUNK_ROWS), texts: new Float64Array(CHUNK_ROWS) };

  constructor(
    private readonly dim: number,
    half: boolean,
  ) {
    const size = CHUNK_ROWS * dim;
    this.memory = new KernelMemory(2 * size * (4 + 2) + 64);
    this.wide = { images: this.memory.float32(size), texts: this.memory.float32(size) };
    this.half = half ? { images: this.memory.uint16(size), texts: this.memory.uint16(size) } : null;
  }

  read(part: StorePart, first: number, rows: number): StoreChunk {
    const images = this.readSide('images', part.images, first, rows);
    const texts = this.readSide('texts', part.texts, first, rows);
    return {
      firstRow: part.firstRow + first,
      rows,
      dim: this.dim,
      images: images.wide,
      texts: texts.wide,
      imageScale: images.scale,
      textScale: texts.scale,
      stored: { images: images.stored, texts: texts.stored },
    };
  }

  private readSide(
    side: Side,
    matrix: NpyMatrix,
    first: number,
    rows: number,
  ): { wide: Float32Array; stored: Uint16Array | Float32Array; scale: Float64Array } {
    const { dim, memory } = this;
    const wide = this.wide[side].subarray(0, rows * dim);
    let stored: Uint16Array | Float32Array = wide;
    if (this.half) {
      stored = this.half[side].subarray(0, rows * dim);
      readHalfRows(matrix, first, stored);
      memory.run.widen(stored.byteOffset, wide.byteOffset, rows * dim);
    } else readNpyRows(matrix, first, wide);
    const scale = this.scales[side].subarray(0, rows);
    for (let row = 0; row < rows; row++) {
      const square = memory.run.squaredNorm(wide.byteOffset + 4 * row * dim, dim);
      // 0 marks a row that cannot be used: all zero, NaN or infinite.
      scale[row] = square > 0 && Number.isFinite(square) ? 1 / Math.sqrt(square) : 0;
    }
    return { wide, stored, scale };
  }
}

function bytesOf(values: Uint16Array | Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

type Side = 'images' | 'texts';

/** Consecutive rows of a store, widened; the arrays are used again for the next chunk. */
export interface StoreChunk extends PairBlock {
  firstRow: number;
  /** The rows as they are stored. */
  stored: Record<Side, Uint16Array | Float32Array>;
}
