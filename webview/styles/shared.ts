import { css } from 'lit';

/** What every component looks alike in: colours, text, icons, tables, focus. */
export const shared = css`
  :host {
    --muted: var(--vscode-descriptionForeground, var(--vscode-foreground));
    --line: var(
      --vscode-contrastBorder,
      var(--vscode-editorWidget-border, var(--vscode-panel-border, rgba(128, 128, 128, 0.35)))
    );
    --surface: var(--vscode-editorWidget-background, var(--vscode-editor-background));
    --gap: 16px;
    box-sizing: border-box;
    scrollbar-color: var(--vscode-scrollbarSlider-background) transparent;
  }
  /* Neither inherited nor a variable: with those in a rule for everything, each change would cost fifty times as much. */
  * {
    box-sizing: border-box;
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  dl,
  dd,
  ol,
  ul {
    margin: 0;
    padding: 0;
  }
  h2 {
    font-size: 1.08em;
    font-weight: 600;
  }
  h3 {
    font-size: 1em;
    font-weight: 600;
  }
  .muted {
    color: var(--muted);
  }
  button.link {
    padding: 0;
    border: 0;
    background: none;
    font: inherit;
    text-align: left;
    color: var(--vscode-textLink-foreground, inherit);
    text-decoration: underline;
    cursor: pointer;
    overflow-wrap: anywhere;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .path {
    font-family: var(--vscode-editor-font-family, monospace);
    font-size: 0.92em;
    overflow-wrap: anywhere;
  }
  .icon {
    font-size: 16px;
    line-height: 1;
    display: inline-block;
    flex: none;
  }
  .icon svg {
    display: block;
    width: 1em;
    height: 1em;
    fill: currentColor;
  }
  .spinning {
    animation: turn 1.2s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .spinning {
      animation-duration: 6s;
    }
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  table {
    border-collapse: collapse;
    width: 100%;
  }
  th,
  td {
    padding: 6px 12px 6px 0;
    text-align: left;
    vertical-align: baseline;
    font-weight: normal;
  }
  thead th {
    color: var(--muted);
    font-weight: 600;
    border-bottom: 1px solid var(--line);
  }
  td.number,
  th.number {
    text-align: right;
    white-space: nowrap;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
`;

/** Pairs of a name and a value, as many beside each other as there is room for. */
export const facts = css`
  dl.facts {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
    gap: 12px 24px;
  }
  dl.facts > div {
    min-width: 0;
  }
  dl.facts .wide {
    grid-column: 1 / -1;
  }
  dl.facts dt {
    color: var(--muted);
    font-size: 0.92em;
  }
  dl.facts dd {
    overflow-wrap: anywhere;
  }
  dl.facts dd.figure {
    font-size: 1.4em;
    line-height: 1.3;
    font-variant-numeric: tabular-nums;
  }
`;

export const notes = css`
  .note {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    padding: 8px 12px;
    border: 1px solid var(--note-line);
    background: var(--note-surface);
    color: var(--note-text, var(--vscode-foreground));
    border-radius: 3px;
    overflow-wrap: anywhere;
  }
  .facts + .note {
    margin-top: 12px;
  }
  .note > .icon {
    margin-top: 1px;
    color: var(--note-icon);
  }
  .note > div {
    flex: 1;
    min-width: 0;
  }
  .note .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 8px;
  }
  .note.error {
    --note-line: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
    --note-surface: var(--vscode-inputValidation-errorBackground, transparent);
    --note-text: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
    --note-icon: var(--vscode-editorError-foreground, var(--vscode-errorForeground));
  }
  .note.warning {
    --note-line: var(--vscode-inputValidation-warningBorder, var(--vscode-editorWarning-foreground));
    --note-surface: var(--vscode-inputValidation-warningBackground, transparent);
    --note-text: var(--vscode-inputValidation-warningForeground, var(--vscode-foreground));
    --note-icon: var(--vscode-editorWarning-foreground, currentColor);
  }
  .note.info {
    --note-line: var(--vscode-inputValidation-infoBorder, var(--line));
    --note-surface: var(--vscode-inputValidation-infoBackground, transparent);
    --note-text: var(--vscode-inputValidation-infoForeground, var(--vscode-foreground));
    --note-icon: var(--vscode-editorInfo-foreground, currentColor);
  }
`;
