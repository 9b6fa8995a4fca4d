import { z } from 'zod';

/** Precisions of a model's graphs beside the full one, by the ends of their files' names. */
export const MODEL_VARIANTS = ['fp16', 'quantized'] as const;

export const hubModel = z.strictObject({
  /** `owner/name`, with `@revision` and `:variant` where these are not given beside it. */
  name: z.string().min(3).max(400),
  /** Branch, tag or commit; `main` where absent. */
  revision: z.string().min(1).max(200).optional(),
  /** Full precision where absent. */
  variant: z.enum(MODEL_VARIANTS).optional(),
});

export type ModelVariant = (typeof MODEL_VARIANTS)[number];

export interface ListedModels {
  /** The hub's cache. */
  cache: string;
  models: ListedModel[];
}

export interface ListedModel {
  /** As it is given for a model; the embedded one, which is the default, is not given. */
  name: string;
  /** Null for the embedded one. */
  commit: string | null;
  /** The precisions that are there; null is the full one. */
  variants: (ModelVariant | null)[];
  bytes: number;
  folder: string;
}

/** What a pull is going to fetch, and from whom. */
export interface ModelPlan {
  /** As it is given for a model once it is there. */
  name: string;
  commit: string;
  /** Who is asked. */
  host: string;
  /** Where the model will lie. */
  folder: string;
  files: { path: string; size: number; present: boolean }[];
  bytes: number;
  /** Bytes of the files that are not in the cache. */
  missingBytes: number;
}

export interface PulledModel {
  /** As it is given for a model from now on. */
  name: string;
  /** 40 hexadecimal digits. */
  commit: string;
  /** The model folder, in the cache. */
  folder: string;
  bytes: number;
  /** Bytes that were not in the cache before. */
  downloaded: number;
}
