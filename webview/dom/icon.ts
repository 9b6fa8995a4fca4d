import { html, type TemplateResult } from 'lit';
import add from '@vscode/codicons/src/icons/add.svg';
import arrowDown from '@vscode/codicons/src/icons/arrow-down.svg';
import arrowUp from '@vscode/codicons/src/icons/arrow-up.svg';
import beaker from '@vscode/codicons/src/icons/beaker.svg';
import check from '@vscode/codicons/src/icons/check.svg';
import chevronDown from '@vscode/codicons/src/icons/chevron-down.svg';
import chevronRight from '@vscode/codicons/src/icons/chevron-right.svg';
import circle from '@vscode/codicons/src/icons/circle.svg';
import close from '@vscode/codicons/src/icons/close.svg';
import copy from '@vscode/codicons/src/icons/copy.svg';
import error from '@vscode/codicons/src/icons/error.svg';
import exporting from '@vscode/codicons/src/icons/export.svg';
import file from '@vscode/codicons/src/icons/go-to-file.svg';
import filter from '@vscode/codicons/src/icons/filter.svg';
import grid from '@vscode/codicons/src/icons/extensions.svg';
import group from '@vscode/codicons/src/icons/group-by-ref-type.svg';
import image from '@vscode/codicons/src/icons/file-media.svg';
import info from '@vscode/codicons/src/icons/info.svg';
import loading from '@vscode/codicons/src/icons/loading.svg';
import output from '@vscode/codicons/src/icons/output.svg';
import pause from '@vscode/codicons/src/icons/debug-pause.svg';
import play from '@vscode/codicons/src/icons/play.svg';
import preview from '@vscode/codicons/src/icons/open-preview.svg';
import refresh from '@vscode/codicons/src/icons/refresh.svg';
import remove from '@vscode/codicons/src/icons/remove.svg';
import save from '@vscode/codicons/src/icons/save.svg';
import settings from '@vscode/codicons/src/icons/settings-gear.svg';
import skipped from '@vscode/codicons/src/icons/circle-slash.svg';
import stop from '@vscode/codicons/src/icons/debug-stop.svg';
import table from '@vscode/codicons/src/icons/table.svg';
import warning from '@vscode/codicons/src/icons/warning.svg';

/** What VS Code draws its icons from. */
const DRAWINGS = {
  add,
  arrowDown,
  arrowUp,
  beaker,
  check,
  chevronDown,
  chevronRight,
  circle,
  close,
  copy,
  error,
  export: exporting,
  file,
  filter,
  grid,
  group,
  image,
  info,
  loading,
  output,
  pause,
  play,
  preview,
  refresh,
  remove,
  save,
  settings,
  skipped,
  stop,
  table,
  warning,
} as const;

export type IconName = keyof typeof DRAWINGS;

/** A decorative icon: whatever it stands for is also said in words. Drawn, since a page waits long for its first font. */
export function icon(name: IconName, slot = ''): TemplateResult {
  const spinning = name === 'loading' ? ' spinning' : '';
  return html`<span class="icon${spinning}" slot=${slot} aria-hidden="true"
    ><svg viewBox="0 0 16 16">${DRAWINGS[name]}</svg></span
  >`;
}
