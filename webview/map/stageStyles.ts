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
  .opened,
  .lasso {
    fill: none;
    stroke: var(--vscode-foreground);
    stroke-width: 1.5;
  }
  .opened {
    stroke-width: 3;
  }
  .beside {
    position: absolute;
    max-width: calc(50% - 20px);
    pointer-events: none;
  }
  .lasso {
    stroke: var(--vscode-focusBorder, var(--vscode-foreground));
    stroke-dasharray: 5 3;
  }
`;
