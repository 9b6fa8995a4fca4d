import { css } from 'lit';

export const plotsStyles = css`
  :host {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
    gap: 28px 36px;
    max-width: 1200px;
    align-items: start;
  }
  section {
    display: grid;
    gap: 8px;
    min-width: 0;
  }
  section > svg,
  .chart > svg {
    width: 100%;
    height: auto;
    display: block;
  }
  .chart {
    cursor: ew-resize;
    touch-action: pan-y;
    user-select: none;
  }
  .handle {
    fill: var(--vscode-button-background, var(--vscode-focusBorder));
    stroke: var(--vscode-foreground);
  }
  .axis,
  .outline,
  .line,
  .cut {
    fill: none;
    stroke: var(--vscode-foreground);
  }
  .axis {
    stroke: var(--line);
  }
  .line {
    stroke: var(--vscode-charts-blue, var(--vscode-foreground));
    stroke-width: 2;
  }
  .cut {
    stroke-dasharray: 4 3;
  }
  .bar,
  .own {
    fill: var(--vscode-charts-blue, var(--vscode-foreground));
  }
  .whole {
    fill: var(--muted);
  }
  .tick {
    fill: var(--muted);
    font-size: 11px;
  }
  /* The thumb is where the line is: both go from the first pick to the last along the axis. */
  .sliding input {
    width: calc(100% * 394 / 460 + 16px);
    margin-left: calc(100% * 52 / 460 - 8px);
    accent-color: var(--vscode-button-background, var(--vscode-focusBorder));
  }
  .bars {
    width: 34%;
    min-width: 60px;
  }
  .bars svg {
    width: 100%;
    height: 14px;
    display: block;
  }
  th[scope='row'] {
    overflow-wrap: anywhere;
  }
`;
