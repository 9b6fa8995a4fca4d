import { html, nothing, type TemplateResult } from 'lit';
import type { PairRow } from '../../server/protocol/pairs.js';
import type { PairMark, PairsState, PanelCommand } from '../../server/protocol/panel.js';
import { icon } from '../dom/icon.js';
import { warningNote } from '../note/note.js';
import { readPrompt } from '../pairs/bars.js';
import { marksOf } from '../pairs/marks.js';
import type { PairQueries } from '../pairs/pairSource.js';
import { t } from '../text/l10n.js';

/** A point that was opened: its pair, or why that cannot be shown. */
export interface OpenedPoint {
  /** Of the store; −1 for a neighbour, which is known by its id. */
  row: number;
  pair: PairRow | null;
  problem: string | null;
}

export interface PointActs {
  close(): void;
  mark(id: number, mark: PairMark): void;
  reveal(id: number): void;
  onlyClass(name: string): void;
  show(pair: PairRow): void;
  command(command: PanelCommand): void;
}

/** The pair of a point in full, as the list of pairs shows it. */
export function pointDetails(
  { pair, problem }: OpenedPoint,
  pairs: PairsState | null,
  all: number,
  queries: PairQueries,
  act: PointActs,
): TemplateResult {
  if (pair)
    return html`<clipcov-pair
      .pair=${pair}
      .queries=${queries}
      .mark=${marksOf(pairs)(pair.id)}
      @keydown=${closeByEscape(act)}
      @close-pair=${() => act.close()}
      @mark-pair=${({ detail }: CustomEvent<PairMark>) => act.mark(pair.id, detail)}
      @reveal-pair=${() => act.reveal(pair.id)}
      @only-class=${({ detail }: CustomEvent<string>) => act.onlyClass(detail)}
      @show-pair=${({ detail }: CustomEvent<PairRow>) => act.show(detail)}
    ></clipcov-pair>`;
  return html`<section class="unread" aria-label=${t('Details')} @keydown=${closeByEscape(act)}>
    <vscode-button appearance="icon" aria-label=${t('Close details')} @click=${() => act.close()}
      >${icon('close')}</vscode-button
    >
    ${problem === null ? nothing : warningNote(problem)}
    ${problem === null && pairs ? readPrompt(pairs, all, (command) => act.command(command)) : nothing}
  </section>`;
}

function closeByEscape(act: PointActs): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key === 'Escape') act.close();
  };
}
