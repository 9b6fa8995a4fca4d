/** One row of a dataset as it was read, usable or not. */
export interface DatasetRow {
  /** 0-based row of the table, or position in the sorted folder: the pair's id through everything. */
  id: number;
  /** Path of the image as the dataset writes it; relative ones are relative to the dataset's root. */
  image: string | null;
  caption: string | null;
  /** Why the row cannot be used, and where it stands (`pairs.csv:17`); null for a good one. */
  problem: RowProblem | null;
}

export interface RowProblem {
  reason: string;
  where: string;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** The text of some bytes, or null where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

/** A usable row, or one with the reason why its image path or caption cannot be used. */
export function datasetRow(
  id: number,
  image: Uint8Array | undefined,
  caption: Uint8Array | undefined,
  where: string,
): DatasetRow {
  const imageText = image && decodeUtf8(image)?.trim();
  const captionText = caption && decodeUtf8(caption);
  const reason =
    imageText === null || imageText === undefined
      ? 'image path is missing or not UTF-8'
      : imageText === ''
        ? 'image path is empty'
        : captionText === null || captionText === undefined
          ? 'caption is missing or not UTF-8'
          : captionText.trim() === ''
            ? 'caption is empty'
            : null;
  return {
    id,
    image: imageText || null,
    caption: captionText ?? null,
    problem: reason === null ? null : { reason, where },
  };
}
