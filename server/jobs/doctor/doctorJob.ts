import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { datasetHome, ownFolder } from '../../dataset/home.js';
import { openSource } from '../../dataset/source.js';
import { throwIfCancelled, type JobContext } from '../../context.js';
import type { ValidParams } from '../../protocol/contract.js';
import type { DoctorFinding, DoctorReport } from '../../protocol/doctor.js';
import { inspectJob } from '../inspectJob.js';
import { ProgressReporter } from '../progress.js';
import { openModel } from '../workspace.js';
import { storesFound, subsetsFound } from './stored.js';
import { deviceFound, diskFound, failed, memoryFound, versionsFound } from './system.js';

/**
 * Looks at all that a run depends on, and says what to do about what is wrong. Changes nothing, but that looking at a
 * dataset brings its catalogue up to date, as opening it does.
 */
export async function doctorJob(params: ValidParams<'doctor'>, context: JobContext): Promise<DoctorReport> {
  const findings: DoctorFinding[] = [versionsFound(), ...(await deviceFound(params.device))];
  throwIfCancelled(context);
  findings.push(
    memoryFound(params.memory),
    await modelFound(params.model),
    await writable('temporary', tmpdir()),
  );
  if (params.source === undefined) findings.push(await diskFound(tmpdir(), 0));
  else findings.push(...(await datasetFound({ ...params, source: params.source }, context)));
  return { findings };
}

async function modelFound(named: string | undefined): Promise<DoctorFinding> {
  try {
    const { name, dim, folder, classNames } = await openModel(named);
    const found = `${name}, ${dim} numbers an embedding, ${classNames?.length ?? 'no'} class names`;
    return { check: 'model', state: 'ok', found, where: folder };
  } catch (error) {
    return failed('model', error);
  }
}

async function datasetFound(
  params: ValidParams<'doctor'> & { source: string },
  context: JobContext,
): Promise<DoctorFinding[]> {
  const found: DoctorFinding[] = [];
  try {
    const source = await openSource(params.source, () => throwIfCancelled(context));
    const own = ownFolder(source.root, params.store);
    const home = datasetHome(source.kind === 'store' ? source.root : source.path, source.root, own);
    const place = nearest(home);
    const mayWrite = await writable('permissions', place);
    found.push(mayWrite);
    let wanted = 0;
    if (mayWrite.state === 'ok') {
      const { kind, pairs, skipped, storeBytes, embedded } = await inspectJob(params, context);
      const unusable = skipped.total > 0 ? `, ${skipped.total} rows cannot be used` : '';
      found.push({
        check: 'dataset',
        state: 'ok',
        found: `${kind} of ${pairs} pairs${unusable}`,
        where: source.root,
      });
      wanted = pairs > 0 ? storeBytes * (1 - embedded / pairs) : 0;
    }
    found.push(await diskFound(place, wanted));
    const progress = new ProgressReporter(context);
    progress.begin('read', 'parts');
    const check = (part: number, parts: number): void => {
      throwIfCancelled(context);
      progress.update(part, parts);
    };
    found.push(...(await storesFound(home, check)));
    for (const folder of new Set([join(source.root, 'subsets'), join(own, 'subsets')]))
      found.push(...(await subsetsFound(folder)));
  } catch (error) {
    throwIfCancelled(context);
    found.push(failed('dataset', error));
  }
  return found;
}

async function writable(check: 'temporary' | 'permissions', folder: string): Promise<DoctorFinding> {
  return access(folder, constants.W_OK).then(
    () => ({ check, state: 'ok', found: 'can be written to', where: folder }),
    () => ({
      check,
      state: 'failed',
      found: 'cannot be written to',
      where: folder,
      fix:
        check === 'temporary'
          ? 'Set TMPDIR to a folder that can be written to.'
          : 'Change its permissions, or keep embeddings in another folder (--store, setting clipcov.storeFolder).',
    }),
  );
}

/** A folder, or the nearest one above it that is there. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}
