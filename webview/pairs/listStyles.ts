import { css } from 'lit';

/** The list of pairs. Heights are fixed: the layout counts on them; its width, which it measures anyway, is told by classes. */
export const listStyles = css`
  :host {
    display: block;
    min-height: 0;
    height: 100%;
  }
  .list {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    height: 100%;
  }
  .list.grid {
    grid-template-rows: minmax(0, 1fr);
  }
  .scroller {
    position: relative;
    overflow-y: auto;
    overflow-x: hidden;
    min-height: 0;
    outline: none;
    scrollbar-gutter: stable;
  }
  .spacer {
    width: 1px;
    position: absolute;
    top: 0;
  }
  .view {
    position: sticky;
    top: 0;
    overflow: hidden;
    contain: strict;
  }
  .rows {
    position: absolute;
    inset: 0;
    will-change: transform;
  }
  .row {
    position: absolute;
    top: 0;
    left: 0;
    right: 0;
  }
  .cards {
    display: grid;
    gap: 12px;
    padding: 6px 20px;
  }
  .card {
    cursor: default;
  }
  .picture.seen > .icon {
    visibility: hidden;
  }
  .card.dropped .picture img {
    opacity: 0.65;
  }
  .card.dropped {
    border-style: dashed;
  }
  .card .mark {
    position: absolute;
    top: 6px;
    right: 6px;
    padding: 2px;
    border-radius: 9px;
    line-height: 0;
    color: var(--vscode-badge-foreground);
    background: var(--vscode-badge-background);
    outline: 1px solid var(--vscode-contrastBorder, transparent);
  }
  .card:hover,
  .row.line:hover {
    background: var(--vscode-list-hoverBackground, var(--surface));
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .card[aria-selected='true'],
  .row.line[aria-selected='true'] {
    --muted: var(--vscode-foreground);
    border-color: var(--vscode-focusBorder);
    background: var(--vscode-list-inactiveSelectionBackground, var(--surface));
  }
  .card:focus-visible,
  .row.line:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .heading {
    height: 34px;
    padding: 0 20px;
  }
  .heading > span,
  .heading button {
    display: flex;
    gap: 6px;
    align-items: center;
    width: 100%;
    height: 34px;
    min-width: 0;
  }
  button {
    padding: 0;
    border: 0;
    color: inherit;
    background: none;
    font: inherit;
    text-align: inherit;
    cursor: pointer;
  }
  .heading b {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .heading .muted {
    flex: none;
  }
  .line {
    display: grid;
    grid-template-columns: 76px minmax(140px, 3fr) minmax(90px, 1.2fr) 64px 92px repeat(3, 64px);
    gap: 0 12px;
    align-items: center;
    height: 34px;
    padding: 0 20px;
    border-bottom: 1px solid var(--line);
    cursor: default;
  }
  .row.line {
    contain: strict;
  }
  .head .line {
    height: 30px;
    color: var(--muted);
    font-weight: 600;
    /* As wide as the lines beneath, which leave room for the scroll bar. */
    overflow: hidden;
    scrollbar-gutter: stable;
  }
  .head button {
    white-space: nowrap;
  }
  .head button span {
    font-size: 0.75em;
    margin-left: 4px;
  }
  .line > span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .line > .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .line .icon {
    font-size: 12px;
    margin-right: 4px;
  }
  .row.line > .caption {
    display: flex;
    gap: 8px;
    align-items: center;
  }
  .row.line > .caption span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .row.line img,
  .row.line i {
    flex: none;
    width: 28px;
    height: 28px;
    object-fit: contain;
    border-radius: 2px;
    background: var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.1));
  }
  .line.dropped > .latentClass,
  .line.dropped > .number {
    color: var(--muted);
  }
  .list.narrow .line {
    grid-template-columns: 60px minmax(0, 1fr) 56px 88px;
  }
  .list.narrow .line > .latentClass,
  .list.narrow .line > .cross,
  .list.narrow .line > .label,
  .list.narrow .line > .inter {
    display: none;
  }
  .list.tight .cards,
  .list.tight .heading,
  .list.tight .line {
    padding-left: 12px;
    padding-right: 12px;
  }
`;
