import { css } from 'lit';

export const stageStyles = css`
  :host {
    display: block;
    position: relative;
  }
  .stage {
    position: relative;
    width: 100%;
    height: 100%;
    overflow: hidden;
    cursor: crosshair;
    touch-action: none;
  }
  .stage:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  canvas,
  .stage > svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .stage > svg {
    pointer-events: none;
  }
  .cross,
  .ring,
  .lasso {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .lasso {
    stroke: var(--vscode-focusBorder, var(--vscode-foreground));
    stroke-dasharray: 5 3;
  }
`;
