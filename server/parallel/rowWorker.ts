import { parentPort, workerData } from 'node:worker_threads';
import type { RowAnswer, RowSetup, RowTask } from './rowTasks.js';
import { RowThread } from './rowThread.js';
import { serveTasks, type PoolData } from './taskPool.js';

if (!parentPort) throw new Error('This script runs as a thread of a selection only.');
const { setup, cancelFlag } = workerData as PoolData<RowSetup>;
const flag = new Int32Array(cancelFlag);
const thread = new RowThread(setup, () => Atomics.load(flag, 0) !== 0);
serveTasks<RowTask, RowAnswer>(
  parentPort,
  (task) => thread.perform(task),
  () => thread.release(),
);
