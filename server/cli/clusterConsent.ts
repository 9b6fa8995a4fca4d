import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeAside } from '../embeddings/aside.js';
import { ask } from './consent.js';

/**
 * Settings lie beside the dataset, where others may write: what they make of the scripts runs in the user's name. So the
 * scripts are shown and agreed to before their first submission, and whenever they have changed since.
 */
export async function agreeToScripts(scripts: string[], yes: boolean): Promise<void> {
  const agreed = readAgreed();
  const hash = createHash('sha256').update(scripts.join('\0')).digest('hex');
  if (agreed.includes(hash)) return;
  if (!yes) {
    process.stderr.write(`${scripts.join('\n')}\n`);
    await ask('Submit these scripts?', {
      alone: 'cluster: nobody can be asked here; look at the scripts above, then give --yes to submit them',
      refused: 'Nothing was submitted.',
    });
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
