import { throwIfCancelled, type JobContext } from '../context.js';
import { principalMap } from '../projection/coordinates.js';
import { principalDirections } from '../projection/principal.js';
import { umapMap, type UmapStep } from '../projection/umap.js';
import type { ProjectionKind } from '../protocol/pairView.js';
import type { Stage } from '../protocol/progress.js';
import type { EmbeddingTable } from '../rows/pairBlock.js';
import type { ColumnFacts } from '../pairs/mapFiles.js';
import { breathe, type ProgressReporter } from './progress.js';
import type { Workspace } from './workspace.js';

/** Of a dataset's map, so that all of its subsets are shown on the same one. */
const SEED = 0;

export interface PositionTools {
  table: EmbeddingTable;
  workspace: Pick<Workspace, 'products'>;
  context: JobContext;
  progress: ProgressReporter;
}

export interface Positions {
  /** [rows, 2] */
  points: Float32Array;
  facts: Partial<ColumnFacts>;
}

/** Where each pair lies on a map. */
export function mapPositions(by: ProjectionKind, tools: PositionTools): Promise<Positions> {
  return by === 'pca' ? byPca(tools) : byUmap(tools);
}

async function byPca({ table, workspace, context, progress }: PositionTools): Promise<Positions> {
  const products = await workspace.products(table.dim);
  progress.begin('project', 'pairs');
  // Both passes go over all pairs.
  const pass = (before: number) => async (done: number) => {
    throwIfCancelled(context);
    progress.update(before + done, 2 * table.rows);
    await breathe();
  };
  const principal = await principalDirections(table, 2, products, pass(0));
  const points = await principalMap(table, principal, products, pass(table.rows));
  return { points, facts: { explained: principal.explained } };
}

/** In which stage a step is told, and how many passes that has, with those before it. */
const STEPS: Record<UmapStep, [stage: Stage, unit: string, before: number, passes: number]> = {
  directions: ['project', 'pairs', 0, 2],
  reduce: ['project', 'pairs', 1, 2],
  neighbours: ['layout', 'pairs', 0, 1],
  layout: ['layout', 'epochs', 0, 1],
  place: ['place', 'pairs', 0, 1],
};

async function byUmap({ table, workspace, context, progress }: PositionTools): Promise<Positions> {
  const { positions, fitted } = await umapMap(table, SEED, {
    products: (dim) => workspace.products(dim),
    progress: async (step, done, total) => {
      throwIfCancelled(context);
      const [stage, unit, before, passes] = STEPS[step];
      progress.begin(stage, unit);
      progress.update(before * total + done, passes * total);
      await breathe();
    },
  });
  return { points: positions, facts: { fitted } };
}
