import { describe, expect, it } from 'vitest';
import { ClipcovError } from '../../../server/errors.js';
import { throwIfCancelled } from '../../../server/context.js';
import { runJob, type AnyJob, type WorkerMessage } from '../../../server/host/workerThread.js';
import { unpackError } from '../../../server/threadErrors.js';

async function run(
  job: AnyJob,
  cancelFlag = new SharedArrayBuffer(4),
  name = 'work',
): Promise<WorkerMessage[]> {
  const posted: WorkerMessage[] = [];
  const port = { postMessage: (message: WorkerMessage) => void posted.push(structuredClone(message)) };
  await runJob({ work: job }, { job: name, params: { n: 2 }, cancelFlag }, port);
  return posted;
}

describe('runJob', () => {
  it('posts progress, then the result', async () => {
    const progress = {
      stage: 'read',
      done: 1,
      total: 2,
      unit: 'pairs',
      rate: null,
      secondsLeft: null,
      device: 'cpu',
      skipped: 0,
    } as const;
    const posted = await run(async (params: { n: number }, context) => {
      context.report(progress);
      return params.n * 21;
    });
    expect(posted).toEqual([
      { kind: 'progress', progress },
      { kind: 'result', result: 42 },
    ]);
  });

  it('shows the job the flag the moment it is set', async () => {
    const cancelFlag = new SharedArrayBuffer(4);
    const posted = await run(async (_params, context) => {
      throwIfCancelled(context);
      Atomics.store(new Int32Array(cancelFlag), 0, 1);
      throwIfCancelled(context);
    }, cancelFlag);
    expect(posted).toMatchObject([{ kind: 'error', error: { data: { code: 'cancelled' } } }]);
  });

  it('carries a known error across the threads whole', async () => {
    const thrown = new ClipcovError('no-image', 'Row 7 has no image.', { where: 'a.csv:7', fix: 'Add it.' });
    const [message] = await run(() => Promise.reject(thrown));
    if (message?.kind !== 'error') throw new Error('no error posted');
    const error = unpackError(message.error);
    expect(error).toBeInstanceOf(ClipcovError);
    expect(error).toMatchObject({ message: thrown.message, data: thrown.data });
  });

  it('carries a defect with its stack, and a result that cannot be cloned as a defect', async () => {
    const [defect] = await run(() => Promise.reject(new TypeError('x')));
    expect(defect).toMatchObject({ kind: 'error', error: { message: 'x', data: null } });
    expect((defect as { error: { stack: string } }).error.stack).toContain('workerThread.test.ts');
    const [uncloneable] = await run(async () => () => undefined);
    expect(uncloneable).toMatchObject({ kind: 'error', error: { data: null } });
  });

  it.each(['other', 'constructor', '__proto__'])('knows no job named %s', async (name) => {
    const posted = await run(async () => 1, undefined, name);
    expect(posted).toMatchObject([{ kind: 'error', error: { message: `No job is named ${name}.` } }]);
  });
});
