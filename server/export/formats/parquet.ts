import { Database, PARQUET, sqlString } from '../../dataset/database.js';
import { produceAside } from '../../embeddings/aside.js';
import type { Exporter } from '../exporter.js';
import { picksPath } from '../picks.js';

/** Parquet by rank, without what is of use to ClipCov alone (the row of the store). */
export const parquet: Exporter = async (subset, { out }) => {
  const database = await Database.open();
  try {
    const picks = sqlString(picksPath(subset.file, subset.document));
    await produceAside(out, (aside) =>
      database.run(
        `COPY (SELECT * EXCLUDE (row) FROM ${PARQUET.replace('$1', picks)} ORDER BY rank) TO ${sqlString(aside)} (FORMAT parquet)`,
      ),
    );
  } finally {
    database.close();
  }
  return { rows: subset.document.picks, command: null, warnings: [] };
};
