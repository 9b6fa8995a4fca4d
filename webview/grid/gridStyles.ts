import { css } from 'lit';

export const gridStyles = css`
  :host {
    display: grid;
    grid-template-rows: 1fr auto;
    min-height: 0;
    height: 100%;
  }
  .scroller {
    position: relative;
    overflow-y: auto;
    overflow-x: hidden;
    min-height: 0;
    outline: none;
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
  }
  .row {
    position: absolute;
    top: 0;
    left: 0;
    right: 0;
    display: grid;
    gap: 12px;
    padding: 6px 20px;
    will-change: transform;
  }
  .card {
    cursor: default;
  }
  .card:hover {
    background: var(--vscode-list-hoverBackground, var(--surface));
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  .card[aria-selected='true'] {
    --muted: var(--vscode-foreground);
    border-color: var(--vscode-focusBorder);
    background: var(--vscode-list-inactiveSelectionBackground, var(--surface));
  }
  .card:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  .details {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 16px;
    align-items: start;
    max-height: 220px;
    overflow: auto;
    padding: 12px 20px;
    border-top: 1px solid var(--line);
    background: var(--surface);
  }
  .details img {
    max-width: 160px;
    max-height: 160px;
    border-radius: 3px;
  }
  .details > div {
    min-width: 0;
    display: grid;
    gap: 8px;
  }
  .details .caption {
    overflow-wrap: anywhere;
    user-select: text;
    font-size: 1.08em;
  }
  .problem {
    padding: 6px 20px;
  }
  @media (max-width: 520px) {
    .row {
      padding: 6px 12px;
    }
    .details {
      grid-template-columns: 1fr auto;
    }
    .details img {
      grid-column: 1 / -1;
      max-height: 90px;
    }
  }
`;
