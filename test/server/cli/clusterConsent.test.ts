import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agreeToScripts } from '../../../server/cli/clusterConsent.js';
import { scratchFolder } from '../cli.js';

const config = scratchFolder();
const shown = new Map([['embed', 'exec /usr/bin/node cli.js\n']]);
const changed = new Map([['embed', 'exec curl somewhere\n']]);

beforeEach(() => {
  vi.stubEnv('XDG_CONFIG_HOME', config);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What a program that asks is told, or null where the scripts may be submitted. */
async function told(scripts: Map<string, string>, hash?: string): Promise<{ agree: string } | null> {
  let output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    await agreeToScripts(scripts, { yes: false, hash, json: true });
    return null;
  } catch {
    return JSON.parse(output) as { agree: string };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('who has seen scripts', () => {
  it('agrees to them alone, and is asked again about any that have changed', async () => {
    const first = await told(shown);
    expect(first).toMatchObject({ scripts: Object.fromEntries(shown) });
    expect(await told(changed, first!.agree)).toMatchObject({ scripts: Object.fromEntries(changed) });
    expect(await told(shown), 'a refusal is no agreement').toEqual(first);
    expect(await told(shown, first!.agree)).toBeNull();
    expect(await told(shown), 'it is kept').toBeNull();
    expect(await told(changed)).not.toBeNull();
  });
});
