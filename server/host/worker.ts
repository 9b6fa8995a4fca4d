import { parentPort, workerData } from 'node:worker_threads';
import { runJob, type WorkerInput } from './workerThread.js';
import { jobs } from '../jobs/registry.js';

if (!parentPort) throw new Error('This script runs as a worker thread of the server only.');
await runJob(jobs, workerData as WorkerInput, parentPort);
