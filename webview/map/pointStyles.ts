import { css } from 'lit';

/** The card beside a point, and the details of one that was opened. */
export const pointStyles = css`
  .card {
    display: flex;
    gap: 8px;
    align-items: flex-start;
    max-width: 300px;
    padding: 8px;
    border: 1px solid var(--line);
    border-radius: 4px;
    color: var(--vscode-editorHoverWidget-foreground, var(--vscode-foreground));
    background: var(--vscode-editorHoverWidget-background, var(--surface));
  }
  .card img {
    flex: none;
    width: 64px;
    height: 64px;
    object-fit: contain;
  }
  .card > div {
    display: grid;
    gap: 2px;
    min-width: 0;
  }
  .card p {
    overflow-wrap: anywhere;
    overflow: hidden;
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
  }
  .card .muted {
    font-size: 0.92em;
  }
  aside.details {
    width: 320px;
    padding: 0;
    display: block;
  }
  .unread {
    display: grid;
    gap: 12px;
    justify-items: start;
    padding: 12px 16px;
  }
  .unread > vscode-button[appearance='icon'] {
    justify-self: end;
  }
  .unread .empty {
    display: grid;
    gap: 12px;
    justify-items: start;
  }
  .unread progress {
    width: 100%;
  }
  @media (max-width: 640px) {
    aside.details {
      width: auto;
      max-height: 55%;
      padding: 0;
    }
  }
`;
