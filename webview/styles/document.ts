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
  clipcov-app {
    height: 100%;
  }
`;
