/**
 * What the side bar says of a subset or a store, out of small documents that may be anybody's: whatever is not as it
 * should be is left out.
 */
export interface SubsetFacts {
  picks: number | null;
  pairs: number | null;
  method: string | null;
  budget: string | null;
  model: string | null;
  device: string | null;
  /** Name of the file of picks beside the document. */
  picksFile: string | null;
  /** Names of the lists beside it that say which pairs are forced in or out. */
  lists: string[];
  /** Null where it was not evaluated. */
  measures: MeasureFact[] | null;
}

export interface MeasureFact {
  label: string;
  meaning: string;
  /** The subset's own, and those of what it is compared with, in the order of the document. */
  values: { column: string; mean: number }[];
}

export interface StoreFacts {
  model: string | null;
  pairs: number | null;
  /** Parts that a finished store has. */
  parts: number | null;
}

type Fields = Record<string, unknown>;
/** More measures than there are in a table that anybody reads. */
const MOST_MEASURES = 40;

export function subsetFacts(document: unknown): SubsetFacts {
  const { picks, dataset, parameters, model, device, picksFile, evaluation } = fields(document);
  const { method, budget, include, exclude } = fields(parameters);
  const file = text(picksFile);
  return {
    picks: whole(picks),
    pairs: whole(fields(dataset)['pairs']),
    method: text(method),
    budget: text(budget),
    model: text(fields(model)['name']),
    device: text(device),
    // A name, never a way out of the folder.
    picksFile: file !== null && /^[^/\\]+\.parquet$/.test(file) ? file : null,
    lists: [include, exclude].flatMap((list) => {
      const name = text(list);
      return name !== null && /^[^/\\]+\.txt$/.test(name) ? [name] : [];
    }),
    measures: evaluation ? measureFacts(fields(evaluation)) : null,
  };
}

export function storeFacts(plan: unknown): StoreFacts {
  const { model, pairs, partRows } = fields(plan);
  const [all, each] = [whole(pairs), whole(partRows)];
  return {
    model: text(fields(model)['name']),
    pairs: all,
    parts: all !== null && each ? Math.ceil(all / each) : null,
  };
}

function measureFacts({ measures, columns }: Fields): MeasureFact[] {
  return list(measures)
    .slice(0, MOST_MEASURES)
    .flatMap((measure) => {
      const { name, label, meaning } = fields(measure);
      const values = list(columns).flatMap((column) => {
        const mean = fields(fields(fields(column)['values'])[text(name) ?? ''])['mean'];
        return typeof mean === 'number' ? [{ column: text(fields(column)['name']) ?? '?', mean }] : [];
      });
      return values.length > 0 ? [{ label: text(label) ?? '?', meaning: text(meaning) ?? '', values }] : [];
    });
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 500) : null;
}

function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
