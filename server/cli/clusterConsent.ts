import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeAside } from '../embeddings/aside.js';
import { UsageError } from './arguments.js';
import { ask } from './consent.js';

/** To which scripts is agreed without asking: `yes` to any, `hash` to those alone that have it. */
export interface Consent {
  yes: boolean;
  hash: string | undefined;
  /** A program asks, and not the terminal: it gets the scripts and their hash. */
  json: boolean;
}

const ALONE =
  'cluster: nobody can be asked here; look at the scripts above, then give --yes to submit them, or --agree and their hash';

/**
 * Settings lie beside the dataset, where others may write: what they make of the scripts runs in the user's name. So the
 * scripts are shown and agreed to before their first submission, and whenever they have changed since.
 */
export async function agreeToScripts(scripts: ReadonlyMap<string, string>, consent: Consent): Promise<void> {
  const texts = [...scripts.values()];
  const agreed = readAgreed();
  const hash = createHash('sha256').update(texts.join('\0')).digest('hex');
  if (agreed.includes(hash)) return;
  if (!consent.yes && consent.hash !== hash) {
    process.stderr.write(`${texts.join('\n')}\n`);
    if (consent.json) {
      process.stdout.write(`${JSON.stringify({ agree: hash, scripts: Object.fromEntries(scripts) })}\n`);
      throw new UsageError(ALONE);
    }
    await ask('Submit these scripts?', { alone: ALONE, refused: 'Nothing was submitted.' });
  }
  await writeAside(agreedFile(), `${JSON.stringify([...agreed.slice(-99), hash], null, 2)}\n`);
}

/** In the user's own folder: nobody else agrees for him. */
function agreedFile(): string {
  const config = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return join(config, 'clipcov', 'cluster-scripts.json');
}

function readAgreed(): string[] {
  try {
    const found: unknown = JSON.parse(readFileSync(agreedFile(), 'utf8'));
    return Array.isArray(found) ? found.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
