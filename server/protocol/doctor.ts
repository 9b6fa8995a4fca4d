import { z } from 'zod';
import { path, source } from './fields.js';

/** What a run depends on: of the machine alone, or of a dataset too. */
export const doctorSchema = z.strictObject({ ...source, source: path.optional() });

/** What was looked at, and what to do about it where it is not as it should be. */
export interface DoctorFinding {
  check:
    | 'versions'
    | 'device'
    | 'memory'
    | 'model'
    | 'temporary'
    | 'permissions'
    | 'disk'
    | 'dataset'
    | 'store'
    | 'subset';
  state: 'ok' | 'note' | 'warning' | 'failed';
  found: string;
  where?: string;
  fix?: string;
}

export interface DoctorReport {
  findings: DoctorFinding[];
}
