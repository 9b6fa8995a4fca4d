import { expect, it } from 'vitest';
import { anonymous, withoutSecrets } from '../../../extension/diagnostics/redact.js';

const PLACES = {
  home: '/home/ada',
  user: 'ada',
  host: 'gpu-box-7',
  folders: ['/home/ada/data/birds'],
};

it('leaves no secret in a text', () => {
  const token = 'a3f'.repeat(20);
  const text = withoutSecrets(
    `HF_TOKEN=hf_AbCdEfGhIjKl Authorization: Bearer abc.def ${token} https://ada:pass@host/x?token=12&a=1`,
  );
  for (const secret of ['hf_Ab', 'abc.def', token, 'pass', '=12']) expect(text).not.toContain(secret);
  expect(text).toContain('&a=1');
});

it('leaves no name of a person, a machine or a folder above the workspace', () => {
  const text = anonymous(
    'cannot read /home/ada/data/birds/1.png or /home/ada/other on gpu-box-7 as ada',
    PLACES,
  );
  expect(text).toBe('cannot read <workspace>/1.png or ~/other on <host> as <user>');
});

it('leaves what is no name alone', () => {
  expect(anonymous('error in a job', { ...PLACES, user: 'a', host: '' })).toBe('error in a job');
});
