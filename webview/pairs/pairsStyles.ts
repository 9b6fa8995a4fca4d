import { css } from 'lit';

export const pairsStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    height: 100%;
    container: pairs / inline-size;
  }
  .toolbar,
  .bar,
  .filters {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: center;
    padding: 8px 20px;
    border-bottom: 1px solid var(--line);
  }
  .filters {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(260px, 1fr));
    background: var(--surface);
  }
  .filters .choice > span,
  .filters .range > span:first-child {
    flex: 0 0 92px;
  }
  .filters select {
    flex: 1;
  }
  .filters vscode-button {
    justify-self: start;
  }
  .segments,
  .pair {
    display: inline-flex;
    align-items: center;
    gap: 2px;
  }
  .choice,
  .range {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    min-width: 0;
  }
  .choice > span,
  .range > span {
    color: var(--muted);
    white-space: nowrap;
  }
  select,
  input {
    height: 26px;
    padding: 0 6px;
    font: inherit;
    min-width: 0;
    max-width: 220px;
    border-radius: 2px;
    color: var(--vscode-input-foreground, inherit);
    background: var(--vscode-input-background, transparent);
    border: 1px solid var(--vscode-input-border, var(--vscode-dropdown-border, var(--line)));
  }
  select {
    color: var(--vscode-dropdown-foreground, inherit);
    background: var(--vscode-dropdown-background, transparent);
    border-color: var(--vscode-dropdown-border, var(--line));
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground, var(--muted));
    opacity: 1;
  }
  input.search {
    flex: 1 1 160px;
    max-width: 320px;
  }
  .range input {
    width: 76px;
  }
  .tool {
    display: inline-flex;
    gap: 4px;
    align-items: center;
    justify-content: center;
    min-width: 26px;
    height: 26px;
    padding: 0 5px;
    border: 1px solid transparent;
    border-radius: 3px;
    color: inherit;
    background: none;
    font: inherit;
    white-space: nowrap;
    cursor: pointer;
  }
  .tool.text {
    padding: 0 8px;
    border-color: var(--vscode-button-border, var(--line));
  }
  .tool:hover {
    background: var(--vscode-toolbar-hoverBackground, transparent);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  .tool[aria-pressed='true'] {
    color: var(--vscode-inputOption-activeForeground, inherit);
    background: var(--vscode-inputOption-activeBackground, transparent);
    border-color: var(--vscode-inputOption-activeBorder, var(--vscode-focusBorder));
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .body {
    position: relative;
    flex: 1;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    min-height: 0;
  }
  .pairs {
    min-height: 0;
    min-width: 0;
    overflow: hidden;
    display: flex;
    flex-direction: column;
  }
  clipcov-pair-list {
    flex: 1;
    min-height: 0;
  }
  .body.detailed {
    grid-template-columns: minmax(0, 1fr) 380px;
  }
  clipcov-pair {
    border-left: 1px solid var(--line);
  }
  .problem,
  .waiting {
    padding: 8px 20px;
  }
  .empty {
    display: grid;
    gap: 12px;
    justify-items: start;
    padding: 24px 20px;
    max-width: 620px;
  }
  progress {
    width: min(320px, 100%);
    height: 4px;
    accent-color: var(--vscode-progressBar-background);
  }
  @container pairs (max-width: 800px) {
    .body.detailed {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: minmax(120px, 2fr) minmax(0, 3fr);
    }
    clipcov-pair {
      border-left: 0;
      border-top: 1px solid var(--line);
    }
  }
  @container pairs (max-width: 520px) {
    .toolbar,
    .bar,
    .filters {
      padding: 6px 12px;
      gap: 6px 8px;
    }
    input.search {
      max-width: none;
      flex-basis: 100%;
    }
    .empty,
    .problem,
    .waiting {
      padding-left: 12px;
      padding-right: 12px;
    }
  }
`;
