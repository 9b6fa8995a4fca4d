import type { QualityFinding } from '../protocol/quality.js';

/** What is known of a usable pair without its embeddings. */
export interface PairFacts {
  /** Of the image, in pixels. */
  width: number;
  height: number;
  /** Standard deviation of the channel that varies most, of 255. */
  deviation: number;
  caption: string;
  /** Of the whole caption, special tokens included. */
  tokens: number;
  /** The longest caption that the model takes. */
  contextLength: number;
  /** The Unicode script that most of its letters are of, null where it has none. */
  script: string | null;
}

/** What is known of rows of the store by their embeddings. */
export interface EmbeddingFacts {
  /** ⟨image, caption⟩ by row, NaN of a row that cannot be used. */
  scores: Float64Array;
  /** The median score of captions with images of other pairs. */
  chance: number;
  /** k(i) by row, below 0 for no class. */
  labels: Int32Array;
  /** Pairs of each class. */
  classSizes: ArrayLike<number>;
  /** Rows that repeat a better matching one. */
  nearDuplicates: Int32Array;
}

export type Description = Pick<QualityFinding, 'id' | 'dimension' | 'title' | 'why' | 'severity'>;

/**
 * A check: a description, and what finds its pairs. `skipped` looks at the reason why a row could not be embedded, `pair` at
 * one pair, `contents` is SQL over `contents(id, image, caption, script)` that yields ids, `rows` goes over embeddings.
 */
export type Check = Description &
  (
    | { skipped: (reason: string) => boolean }
    | { pair: (facts: PairFacts) => boolean }
    | { contents: string }
    | { rows: (facts: EmbeddingFacts) => Iterable<number> }
  );
