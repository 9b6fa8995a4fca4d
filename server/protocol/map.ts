import { z } from 'zod';
import { pageOffset, path, source } from './fields.js';
import { PROJECTIONS, type ProjectionKind } from './pairView.js';

export const projectSchema = z.strictObject({ ...source, subset: path, by: z.enum(PROJECTIONS) });

/** Rows of a page of map columns: as many as fit a message with room to spare. */
export const MAP_PAGE = 32_768;

export const mapColumnsSchema = z.strictObject({
  /** As `project` named them. */
  files: z.array(path).min(1).max(8),
  offset: pageOffset,
  limit: z.number().int().min(1).max(MAP_PAGE),
});

/** A map: a point for each row of the store, and what its points are coloured by. All columns are `.npy` files of float32. */
export interface Projection {
  by: ProjectionKind;
  rows: number;
  /** [rows, 2]: where a pair lies, NaN for one that cannot be used. */
  points: string;
  /** [rows, 2]: class, −1 for a pair that is no candidate, and CLIP score, NaN for such a pair. */
  pairs: string;
  /** [rows, 1]: rank from 0, −1 for a pair that is not picked. */
  ranks: string;
  /** Ranks in other subsets of the same dataset, by name. */
  others: { name: string; method: string; ranks: string }[];
  /** Names of the classes, by number. */
  classes: string[];
  /** PCA: the share of all variance along either axis. */
  explained: number[] | null;
  /** UMAP: how many pairs it was fitted to; the others stand between the nearest of these. */
  fitted: number | null;
}
