import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestParams } from '../../../server/cli/arguments.js';
import { storeSummary } from '../../../server/jobs/embedJob.js';
import { scratchFolder, write } from '../cli.js';

const folder = scratchFolder();

describe('a dataset without a usable row', () => {
  const cases: [missing: string, table: string, message: RegExp, fix: RegExp][] = [
    [
      'images',
      'image,caption\na.png,one\nb.png,two\n',
      /None of the 2 rows .* image file is missing \(a\.png\)/,
      /images lie/,
    ],
    [
      'captions',
      'image,caption\na.png,\n',
      /None of the 1 rows .* caption is empty \(captions\.csv:2\)/,
      /a caption: a \.txt/,
    ],
    ['rows', 'image,caption\n', /None of the 0 rows/, /images lie/],
  ];
  for (const [missing, table, message, fix] of cases)
    it(`says that the ${missing} are missing, not that its store is broken`, async () => {
      const path = join(folder, missing, `${missing}.csv`);
      await write(path, table);
      const params = requestParams('inspect', { source: path, device: 'cpu' });
      await expect(storeSummary(params, { cancelled: () => false, report: () => {} })).rejects.toMatchObject({
        code: 'dataset-unusable',
        message: expect.stringMatching(message),
        where: path,
        fix: expect.stringMatching(fix),
      });
    });
});
