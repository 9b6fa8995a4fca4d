import { css } from 'lit';

export const runStyles = css`
  :host {
    display: grid;
    gap: 12px;
    min-width: 0;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 20px;
    align-items: center;
    justify-content: space-between;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .stages {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
    list-style: none;
  }
  .stages li {
    display: flex;
    gap: 5px;
    align-items: center;
    color: var(--muted);
  }
  .stages .current {
    color: var(--vscode-foreground);
    font-weight: 600;
  }
  .stages .done .icon {
    color: var(--vscode-testing-iconPassed, var(--vscode-charts-green, currentColor));
  }
  .stages .waiting .icon {
    font-size: 6px;
    width: 16px;
    text-align: center;
    opacity: 0.7;
  }
  .bar {
    height: 4px;
    overflow: hidden;
    border-radius: 2px;
    background: var(--vscode-widget-border, rgba(128, 128, 128, 0.25));
    outline: 1px solid var(--vscode-contrastBorder, transparent);
  }
  .bar > div {
    height: 100%;
    transform-origin: left;
    background: var(--vscode-progressBar-background);
    transition: transform 0.2s linear;
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 20px;
    font-variant-numeric: tabular-nums;
  }
  .figures dt {
    display: inline;
    color: var(--muted);
  }
  .figures dd {
    display: inline;
    margin-left: 4px;
  }
  .previews {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(148px, 1fr));
    gap: 12px;
    list-style: none;
    margin-top: 8px;
  }
`;
