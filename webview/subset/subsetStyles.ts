import { css } from 'lit';

export const subsetStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    height: 100%;
  }
  .strip {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 28px;
    padding: 12px 20px;
    font-variant-numeric: tabular-nums;
  }
  .strip dt {
    color: var(--muted);
    font-size: 0.92em;
  }
  .strip dd {
    font-size: 1.08em;
  }
  .strip .weak .icon {
    /* The text beside it would not stand out enough in a warning's colour. */
    color: var(--vscode-editorWarning-foreground, inherit);
    vertical-align: -3px;
    margin-right: 4px;
  }
  .tabs {
    display: flex;
    gap: 20px;
    padding: 0 20px;
    border-bottom: 1px solid var(--line);
  }
  .tabs button {
    appearance: none;
    padding: 6px 0;
    border: 0;
    border-bottom: 1px solid transparent;
    margin-bottom: -1px;
    background: none;
    color: var(--vscode-panelTitle-inactiveForeground, var(--muted));
    font: inherit;
    cursor: pointer;
  }
  .tabs button:hover,
  .tabs button[aria-selected='true'] {
    color: var(--vscode-panelTitle-activeForeground, var(--vscode-foreground));
  }
  .tabs button[aria-selected='true'] {
    /* In high contrast the title's own border is that of everything. */
    --chosen: var(--vscode-contrastActiveBorder, var(--vscode-panelTitle-activeBorder, currentColor));
    border-bottom-color: var(--chosen);
    box-shadow: inset 0 -1px 0 var(--chosen);
  }
  .weakness {
    padding: 0 20px 10px;
  }
  .panel {
    flex: 1;
    min-height: 0;
    overflow: hidden;
  }
  .panel.page {
    overflow: auto;
    padding: 16px 20px 32px;
  }
  .empty {
    display: grid;
    gap: 12px;
    justify-items: start;
  }
  @media (max-width: 520px) {
    .strip,
    .weakness,
    .tabs {
      padding-left: 12px;
      padding-right: 12px;
    }
    .strip {
      gap: 4px 16px;
    }
    .strip .minor {
      display: none;
    }
    .panel.page {
      padding: 12px;
    }
  }
`;
