import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../setup/paths.js';

interface Command {
  command: string;
  title: string;
  category?: string;
}
interface MenuEntry {
  command: string;
  when?: string;
}
interface Manifest {
  commands: Command[];
  menus: Record<string, MenuEntry[]>;
  configuration: { properties: Record<string, { order: number; markdownDescription: string }> };
  walkthroughs: { steps: { media: { svg: string }; completionEvents: string[]; description: string }[] }[];
  viewsContainers: { activitybar: { icon: string }[] };
  viewsWelcome: { contents: string; when: string }[];
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { contributes } = JSON.parse(read('package.json')) as { contributes: Manifest };
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
const sources = readdirSync(join(root, 'extension'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(join('extension', file)))
  .join('\n');
const text = (key: string): string => texts[key.slice(1, -1)] ?? '';

describe('the manifest', () => {
  it('names each command under ClipCov, and the sources register it', () => {
    for (const { command, title, category } of contributes.commands) {
      expect(category === 'ClipCov' || text(title).startsWith('ClipCov: '), command).toBe(true);
      const last = command.split('.').at(-1)!;
      expect(sources, command).toMatch(
        new RegExp(`command\\('${last}'|registerCommand\\(\`\\$\\{VIEW\\}\\.${last}\``),
      );
    }
  });

  it('puts only its own commands into menus, and what needs an entry into no palette', () => {
    const own = new Set(contributes.commands.map(({ command }) => command));
    for (const { command } of Object.values(contributes.menus).flat()) expect(own).toContain(command);
    const hidden = contributes.menus['commandPalette']!.filter(({ when }) => when === 'false');
    expect(hidden.map(({ command }) => command).sort()).toEqual(
      [...own].filter((command) => command.startsWith('clipcov.subsets.')).sort(),
    );
  });

  it('orders and describes every setting', () => {
    const settings = Object.values(contributes.configuration.properties);
    expect(settings.map(({ order }) => order)).toEqual(settings.map((_, i) => i + 1));
    for (const { markdownDescription } of settings) expect(text(markdownDescription)).not.toBe('');
  });

  it('leads through steps that have a picture, and that something ticks off', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    for (const { media, completionEvents } of steps) {
      expect(read(media.svg)).toContain('<svg');
      for (const event of completionEvents) {
        const [, kind, name] = /^on(Context|Command|SettingChanged):clipcov\.(\w+)$/.exec(event)!;
        if (kind === 'Context') expect(sources, event).toContain(`reached('${name}')`);
      }
    }
    for (const { icon } of contributes.viewsContainers.activitybar)
      expect(existsSync(join(root, icon))).toBe(true);
    const linked = [
      ...steps.map(({ description }) => description),
      ...contributes.viewsWelcome.map(({ contents }) => contents),
    ]
      .flatMap((key) => [...text(key).matchAll(/\(command:(clipcov\.[\w.]+)\)/g)])
      .map(([, command]) => command!)
      .filter((command) => !command.endsWith('.focus'));
    for (const command of linked) expect(contributes.commands.map((one) => one.command)).toContain(command);
  });
});
