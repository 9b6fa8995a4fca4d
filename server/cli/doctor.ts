import { ClipcovError } from '../errors.js';
import { doctorJob } from '../jobs/doctor/doctorJob.js';
import type { DoctorFinding } from '../protocol/doctor.js';
import { requestParams, workParams, type Parsed } from './arguments.js';
import { print, terminalContext } from './terminal.js';

const MARKS: Record<DoctorFinding['state'], string> = { ok: '✓', note: '·', warning: '!', failed: '✗' };

/** `clipcov doctor [DATASET]`: one line a finding, and under it where and what to do; a failure fails the command. */
export async function doctorCommand(parsed: Parsed): Promise<void> {
  const params = requestParams('doctor', workParams(parsed.positional, parsed.values));
  const report = await doctorJob(params, terminalContext());
  print(parsed, report, () => `${report.findings.flatMap(lines).join('\n')}\n`);
  const failures = report.findings.filter(({ state }) => state === 'failed').length;
  if (failures > 0)
    throw new ClipcovError('unwell', `${failures} of what a run depends on must be mended first.`);
}

function lines({ check, state, found, where, fix }: DoctorFinding): string[] {
  const indent = ' '.repeat(15);
  const more = state === 'ok' || state === 'note' ? [] : [where, fix].filter((line) => line !== undefined);
  return [`${MARKS[state]} ${check.padEnd(12)} ${found}`, ...more.map((line) => indent + line)];
}
