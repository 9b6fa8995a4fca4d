import { html, type TemplateResult } from 'lit';
import codicons from '@vscode/codicons/dist/codicon.ttf';

const GLYPHS = {
  add: '\uea60',
  arrowDown: '\uea9a',
  arrowUp: '\ueaa1',
  beaker: '\uea79',
  check: '\ueab2',
  chevronDown: '\ueab4',
  chevronRight: '\ueab6',
  circle: '\ueabc',
  close: '\uea76',
  copy: '\uebcc',
  error: '\uea87',
  export: '\uebac',
  file: '\uea94',
  filter: '\ueaf1',
  grid: '\ueae6',
  group: '\ueb97',
  image: '\ueaea',
  info: '\uea74',
  loading: '\ueb19',
  output: '\ueb9d',
  pause: '\uead1',
  play: '\ueb2c',
  preview: '\ueb28',
  refresh: '\ueb37',
  remove: '\ueb3b',
  save: '\ueb4b',
  settings: '\ueb51',
  skipped: '\ueabd',
  stop: '\uead7',
  table: '\uebb7',
  warning: '\uea6c',
} as const;

export type IconName = keyof typeof GLYPHS;

/** Loads VS Code's icon font; a shadow root sees fonts of the document only. */
export async function loadIcons(): Promise<void> {
  const font = new FontFace('codicon', `url(${codicons})`);
  document.fonts.add(font);
  await font.load();
}

/** A decorative icon: whatever it stands for is also said in words. */
export function icon(name: IconName, slot = ''): TemplateResult {
  const spinning = name === 'loading' ? ' spinning' : '';
  return html`<span class="icon${spinning}" slot=${slot} aria-hidden="true">${GLYPHS[name]}</span>`;
}
