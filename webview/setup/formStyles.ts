import { css } from 'lit';

export const formStyles = css`
  :host {
    display: block;
  }
  form {
    display: grid;
    gap: 16px;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(190px, 1fr));
    gap: 14px 24px;
    align-items: start;
  }
  .field {
    display: grid;
    gap: 2px;
    min-width: 0;
  }
  .field vscode-text-field,
  .field vscode-dropdown {
    width: 100%;
    min-width: 0;
  }
  .field.check {
    grid-column-start: 1;
  }
  .field.check.beside {
    padding-top: calc(1.4em + 6px);
  }
  .label {
    line-height: 1.4;
  }
  .hint,
  .problem {
    margin-top: 2px;
  }
  .hint {
    color: var(--muted);
    font-size: 0.92em;
  }
  .problem {
    display: flex;
    gap: 4px;
    align-items: baseline;
    font-size: 0.92em;
  }
  /* An error's own colour is too pale for small text on white. */
  .problem .icon {
    align-self: center;
    color: var(--vscode-errorForeground);
  }
  vscode-text-field.invalid::part(root) {
    border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
  }
  details > summary {
    cursor: pointer;
    padding: 2px 0;
    width: fit-content;
  }
  details > .fields {
    margin: 12px 0 4px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 12px;
    align-items: center;
  }
`;
