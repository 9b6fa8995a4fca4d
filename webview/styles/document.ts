import { css } from 'lit';

/** The page itself. VS Code's own defaults are inline styles, which the policy refuses, so nothing relies on them. */
export const documentStyles = css`
  html,
  body {
    height: 100%;
    margin: 0;
    padding: 0;
    overflow: hidden;
  }
  body {
    color: var(--vscode-foreground);
    background: var(--vscode-editor-background);
    font-family: var(--vscode-font-family, system-ui, sans-serif);
    font-size: var(--vscode-font-size, 13px);
    font-weight: var(--vscode-font-weight, normal);
    line-height: 1.45;
  }
  /* What the browser draws itself, as a slider's track. Not on the root: a frame of another scheme than what it lies in is
     opaque. */
  body.vscode-dark,
  body.vscode-high-contrast:not(.vscode-high-contrast-light) {
    color-scheme: dark;
  }
  clipcov-app {
    height: 100%;
  }
`;
