import { createInterface } from 'node:readline/promises';
import { ClipcovError } from '../errors.js';
import { UsageError } from './arguments.js';

/** Asks before something is downloaded, on standard error, since the result alone is output; throws where it is not agreed. */
export async function askToDownload(command: string): Promise<void> {
  const alone = `${command}: nobody can be asked here; give --yes to download`;
  await ask('Download?', { alone, refused: 'Nothing was downloaded.' });
}

/** Throws unless the user says yes: `refused`, or `alone` where nobody can be asked. */
export async function ask(
  question: string,
  { alone, refused }: { alone: string; refused: string },
): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(alone);
  const line = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  // By ^C or the end of input, which alone would leave the question open.
  line.on('close', () => closed.abort());
  const answer = await line
    .question(`${question} [y/N] `, { signal: closed.signal })
    .catch(() => '')
    .finally(() => line.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new ClipcovError('cancelled', refused);
}
