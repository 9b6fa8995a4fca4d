import { css } from 'lit';

export const detailStyles = css`
  :host {
    display: block;
    min-height: 0;
    overflow: auto;
    background: var(--surface);
  }
  .detail {
    display: grid;
    gap: 12px;
    padding: 12px 16px 24px;
  }
  .top {
    display: flex;
    justify-content: space-between;
    align-items: center;
  }
  .image {
    display: grid;
    place-items: center;
    height: clamp(120px, 24vh, 260px);
    padding: 4px;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.1));
    overflow: hidden;
    text-align: center;
  }
  .image img {
    width: 100%;
    height: 100%;
    min-height: 0;
    object-fit: contain;
  }
  .caption {
    overflow-wrap: anywhere;
    user-select: text;
    font-size: 1.08em;
    max-height: 12em;
    overflow: auto;
  }
  .path {
    user-select: text;
    color: var(--muted);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
  }
  button.mark {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    padding: 3px 10px;
    border: 1px solid var(--vscode-button-border, var(--line));
    border-radius: 2px;
    background: transparent;
  }
  button.mark:hover {
    background: var(--vscode-toolbar-hoverBackground, transparent);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  button.mark[aria-pressed='true'] {
    border-color: var(--vscode-inputOption-activeBorder, var(--vscode-focusBorder));
    color: var(--vscode-inputOption-activeForeground, inherit);
    background: var(--vscode-inputOption-activeBackground, transparent);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
  }
  .why {
    display: grid;
    gap: 6px;
  }
  .terms caption {
    text-align: left;
    padding-bottom: 4px;
  }
  .terms th {
    width: 6.5em;
  }
  .terms th,
  .terms td {
    padding: 2px 8px 2px 0;
  }
  .terms .number {
    width: 5em;
  }
  .terms tfoot th,
  .terms tfoot td {
    border-top: 1px solid var(--line);
  }
  .bar {
    position: relative;
    height: 18px;
  }
  .bar i,
  .bar u {
    position: absolute;
    top: 4px;
    bottom: 4px;
  }
  .bar i.more {
    background: var(--vscode-charts-blue, currentColor);
  }
  .bar i.less {
    background: var(--vscode-charts-red, currentColor);
  }
  .bar u {
    top: 0;
    bottom: 0;
    width: 1px;
    background: var(--muted);
  }
  .neighbours {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(76px, 1fr));
    gap: 8px;
    list-style: none;
  }
  .neighbours button {
    display: grid;
    gap: 2px;
    width: 100%;
    padding: 4px;
    border: 1px solid var(--line);
    border-radius: 3px;
    background: transparent;
    text-align: center;
  }
  .neighbours button:hover:not(:disabled) {
    background: var(--vscode-list-hoverBackground, transparent);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  .neighbours img,
  .neighbours .empty {
    display: grid;
    place-items: center;
    width: 100%;
    height: 60px;
    object-fit: contain;
    color: var(--muted);
  }
  dl.facts {
    grid-template-columns: repeat(auto-fill, minmax(96px, 1fr));
  }
`;
