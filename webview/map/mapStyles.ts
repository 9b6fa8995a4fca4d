import { css } from 'lit';

export const mapStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: end;
    padding: 10px 20px;
  }
  .bar .field {
    display: grid;
    gap: 2px;
    width: 170px;
  }
  .bar .field vscode-dropdown {
    width: 100%;
    min-width: 0;
  }
  .bar .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .lower {
    display: flex;
    flex: 1;
    min-height: 0;
    border-top: 1px solid var(--line);
  }
  clipcov-map-stage {
    flex: 1;
    min-width: 0;
    min-height: 160px;
  }
  aside {
    width: 230px;
    overflow: auto;
    padding: 12px 16px;
    border-left: 1px solid var(--line);
    display: grid;
    gap: 12px;
    align-content: start;
  }
  .legend {
    list-style: none;
    display: grid;
    gap: 2px;
  }
  .legend button {
    appearance: none;
    display: grid;
    grid-template-columns: 14px 1fr auto;
    gap: 8px;
    align-items: center;
    width: 100%;
    padding: 3px 4px;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: left;
    cursor: pointer;
  }
  .legend button:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .legend button span {
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .legend button[aria-pressed='false'] .name {
    text-decoration: line-through;
  }
  .legend svg {
    width: 12px;
    height: 12px;
  }
  .legend circle {
    stroke: currentColor;
    stroke-width: 1;
  }
  .remark {
    font-size: 0.92em;
  }
  .status {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    align-items: center;
    min-height: 34px;
    padding: 6px 20px;
    border-top: 1px solid var(--line);
    overflow-wrap: anywhere;
  }
  .status .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-left: auto;
  }
  .waiting {
    display: grid;
    gap: 12px;
    justify-items: start;
    padding: 16px 20px;
  }
  .meter {
    width: min(420px, 100%);
    height: 3px;
    background: var(--line);
  }
  .meter > div {
    height: 100%;
    background: var(--vscode-progressBar-background, var(--vscode-focusBorder));
    transform-origin: left;
  }
  @media (max-width: 640px) {
    .bar,
    .status,
    .waiting {
      padding-left: 12px;
      padding-right: 12px;
    }
    .bar .field {
      width: 140px;
    }
    .lower {
      flex-direction: column;
    }
    aside {
      width: auto;
      max-height: 32%;
      border-left: 0;
      border-top: 1px solid var(--line);
      padding: 8px 12px;
    }
  }
`;
