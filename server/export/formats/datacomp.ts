import { npyFile } from '../../embeddings/npy.js';
import { writeAside } from '../../embeddings/aside.js';
import { ClipcovError } from '../../errors.js';
import type { Exporter } from '../exporter.js';
import { shellWord } from '../shell.js';

/** `u8,u8`: a structure of two numbers, as DataComp's resharder reads uids. */
const DTYPE = `[('f0', '<u8'), ('f1', '<u8')]`;

/** DataComp: `.npy` of (int(uid[:16], 16), int(uid[16:], 16)), sorted, each once. */
export const datacomp: Exporter = async (subset, { out, checkpoint }) => {
  const uids = new Set<string>();
  for await (const picks of subset.pages()) {
    await checkpoint(uids.size);
    for (const { uid, id } of picks) {
      if (uid === null || !/^[0-9a-f]{32}$/i.test(uid))
        throw new ClipcovError(
          'export-needs-uids',
          uid === null
            ? `DataComp names samples by uid, and the dataset gives none for pair ${id}.`
            : `'${uid.slice(0, 40)}', the uid of pair ${id}, is not 32 hexadecimal digits.`,
          {
            where: subset.file,
            fix: 'Select from DataComp’s metadata, or from shards whose .json has a uid; other datasets export as webdataset.',
          },
        );
      uids.add(uid.toLowerCase());
    }
  }
  const values = new BigUint64Array(2 * uids.size);
  // As text they sort as the pairs of numbers do: all have as many digits.
  [...uids].sort().forEach((uid, i) => {
    values[2 * i] = BigInt(`0x${uid.slice(0, 16)}`);
    values[2 * i + 1] = BigInt(`0x${uid.slice(16)}`);
  });
  await writeAside(out, npyFile(DTYPE, `(${uids.size},)`, new Uint8Array(values.buffer)));
  return {
    rows: uids.size,
    command: `python resharder.py -i DOWNLOADED_SHARDS -o SUBSET_SHARDS -s ${shellWord(out)}`,
    warnings: [],
  };
};
