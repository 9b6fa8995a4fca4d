import { describe, expect, it } from 'vitest';
import { notice } from '../../../extension/text/notice.js';

describe('notice', () => {
  it('leaves no link that VS Code would make', () => {
    for (const hostile of [
      '[click](command:workbench.action.terminal.new)',
      'a [b](https://example.org) c',
      '[x](command:a)[y](file:///etc)',
      '[a\u200b](command:b)',
      '[a]\u2060(command:b)',
    ])
      expect(notice(hostile)).not.toMatch(/\]\(/);
  });

  it('shows no control characters and leaves other text alone', () => {
    expect(notice('one\ntwo\u202Eeno')).toBe('one two eno');
    expect(notice('größe [1] (2) 日本語 🙂')).toBe('größe [1] (2) 日本語 🙂');
  });
});
