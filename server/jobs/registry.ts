import type { RequestName, RequestResults, ValidParams } from '../protocol/contract.js';
import type { JobContext } from '../context.js';
import { columnNames } from '../dataset/columnNames.js';
import { openSource } from '../dataset/source.js';
import { cutJob } from './cutJob.js';
import { doctorJob } from './doctor/doctorJob.js';
import { evaluateJob } from './evaluateJob.js';
import { evaluateModelJob } from './evaluateModelJob.js';
import { explainJob } from './explainJob.js';
import { evaluationsJob } from './evaluationsJob.js';
import { exportJob } from './exportJob.js';
import { inspectJob } from './inspectJob.js';
import { listModels } from './listModels.js';
import { mapColumns } from './mapColumns.js';
import { planModel } from './planModel.js';
import { projectJob } from './projectJob.js';
import { pullModelJob } from './pullModelJob.js';
import { reportJob } from './reportJob.js';
import { sweepJob } from './sweepJob.js';
import {
  distributions,
  imageFile,
  openPairs,
  page,
  pairAt,
  pairClasses,
  pairsById,
  thumbnails,
} from './pairQueries.js';
import { readPairsJob } from './readPairsJob.js';
import { reselectJob } from './reselectJob.js';
import { checkSubset, openSubset } from './subsetQueries.js';
import { selectJob } from './selectJob.js';

type Job<M extends RequestName> = (params: ValidParams<M>, context: JobContext) => Promise<RequestResults[M]>;
type Query<M extends RequestName> = (
  params: ValidParams<M>,
  signal: AbortSignal,
) => Promise<RequestResults[M]>;

/** Work that computes or opens a catalogue: the server runs each in a worker thread, one after another. */
export const jobs = {
  inspect: inspectJob,
  select: selectJob,
  evaluate: evaluateJob,
  evaluateModel: evaluateModelJob,
  sweep: sweepJob,
  evaluations: evaluationsJob,
  doctor: doctorJob,
  report: reportJob,
  explain: explainJob,
  export: exportJob,
  pullModel: pullModelJob,
  reselect: reselectJob,
  cut: cutJob,
  readPairs: readPairsJob,
  project: projectJob,
} satisfies { [M in RequestName]?: Job<M> };

/**
 * Reads of a finished subset and questions about models: awaited on the socket's thread, the work itself done by native
 * threads, so that none waits for a job that is running.
 */
export const queries = {
  openSubset,
  checkSubset,
  openPairs,
  distributions,
  page,
  pairsById,
  pairAt,
  pairClasses,
  thumbnails,
  imageFile,
  mapColumns,
  tableColumns: async ({ source }) => ({ names: await columnNames(await openSource(source)) }),
  listModels: async () => listModels(),
  planModel,
} satisfies { [M in RequestName]?: Query<M> };
