import type { ProjectionKind } from '../../server/protocol/pairView.js';
import type { MapColumn, MapView } from '../../server/protocol/panel.js';
import type { Bounds } from './viewport.js';

export interface MapQueries {
  map(by: ProjectionKind): Promise<MapView>;
  cancelMap(): void;
  mapColumns(by: ProjectionKind, columns: MapColumn[], offset: number): Promise<string[]>;
}

/** The pairs of a map, by row of the store. */
export interface MapData {
  view: MapView;
  /** [rows, 2], NaN for a pair without a place. */
  points: Float32Array;
  /** Class, −1 for a pair that is no candidate. */
  classes: Int32Array;
  /** NaN for such a pair. */
  scores: Float32Array;
  /** From 0, −1 for a pair that is not picked. */
  ranks: Float32Array;
  bounds: Bounds;
}

/** Pages that are asked for at a time: one is taken apart while the next one comes. */
const AT_ONCE = 3;

/** Fetches columns page by page; `width` is how many numbers a row of each has. */
async function fetchColumns(
  queries: MapQueries,
  { by, rows }: MapView,
  columns: readonly (readonly [MapColumn, number])[],
): Promise<Float32Array[]> {
  const into = columns.map(([, width]) => new Float32Array(rows * width));
  const names = columns.map(([name]) => name);
  const first = await queries.mapColumns(by, names, 0);
  const pageRows = take(first, into, columns, 0);
  if (pageRows === 0 && rows > 0) throw new Error('The map has no points.');
  const offsets: number[] = [];
  for (let offset = pageRows; offset < rows; offset += pageRows) offsets.push(offset);
  const fetchNext = async (): Promise<void> => {
    for (let offset = offsets.shift(); offset !== undefined; offset = offsets.shift())
      take(await queries.mapColumns(by, names, offset), into, columns, offset);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
  return into;
}

/** Puts a page where it belongs; answers how many rows it has. */
function take(
  page: string[],
  into: Float32Array[],
  columns: readonly (readonly [MapColumn, number])[],
  offset: number,
): number {
  let rows = 0;
  columns.forEach(([, width], i) => {
    const values = floats(page[i] ?? '');
    rows = values.length / width;
    into[i]!.set(values, offset * width);
  });
  return rows;
}

function floats(base64: string): Float32Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}

export async function loadMap(queries: MapQueries, by: ProjectionKind): Promise<MapData> {
  const view = await queries.map(by);
  const [points, pairs, ranks] = await fetchColumns(queries, view, [
    ['points', 2],
    ['pairs', 2],
    ['ranks', 1],
  ]);
  return {
    view,
    points: points!,
    classes: Int32Array.from({ length: view.rows }, (_, row) => pairs![2 * row]!),
    scores: Float32Array.from({ length: view.rows }, (_, row) => pairs![2 * row + 1]!),
    ranks: ranks!,
    bounds: boundsOf(points!),
  };
}

/** Ranks in another subset. */
export async function loadOther(queries: MapQueries, view: MapView, other: number): Promise<Float32Array> {
  const [ranks] = await fetchColumns(queries, view, [[other, 1]]);
  return ranks!;
}

export function boundsOf(points: Float32Array): Bounds {
  const bounds = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (Number.isNaN(x)) continue;
    if (x < bounds.left) bounds.left = x;
    if (x > bounds.right) bounds.right = x;
    if (y < bounds.bottom) bounds.bottom = y;
    if (y > bounds.top) bounds.top = y;
  }
  return Number.isFinite(bounds.left) ? bounds : { left: -1, right: 1, bottom: -1, top: 1 };
}
