import { z } from 'zod';

/** What pairs may be sorted by; numbers among them may be bounded. */
export const PAIR_NUMBERS = ['rank', 'gain', 'clipScore', 'cross', 'label', 'inter'] as const;

export const PAIR_COLUMNS = [...PAIR_NUMBERS, 'latentClass', 'caption', 'id'] as const;

/** The name of a subset beside another, without the extension: never a way out of its folder. */
const siblingName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\]+$/);

/** How embeddings become points of a map. */
export const PROJECTIONS = ['pca', 'umap'] as const;

/** Which pairs are looked at: those that meet all that is given. */
export const pairFilterSchema = z.strictObject({
  selected: z.boolean().optional(),
  classes: z.array(z.string().max(10_000)).max(1000).optional(),
  ranges: z
    .partialRecord(
      z.enum(PAIR_NUMBERS),
      z.strictObject({ from: z.number().optional(), to: z.number().optional() }),
    )
    .optional(),
  /** Captions that hold this text; capitals do not matter, and no character stands for others. */
  search: z.string().max(1000).optional(),
  /** Whether another subset of the same pairs picked them. */
  others: z
    .array(z.strictObject({ name: siblingName, picked: z.boolean() }))
    .max(16)
    .optional(),
  /** Corners of a part of the map in its own coordinates, x and y of each: pairs that lie in it. */
  within: z
    .strictObject({ by: z.enum(PROJECTIONS), corners: z.array(z.number()).min(6).max(8192) })
    .optional(),
});

/** A look at pairs: which, and in what order. Pairs that have no value in a column come last either way. */
export const pairViewSchema = z.strictObject({
  sort: z.enum(PAIR_COLUMNS).default('rank'),
  descending: z.boolean().default(false),
  /** The pairs of a class behind each other, classes by name. */
  byClass: z.boolean().default(false),
  where: pairFilterSchema.prefault({}),
});

export type PairColumn = (typeof PAIR_COLUMNS)[number];

export type PairNumber = (typeof PAIR_NUMBERS)[number];

export type PairFilter = z.output<typeof pairFilterSchema>;

export type PairView = z.output<typeof pairViewSchema>;

export type ProjectionKind = (typeof PROJECTIONS)[number];
