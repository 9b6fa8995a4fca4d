import { css } from 'lit';

export const resultStyles = css`
  :host {
    display: block;
  }
  section,
  .group {
    margin-top: 24px;
  }
  h2,
  h3 {
    margin-bottom: 8px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 12px 0;
  }
  .scroll {
    overflow-x: auto;
    margin-bottom: 16px;
  }
  .note {
    margin: 12px 0;
  }
  th[scope='row'] small {
    display: block;
    max-width: 76ch;
    font-weight: normal;
  }
  /* One below the other, in the same columns. */
  .findings {
    table-layout: fixed;
    width: 100%;
  }
  .findings th[scope='col'] {
    width: 68px;
  }
  .findings th[scope='col']:nth-child(2) {
    width: auto;
  }
  .findings th[scope='col']:last-child {
    width: 76px;
  }
  .path img {
    display: block;
    margin-bottom: 2px;
  }
  .problem {
    font-weight: 600;
  }
  ul.plain,
  .legend {
    list-style: none;
    margin: 12px 0;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
  }
  .charts {
    display: flex;
    flex-wrap: wrap;
    gap: 16px;
  }
  figure {
    margin: 0;
    width: 360px;
    max-width: 100%;
  }
  figcaption {
    font-weight: 600;
  }
  svg {
    max-width: 100%;
  }
  .line {
    fill: none;
    stroke: var(--c);
    stroke-width: 2;
  }
  .dot {
    fill: var(--c);
  }
  .grid {
    stroke: var(--line);
  }
  .tick {
    font-size: 11px;
    fill: var(--muted);
  }
  .s0 {
    --c: var(--vscode-charts-blue, currentColor);
  }
  .s1 {
    --c: var(--vscode-charts-orange, currentColor);
  }
  .s2 {
    --c: var(--vscode-charts-green, currentColor);
  }
  .s3 {
    --c: var(--vscode-charts-purple, currentColor);
  }
  .s4 {
    --c: var(--vscode-charts-red, currentColor);
  }
  .s5 {
    --c: var(--vscode-charts-yellow, currentColor);
  }
  .s6,
  .s7 {
    --c: var(--vscode-charts-foreground, currentColor);
  }
`;
