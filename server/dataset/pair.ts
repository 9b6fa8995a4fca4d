/** One row of a dataset as it was read, usable or not. */
export interface DatasetRow {
  /** 0-based row of the table, or position in the sorted folder: the pair's id through everything. */
  id: number;
  /** Path of the image as the dataset writes it; relative ones are relative to the dataset's root. */
  image: string | null;
  caption: string | null;
  /** 32 hex digits that name the sample in its pool (DataComp), where the dataset gives them. */
  uid?: string | null;
  /** Why the row cannot be used, and where it stands (`pairs.csv:17`); null for a good one. */
  problem: RowProblem | null;
}

export interface RowProblem {
  reason: string;
  where: string;
}

/** Why a row of a table cannot be used; the same words whoever reads it. */
export const REASONS = {
  noImage: 'image path is missing or not UTF-8',
  emptyImage: 'image path is empty',
  noCaption: 'caption is missing or not UTF-8',
  emptyCaption: 'caption is empty',
} as const;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The text of some bytes, or null where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

/** A caption that fills a file of its own: the line end of its last line is no part of it. */
export function wholeCaption(bytes: Uint8Array): Uint8Array {
  const text = decodeUtf8(bytes);
  return text === null ? bytes : Buffer.from(text.trim());
}

/** A usable row, or one with the reason why its image path or caption cannot be used. */
export function datasetRow(
  id: number,
  image: Uint8Array | undefined,
  caption: Uint8Array | undefined,
  where: string,
  uid: string | null = null,
): DatasetRow {
  const imageText = image && decodeUtf8(image)?.trim();
  const captionText = caption && decodeUtf8(caption);
  const reason =
    imageText === null || imageText === undefined
      ? REASONS.noImage
      : imageText === ''
        ? REASONS.emptyImage
        : captionText === null || captionText === undefined
          ? REASONS.noCaption
          : captionText.trim() === ''
            ? REASONS.emptyCaption
            : null;
  return {
    id,
    image: imageText || null,
    caption: captionText ?? null,
    uid,
    problem: reason === null ? null : { reason, where },
  };
}
