import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OPTIONAL_FILES, REQUIRED_FILES, towerFiles } from '../embeddings/modelFiles.js';
import { ClipcovError } from '../errors.js';
import { MODEL_VARIANTS, type ModelVariant } from '../protocol/models.js';
import type { RemoteFile } from './repository.js';

/** What a repository has that a CLIP needs, config.json and small files first; refused where something is missing. */
export function clipFiles(repo: string, files: RemoteFile[], variant: ModelVariant | null): RemoteFile[] {
  const paths = new Set(files.map(({ path }) => path));
  const towers = Object.values(towerFiles(variant));
  const missing = [...REQUIRED_FILES, ...towers].filter((path) => !paths.has(path));
  if (missing.length > 0)
    throw noClip(repo, `it lacks ${missing.join(', ')}`, otherPrecisions(paths, variant));
  const wanted = new Set<string>([...REQUIRED_FILES, ...OPTIONAL_FILES, ...towers]);
  return files
    .filter(({ path }) => wanted.has(path) || towers.some((tower) => isDataOf(tower, path)))
    .sort((a, b) => rank(a) - rank(b));
}

/** The config says whether the rest is worth fetching. */
function rank({ path, size }: RemoteFile): number {
  return path === 'config.json' ? -1 : size;
}

/** Weights beside a graph: `vision_model.onnx_data`, `vision_model.onnx_data_1`, `vision_model.onnx.data`. */
function isDataOf(tower: string, path: string): boolean {
  return path.startsWith(tower) && /^[_.]data[\w.]*$/.test(path.slice(tower.length));
}

function otherPrecisions(paths: Set<string>, variant: ModelVariant | null): string | null {
  const has = [null, ...MODEL_VARIANTS].filter(
    (other) => other !== variant && Object.values(towerFiles(other)).every((path) => paths.has(path)),
  );
  if (has.length === 0) return null;
  return `It has ${has.map((other) => (other === null ? 'full precision' : `--variant ${other}`)).join(', ')}.`;
}

/** Read before the large files are fetched: other models with two towers come in the same layout. */
export function checkConfig(repo: string, file: string): void {
  const schema = z.object({ projection_dim: z.number().int().positive() });
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw noClip(repo, 'its config.json is no JSON');
  }
  if (!schema.safeParse(config).success) throw noClip(repo, 'its config.json has no projection_dim');
}

function noClip(repo: string, why: string, instead: string | null = null): ClipcovError {
  return new ClipcovError('hub-no-clip', `The repository ${repo} is no CLIP that can be used: ${why}.`, {
    fix:
      instead ??
      'Choose a CLIP that was exported to ONNX, for instance Xenova/clip-vit-base-patch32, or export it with Optimum.',
  });
}
